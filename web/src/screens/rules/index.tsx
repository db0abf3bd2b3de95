// Rules: what is selected from messages, and where it goes.
import {useRef} from "preact/hooks";
import {Command, Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import {ListBody} from "../../components/list_body";
import {SearchField} from "../../components/search_field";
import type {Column} from "../../components/virtual_table";
import {flash} from "../../flash";
import {usePolled} from "../../polled";
import {follow, href, route, setQuery} from "../../router";
import {containing} from "../../words";
import {allRules} from "./data";
import {NewRule, OneRule, State} from "./one_rule";
import {done, failed, type RuleRow} from "./rule";
import "../../components/pair.css";
import "./style.css";
import {texts} from "./texts";

const looked_every_ms = 1000;

function columns(): Column<RuleRow>[] {
  const t = texts.value.columns;
  const number = (id: string, title: string, value: (row: RuleRow) => number, tone = ""): Column<RuleRow> => ({
    id, title, needs: 100, width: "7rem", cell: (row) => <span class={value(row) > 0 ? tone : "quiet-text"}>{value(row).toLocaleString()}</span>,
  });
  return [
    {id: "id", title: t.id, needs: 140, width: "minmax(0, 1.7fr)", cell: (row) => <bdi title={row.ruleName}>{row.ruleName}</bdi>},
    {id: "state", title: t.state, needs: 110, width: "8rem", cell: (row) => <State row={row} />},
    number("matched", t.matched, (row) => row.metrics.topicMatch),
    number("failed", t.failed, failed, "warm-text"),
    number("executed", t.executed, (row) => row.metrics.executed),
    number("done", t.done, done, "good-text"),
    {id: "sql", title: t.sql, needs: 220, width: "minmax(0, 3fr)", cell: (row) => <code><bdi title={row.sql}>{row.sql}</bdi></code>},
  ];
}

// Rows whose numbers went up since the last answer flash.
function useFlash(rows: readonly RuleRow[]): (row: RuleRow) => string {
  const seen = useRef(new Map<string, {count: number; turn: number; at: number}>());
  for (const row of rows) {
    const count = row.metrics.topicMatch;
    const before = seen.current.get(row.ruleName);
    if (before && count > before.count) seen.current.set(row.ruleName, {count, turn: before.turn + 1, at: Date.now()});
    else if (!before || count < before.count) seen.current.set(row.ruleName, {count, turn: 0, at: 0});
  }
  return (row) => {
    const {turn = 0, at = 0} = seen.current.get(row.ruleName) ?? {};
    return flash(turn, at);
  };
}

const example =
  "aws iot create-topic-rule --rule-name hot --topic-rule-payload '{\"sql\": \"SELECT * FROM '\\''plant/+/temperature'\\'' WHERE celsius > 30\", \"actions\": []}'" +
  ` --endpoint-url ${location.origin}`;

function NoRules() {
  const t = texts.value;
  return (
    <Empty title={t.emptyTitle}>
      <p>{t.emptyText}</p>
      <Command text={example} />
    </Empty>
  );
}

function List() {
  const t = texts.value;
  const {value: rows, failure} = usePolled("rules", allRules, () => looked_every_ms);
  const passes = containing(route.value.query.get("q") ?? "");
  const shown = (rows ?? []).filter((row) => passes(`${row.ruleName} ${row.sql}`));
  const flashOf = useFlash(rows ?? []);
  return (
    <section class="screen screen-rules">
      <h1 class="hidden">{t.title}</h1>
      <div class="controls" role="search">
        <SearchField label={t.filter} />
        <span class="count" role="status">
          {rows ? t.count(shown.length, rows.length) : ""}
        </span>
        <a class="button main" href={href("rules", {new: "1"})} onClick={follow}>
          {t.create}
        </a>
      </div>
      <Failure of={failure} />
      <ListBody label={t.title} count={rows?.length} rows={shown} columns={columns()} idOf={(row) => row.ruleName} classOf={flashOf}
        onOpen={(row) => setQuery({rule: row.ruleName}, "push")} empty={<NoRules />} noMatch={t.noMatch} />
    </section>
  );
}

export default function Rules() {
  const query = route.value.query;
  const name = query.get("rule") ?? "";
  if (name) return <OneRule key={name} name={name} />;
  return query.get("new") === "1" ? <NewRule /> : <List />;
}
