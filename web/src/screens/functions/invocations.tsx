// The latest invocations of a function, live, whoever asked for them.
import {useState} from "preact/hooks";
import {confirm} from "../../components/dialog";
import {Empty} from "../../components/empty";
import {Fact} from "../../components/fact";
import {Failure} from "../../components/failure";
import {Payload} from "../../components/payload";
import {VirtualTable, type Column} from "../../components/virtual_table";
import {clock, dateTime, texts as general} from "../../i18n";
import {usePolled} from "../../polled";
import {follow, href, route, setQuery} from "../../router";
import {writes} from "../../session";
import {Answer, Outcome} from "./answer";
import {invocationsOf, invoke, type Invocation, type Result} from "./data";
import {sourceOf} from "./report";
import {ResultView, setEvent} from "./test_event";
import {texts} from "./texts";

const looked_every_ms = 1000;

function SourceLink({text}: {text: string}) {
  const t = texts.value;
  const source = sourceOf(text);
  return (
    <>
      <span class="quiet-text">{t.sources[source.kind]}</span>{" "}
      {source.link ? (
        <a href={href(source.link.screen, source.link.query)} onClick={follow}>
          <bdi>{source.name}</bdi>
        </a>
      ) : (
        <bdi>{source.name}</bdi>
      )}
    </>
  );
}

function columns(): Column<Invocation>[] {
  const t = texts.value;
  const names = t.columnsOfInvocations;
  return [
    {id: "time", title: names.time, needs: 115, width: "8.2rem", cell: (row) => <time title={dateTime(row.at)}>{clock(row.at)}</time>},
    {id: "outcome", title: names.outcome, needs: 90, width: "6.5rem",
     cell: (row) => <span class={`badge ${row.failure ? "bad" : "good"}`}>{row.failure ? t.failedResult : t.ok}</span>},
    {id: "duration", title: names.duration, needs: 90, width: "6.5rem", cell: (row) => t.milliseconds(row.durationMs)},
    {id: "start", title: names.start, needs: 80, width: "6rem",
     cell: (row) => <span class={row.initMs === undefined ? "quiet-text" : "warm-text"}>{row.initMs === undefined ? t.warm : t.coldShort}</span>},
    {id: "source", title: names.source, needs: 150, width: "minmax(0, 1fr)", cell: (row) => <SourceLink text={row.source} />},
    {id: "memory", title: names.memory, needs: 110, width: "8rem", cell: (row) => t.of(row.memoryUsedMb, row.memoryMb)},
    {id: "request", title: names.requestId, needs: 200, width: "minmax(0, 1fr)", cell: (row) => <bdi title={row.requestId}>{row.requestId}</bdi>},
  ];
}

function Again({name, row}: {name: string; row: Invocation}) {
  const t = texts.value;
  const [state, setState] = useState<{running: boolean; result: Result | undefined; failure: unknown}>({running: false, result: undefined, failure: undefined});
  const {event} = row;
  if (event === undefined) return <p class="quiet-text">{t.eventGone(t.bytes(row.eventBytes))}</p>;
  const run = async () => {
    if (!(await confirm({title: t.againTitle, text: t.againText(name), action: t.invoke}))) return;
    setState({running: true, result: undefined, failure: undefined});
    try {
      setState({running: false, result: await invoke(name, event), failure: undefined});
    } catch (failure) {
      setState({running: false, result: undefined, failure});
    }
  };
  const edit = () => {
    let shown = event;
    try {
      shown = JSON.stringify(JSON.parse(event), null, 2);
    } catch {
      // as it is
    }
    setEvent(name, shown);
    setQuery({tab: "", invocation: ""}, "push");
  };
  return (
    <>
      <Payload bytes={new TextEncoder().encode(event)} />
      <p class="line functions-wrap">
        <button type="button" class="main" {...writes(state.running)} onClick={() => void run()}>
          {state.running ? t.invoking : t.again}
        </button>
        <button type="button" onClick={edit}>
          {t.edit}
        </button>
      </p>
      <Failure of={state.failure} />
      {state.result && <ResultView result={state.result} />}
    </>
  );
}

function Details({name, row}: {name: string; row: Invocation}) {
  const t = texts.value;
  return (
    <aside class="details functions-details" aria-label={t.chosen}>
      <header>
        <h2>{clock(row.at)}</h2>
        <button type="button" class="quiet" onClick={() => setQuery({invocation: ""}, "push")} aria-label={general.value.close}>
          ✕
        </button>
      </header>
      <Outcome failure={row.failure ?? ""} />
      <dl>
        <Fact name={t.columnsOfInvocations.source}><SourceLink text={row.source} /></Fact>
        <Fact name={t.facts.duration}>{t.milliseconds(row.durationMs)}</Fact>
        <Fact name={t.facts.billed}>{t.billed(row.billedMs)}</Fact>
        <Fact name={t.facts.waited}>{t.milliseconds(row.waitMs)}</Fact>
        <Fact name={t.facts.memory}>{t.of(row.memoryUsedMb, row.memoryMb)}</Fact>
        <Fact name={t.facts.start}>{row.initMs === undefined ? t.warm : t.cold(row.initMs)}</Fact>
        <Fact name={t.facts.requestId}><code>{row.requestId}</code></Fact>
      </dl>
      <h3>{t.answer}</h3>
      {row.failure && row.failure !== "Unhandled" ? <p class="functions-error">{`${row.failure}: ${row.answer}`}</p> : <Answer text={row.answer} isFailure={Boolean(row.failure)} />}
      {row.answerIsCut && <p class="quiet-text">{t.answerIsCut}</p>}
      <h3>{t.event}</h3>
      <Again key={row.sequence} name={name} row={row} />
    </aside>
  );
}

export function Invocations({name}: {name: string}) {
  const t = texts.value;
  const {value: rows, failure} = usePolled<Invocation[]>(`invocations ${name}`, (before) => invocationsOf(name, before), () => looked_every_ms);
  const chosen = route.value.query.get("invocation") ?? "";
  const row = rows?.find((one) => String(one.sequence) === chosen);
  if (rows?.length === 0) return <Empty title={t.noInvocations}><p>{t.noInvocationsText}</p></Empty>;
  return (
    <>
      <Failure of={failure} />
      <div class={row ? "split functions-list" : "whole functions-list"}>
        <div class="grow">
          {rows && (
            <VirtualTable label={t.tabs.invocations} columns={columns()} rows={rows} idOf={(one) => String(one.sequence)} selected={chosen}
              onOpen={(one) => setQuery({invocation: String(one.sequence) === chosen ? "" : String(one.sequence)}, "push")} />
          )}
        </div>
        {row && <Details name={name} row={row} />}
      </div>
    </>
  );
}
