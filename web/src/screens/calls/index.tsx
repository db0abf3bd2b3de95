// Calls: the latest calls of AWS's APIs, live.
import {useEffect} from "preact/hooks";
import {Command, Empty} from "../../components/empty";
import {SearchField} from "../../components/search_field";
import {VirtualTable, type Column} from "../../components/virtual_table";
import {clock, dateTime} from "../../i18n";
import {route, setQuery} from "../../router";
import {containing} from "../../words";
import {calls, watch, type CallRow} from "./data";
import {Details} from "./details";
import "./style.css";
import {texts} from "./texts";

function tone(status: number): string {
  return status >= 500 ? "bad" : status >= 400 ? "warm" : "good";
}

function columns(): Column<CallRow>[] {
  const t = texts.value;
  return [
    {id: "time", title: t.time, needs: 115, width: "8.2rem", cell: ([, time]) => <time title={dateTime(time)}>{clock(time)}</time>},
    {id: "operation", title: t.operation, needs: 150, width: "minmax(0, 1.4fr)", cell: ([, , , operation]) => <bdi>{operation || "–"}</bdi>},
    {id: "code", title: t.status, needs: 80, width: "5.6rem", cell: ([, , , , status]) => <span class={`badge ${tone(status)}`}>{status}</span>},
    {id: "service", title: t.service, needs: 110, width: "minmax(0, 0.7fr)", cell: ([, , service]) => service},
    {id: "took", title: t.took, needs: 100, width: "7rem", cell: ([, , , , , took]) => t.milliseconds(took)},
    {id: "error", title: t.error, needs: 160, width: "minmax(0, 1.4fr)", cell: (row) => <bdi title={row[9]}>{row[9]}</bdi>},
    {id: "agent", title: t.agent, needs: 160, width: "minmax(0, 2fr)", cell: (row) => <bdi title={row[6]}>{row[6]}</bdi>},
  ];
}

const textOf = (row: CallRow) => [row[2], row[3], row[4], row[6], row[7], row[8], row[9]].join(" ");

export default function Calls() {
  useEffect(watch, []);
  const t = texts.value;
  const query = route.value.query;
  const passes = containing(query.get("q") ?? "");
  const own = query.get("own") === "1";
  const countable = own ? calls.value : calls.value.filter((row) => row[10] === 0);
  const shown = countable.filter((row) => passes(textOf(row)));
  const chosen = query.get("call") ?? "";
  const row = chosen === "" ? undefined : calls.value.find((one) => String(one[0]) === chosen);
  return (
    <section class="screen calls">
      <h1>{t.title}</h1>
      <div class="controls" role="search">
        <SearchField label={t.filter} hint={t.filterHint} />
        <label class="check">
          <input type="checkbox" checked={own} onChange={(event) => setQuery({own: event.currentTarget.checked ? "1" : ""})} />
          {t.own}
        </label>
        <span class="count" role="status">
          {t.shown(shown.length, countable.length)}
        </span>
      </div>
      {countable.length === 0 ? (
        <Empty title={t.emptyTitle}>
          <p>{t.emptyText}</p>
          <Command text={`aws dynamodb list-tables --endpoint-url ${location.origin}`} />
        </Empty>
      ) : shown.length === 0 ? (
        <Empty title={t.noMatch} />
      ) : (
        <div class={row ? "split" : "whole"}>
          <div class="grow">
            <VirtualTable label={t.title} columns={columns()} rows={shown} idOf={(row) => String(row[0])} selected={chosen}
              onOpen={(row) => setQuery({call: String(row[0]) === chosen ? "" : String(row[0])}, "push")} />
          </div>
          {row && <Details key={row[0]} row={row} />}
        </div>
      )}
    </section>
  );
}
