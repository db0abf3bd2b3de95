// A test event, and what the function makes of it.
import {signal} from "@preact/signals";
import {useMemo, useState} from "preact/hooks";
import {Editor, type Mark} from "../../components/editor";
import {Fact} from "../../components/fact";
import {Failure} from "../../components/failure";
import {jsonPlace} from "../../json_place";
import {writes} from "../../session";
import {Answer, Outcome} from "./answer";
import {invoke, keepEvent, keptEvent, type Result} from "./data";
import {reportOf} from "./report";
import {templateNames, templates} from "./templates";
import {texts} from "./texts";

const pretty = (value: unknown) => JSON.stringify(value, null, 2);
const first = () => pretty(templates.connected?.(Date.now()));

// Kept while other parts are looked at.
const events = signal<ReadonlyMap<string, string>>(new Map());
const results = signal<ReadonlyMap<string, Result>>(new Map());

export const eventOf = (name: string): string => events.value.get(name) ?? keptEvent(name) ?? first();

export function setEvent(name: string, event: string): void {
  events.value = new Map(events.peek()).set(name, event);
  keepEvent(name, event);
}

function wrong(event: string): {marks: Mark[]; why: string} {
  try {
    JSON.parse(event.trim() || "{}");
    return {marks: [], why: ""};
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const at = Math.min(jsonPlace(event) ?? 0, Math.max(0, event.length - 1));
    return {marks: [{from: at, to: at + 1, message: why}], why};
  }
}

export function ResultView({result}: {result: Result}) {
  const t = texts.value;
  const report = reportOf(result.log);
  return (
    <div class="functions-result" role="status" data-outcome={result.failure ? "failed" : "succeeded"}>
      <Outcome failure={result.failure} />
      <Answer text={result.answer} isFailure={result.failure !== ""} />
      {report && (
        <dl class="functions-facts">
          <Fact name={t.facts.duration}>{t.milliseconds(report.durationMs)}</Fact>
          <Fact name={t.facts.billed}>{t.billed(report.billedMs)}</Fact>
          <Fact name={t.facts.memory}>{t.of(report.usedMb, report.memoryMb)}</Fact>
          <Fact name={t.facts.start}>{report.initMs === undefined ? t.warm : t.cold(report.initMs)}</Fact>
          <Fact name={t.facts.whole}>{t.milliseconds(result.tookMs)}</Fact>
          <Fact name={t.facts.requestId}>
            <code>{report.requestId}</code>
          </Fact>
        </dl>
      )}
      {result.log && (
        <details class="functions-tail" open>
          <summary>{t.log}</summary>
          <pre tabIndex={0} role="group" aria-label={t.log}>
            {result.log}
          </pre>
        </details>
      )}
    </div>
  );
}

function EventForm({name, running, onRun}: {name: string; running: boolean; onRun: (event: string) => void}) {
  const t = texts.value;
  const event = eventOf(name);
  const {marks, why} = useMemo(() => wrong(event), [event]);
  return (
    <section class="panel pile" aria-label={t.event}>
      <div class="line">
        <h2 class="grow">{t.event}</h2>
        <label>
          <span class="hidden">{t.template}</span>
          <select value="" onChange={(change) => {
            const made = templates[change.currentTarget.value];
            if (made) setEvent(name, pretty(made(Date.now())));
            change.currentTarget.value = "";
          }}>
            <option value="">{t.template}</option>
            {templateNames.map((one) => (
              <option key={one} value={one}>
                {t.templates[one]}
              </option>
            ))}
          </select>
        </label>
        <button type="button" class="main" {...writes(running)} onClick={() => onRun(event)}>
          {running ? t.invoking : t.invoke}
        </button>
      </div>
      <Editor label={t.event} value={event} language="json" size="large" marks={marks} onChange={(text) => setEvent(name, text)} onRun={() => onRun(eventOf(name))} />
      {why && <p class="warm-text">{t.notJson(why)}</p>}
      <p class="quiet-text">{t.kept}</p>
    </section>
  );
}

export function TestEvent({name}: {name: string}) {
  const t = texts.value;
  const [state, setState] = useState<{running: boolean; failure: unknown}>({running: false, failure: undefined});
  const result = results.value.get(name);
  const run = async (event: string) => {
    if (state.running) return;
    setState({running: true, failure: undefined});
    try {
      const got = await invoke(name, event);
      results.value = new Map(results.peek()).set(name, got);
      setState({running: false, failure: undefined});
    } catch (failure) {
      setState({running: false, failure});
    }
  };
  return (
    <div class="pair">
      <EventForm name={name} running={state.running} onRun={(event) => void run(event)} />
      <section class="panel pile" aria-label={t.result}>
        <h2>{t.result}</h2>
        <Failure of={state.failure} />
        {result ? <ResultView result={result} /> : <p class="quiet-text">{t.noResult}</p>}
      </section>
    </div>
  );
}
