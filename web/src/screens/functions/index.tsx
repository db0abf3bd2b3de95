// Functions: what runs when a message comes, and how it went.
import {signal} from "@preact/signals";
import {useEffect} from "preact/hooks";
import {Command, Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import {ListBody} from "../../components/list_body";
import {SearchField} from "../../components/search_field";
import type {Column} from "../../components/virtual_table";
import {ago, dateTime, texts as general} from "../../i18n";
import {usePolled} from "../../polled";
import {follow, href, route, setQuery} from "../../router";
import {containing} from "../../words";
import {allFunctions, type FunctionRow} from "./data";
import {OneFunction} from "./one_function";
import "../../components/pair.css";
import "./style.css";
import {texts} from "./texts";

const looked_every_ms = 1000;
const now = signal(Date.now());

function Last({row}: {row: FunctionRow}) {
  const at = row.activity?.lastInvocation;
  if (at === undefined) return <span class="quiet-text">{texts.value.never}</span>;
  return <time title={dateTime(at)}>{ago(general.value, now.value - at)}</time>;
}

function columns(): Column<FunctionRow>[] {
  const t = texts.value;
  const names = t.columns;
  const errors = (row: FunctionRow) => row.activity?.errors ?? 0;
  return [
    {id: "id", title: names.id, needs: 150, width: "minmax(0, 2fr)", cell: (row) => <bdi title={row.FunctionName}>{row.FunctionName}</bdi>},
    {id: "last", title: names.last, needs: 110, width: "8rem", cell: (row) => <Last row={row} />},
    {id: "errors", title: names.errors, needs: 80, width: "5.5rem", cell: (row) => <span class={errors(row) > 0 ? "warm-text" : "quiet-text"}>{errors(row).toLocaleString()}</span>},
    {id: "invocations", title: names.invocations, needs: 100, width: "7rem", cell: (row) => (row.activity?.invocations ?? 0).toLocaleString()},
    {id: "workers", title: names.workers, needs: 90, width: "6rem",
     cell: ({activity}) => (activity ? t.running(activity.workers - activity.idle, activity.workers) : "–")},
    {id: "runtime", title: names.runtime, needs: 110, width: "7.5rem", cell: (row) => row.Runtime},
    {id: "memory", title: names.memory, needs: 90, width: "6rem", cell: (row) => t.megabytes(row.MemorySize)},
    {id: "timeout", title: names.timeout, needs: 80, width: "5.5rem", cell: (row) => t.seconds(row.Timeout)},
    {id: "handler", title: names.handler, needs: 150, width: "minmax(0, 1.2fr)", cell: (row) => <bdi title={row.Handler}>{row.Handler}</bdi>},
  ];
}

function NoFunctions() {
  const t = texts.value;
  return (
    <Empty title={t.emptyTitle}>
      <p>{t.emptyText}</p>
      <Command text={"aws lambda create-function --function-name hello --runtime python3.12 --handler index.handler --zip-file fileb://hello.zip" +
        ` --role arn:aws:iam::000000000000:role/hello --endpoint-url ${location.origin}`} />
      <p>
        <a href={href("stacks")} onClick={follow}>
          {t.emptyOther}
        </a>
      </p>
    </Empty>
  );
}

function List() {
  const t = texts.value;
  const {value: rows, failure} = usePolled("functions", allFunctions, () => looked_every_ms);
  useEffect(() => {
    const timer = setInterval(() => (now.value = Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const passes = containing(route.value.query.get("q") ?? "");
  const shown = (rows ?? []).filter((row) => passes(`${row.FunctionName} ${row.Runtime ?? ""} ${row.Handler ?? ""}`));
  return (
    <section class="screen screen-functions">
      <h1 class="hidden">{t.title}</h1>
      <div class="controls" role="search">
        <SearchField label={t.filter} />
        <span class="count" role="status">
          {rows ? t.count(shown.length, rows.length) : ""}
        </span>
      </div>
      <Failure of={failure} />
      <ListBody label={t.title} count={rows?.length} rows={shown} columns={columns()} idOf={(row) => row.FunctionName}
        onOpen={(row) => setQuery({function: row.FunctionName}, "push")} empty={<NoFunctions />} noMatch={t.noMatch} />
    </section>
  );
}

export default function Functions() {
  const name = route.value.query.get("function") ?? "";
  return name ? <OneFunction key={name} name={name} /> : <List />;
}
