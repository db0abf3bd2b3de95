// The table's changes as they happen: which item, what it was, what it is.
import {signal} from "@preact/signals";
import {Command, Empty} from "../../components/empty";
import {SearchField} from "../../components/search_field";
import {VirtualTable, type Column} from "../../components/virtual_table";
import {texts as general, clock, dateTime} from "../../i18n";
import {route, setQuery} from "../../router";
import {Cell} from "./cells";
import {place, watching} from "./dynamo";
import {forget, missed, seen, type Seen} from "./live";
import {differences, type Difference} from "./reader";
import {keyNames, type Table} from "./table";
import {texts} from "./texts";
import {brief, idOf, pick, type Item} from "./values";

const paused = signal<readonly Seen[] | undefined>(undefined); // what was there when it was paused

type Kind = "made" | "changed" | "deleted" | "expired";
const kindOf = ({o, n, ttl}: Seen): Kind => (n === null ? (ttl ? "expired" : "deleted") : o === null ? "made" : "changed");
const isLarge = ({o, n}: Seen) => o === true || n === true;
const steps_max = 12; // more have no room in a row
const tones: Record<Kind, string> = {made: "good", changed: "", deleted: "bad", expired: "warm"};

const keyText = (keys: readonly string[], key: Item) => Object.values(pick(key, keys)).map((value) => brief(value)).join(" · ");

function Step({difference: {name, before, after}}: {difference: Difference}) {
  return (
    <span class="tables-step">
      <bdi class="quiet-text">{name}</bdi> {before && <Cell value={before} />}
      {before && after && <span aria-hidden="true"> → </span>}
      {!after && <span aria-hidden="true"> ✕</span>} {after && <Cell value={after} />}
    </span>
  );
}

function columns(keys: readonly string[]): Column<Seen>[] {
  const t = texts.value.changes;
  const steps = (change: Seen) => differences(change.o, change.n).filter((one) => !keys.includes(one.name)).slice(0, steps_max);
  return [
    {id: "time", title: t.time, needs: 115, width: "8.2rem", 
     cell: (change) => <time title={dateTime(change.t)}>{clock(change.t)}</time>},
    {id: "key", title: t.key, needs: 90, width: "minmax(0, 1fr)", 
     cell: (change) => <bdi title={keyText(keys, change.k)}>{keyText(keys, change.k)}</bdi>},
    {id: "steps", title: t.steps, needs: 130, width: "minmax(0, 2.4fr)",
     cell: (change) => (isLarge(change) ? <span class="quiet-text">{t.large}</span>
       : steps(change).map((one) => <Step key={one.name} difference={one} />))},
    {id: "kind", title: t.kind, needs: 105, width: "7.5rem", 
     cell: (change) => <span class={`badge ${tones[kindOf(change)]}`}>{t.kinds[kindOf(change)]}</span>},
  ];
}

function One({change, keys}: {change: Seen; keys: readonly string[]}) {
  const t = texts.value.changes;
  const all = differences(change.o, change.n).filter((one) => !keys.includes(one.name));
  return (
    <aside class="details" aria-label={t.one}>
      <header>
        <h2><bdi>{keyText(keys, change.k)}</bdi></h2>
        <button type="button" class="quiet" aria-label={general.value.close} onClick={() => setQuery({change: ""})}>✕</button>
      </header>
      <p><span class={`badge ${tones[kindOf(change)]}`}>{t.kinds[kindOf(change)]}</span> <time>{dateTime(change.t)}</time></p>
      <dl>
        {all.map(({name, before, after}) => (
          <>
            <dt key={name}><bdi>{name}</bdi></dt>
            <dd>{before ? <s class="tables-old"><Cell value={before} /></s> : ""} {after && <Cell value={after} />}</dd>
          </>
        ))}
      </dl>
      {isLarge(change) && <p class="quiet-text">{t.large}</p>}
      {change.n !== null && <p><button type="button"
        onClick={() => setQuery({tab: "", change: "", item: idOf(keys, change.k)}, "push")}>{t.openItem}</button></p>}
    </aside>
  );
}

const textOf = (change: Seen): string => `${JSON.stringify(change.k)} ${JSON.stringify(change.o)} ${JSON.stringify(change.n)}`.toLowerCase();

export function Changes({table}: {table: Table}) {
  const t = texts.value.changes;
  const keys = keyNames(table);
  const query = route.value.query;
  const filter = (query.get("find") ?? "").toLowerCase();
  const all = paused.value ?? seen.value;
  const shown = filter ? all.filter((change) => textOf(change).includes(filter)) : all;
  const open = shown.find((change) => String(change.number) === query.get("change"));
  if (watching.value && !watching.value.live) return <Empty title={t.notLive}><p>{t.elsewhere(watching.value.at)}</p></Empty>;
  return (
    <>
      <div class="controls" role="search">
        <SearchField label={t.filter} name="find" />
        <span class="count" role="status">{t.count(shown.length)}{paused.value
          && ` · ${t.waiting(seen.value.filter((one) => one.number > (paused.value?.[0]?.number ?? 0)).length)}`}</span>
        <button type="button" aria-pressed={paused.value !== undefined}
          onClick={() => (paused.value = paused.value ? undefined : seen.peek())}>{paused.value ? t.resume : t.pause}</button>
        <button type="button" onClick={() => (forget(), (paused.value = undefined))}>{t.clear}</button>
      </div>
      {missed.value && <p class="warm-text">{t.missed}</p>}
      {all.length === 0 && (
        <Empty title={t.emptyTitle}>
          <p>{t.emptyText}</p>
          <Command text={`aws dynamodb scan --table-name ${table.TableName} --endpoint-url ${place().endpoint}`} />
        </Empty>
      )}
      {all.length > 0 && shown.length === 0 && <Empty title={t.noMatch} />}
      {shown.length > 0 && (
        <div class={open ? "split" : "whole"}>
          <div class="grow">
            <VirtualTable label={t.label} columns={columns(keys)} rows={shown} idOf={(change) => String(change.number)}
              selected={open ? String(open.number) : ""}
              classOf={(change) => (Date.now() - change.t < 1500 ? "flash-a" : "")}
                onOpen={(change) => setQuery({change: open === change ? "" : String(change.number)})} />
          </div>
          {open && <One change={open} keys={keys} />}
        </div>
      )}
    </>
  );
}
