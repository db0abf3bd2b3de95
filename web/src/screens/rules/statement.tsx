// The statement, and what it makes of a message: tried while it is written.
import {useEffect, useMemo, useState} from "preact/hooks";
import {Editor, type Mark} from "../../components/editor";
import {Failure} from "../../components/failure";
import {recentOf, sampleOf, test, type Outcome, type Sample} from "./data";
import {drafts, trySample, write} from "./drafts";
import {OutcomeView} from "./outcome";
import {offsetOf, sqlPlace, wordAt, type Draft} from "./rule";
import {texts} from "./texts";

const versions = ["2016-03-23", "2015-10-08", "beta"];
const settled_ms = 200;

interface Answer {
  sql: string; // that it is about
  outcome: Outcome | undefined;
  failure: unknown;
}

// The answer for what is in the fields; the one before stays until it has come.
function useOutcome(draft: Draft, sample: Sample): Answer {
  const [state, setState] = useState<Answer>({sql: "", outcome: undefined, failure: undefined});
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      test(draft.sql, draft.version, sample, stop.signal).then(
        (outcome) => stop.signal.aborted || setState({sql: draft.sql, outcome, failure: undefined}),
        (failure: unknown) => stop.signal.aborted || setState({sql: draft.sql, outcome: undefined, failure}),
      );
    }, settled_ms);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [draft.sql, draft.version, sample]);
  return state;
}

function marksOf(sql: string, outcome: Outcome | undefined): Mark[] {
  if (outcome?.outcome !== "REFUSED" || !outcome.message) return [];
  const place = sqlPlace(sql, outcome.message);
  if (place) return [place];
  if (outcome.line === undefined || outcome.column === undefined) return [];
  return [{...wordAt(sql, offsetOf(sql, outcome.line, outcome.column)), message: outcome.message}];
}

// Over the whole width of its column, below the statement: what is wrong and where, for who cannot see the mark.
function Wrong({marks}: {marks: readonly Mark[]}) {
  return marks.length === 0 ? null : <p class="rules-wrong" role="alert">{marks.map((mark) => <bdi key={mark.from}>{mark.message}</bdi>)}</p>;
}

function TakeLast({name}: {name: string}) {
  const t = texts.value;
  const [said, setSaid] = useState<unknown>(undefined);
  const take = () => {
    recentOf(name).then(
      ({lastMessage}) => {
        if (lastMessage) trySample(name, sampleOf(lastMessage));
        setSaid(lastMessage ? undefined : t.noLast);
      },
      (failure: unknown) => setSaid(failure),
    );
  };
  return (
    <>
      <div class="line">
        <h2 class="grow">{t.test}</h2>
        <button type="button" onClick={take}>
          {t.last}
        </button>
      </div>
      {typeof said === "string" ? <p class="quiet-text" role="status">{said}</p> : <Failure of={said} />}
    </>
  );
}

function SampleFields({name, sample}: {name: string; sample: Sample}) {
  const t = texts.value;
  const set = (change: Partial<Sample>) => trySample(name, change);
  const field = (label: string, key: "clientId" | "principal" | "sourceIp") => (
    <label>
      {label}
      <input value={sample[key]} spellcheck={false} onInput={(event) => set({[key]: event.currentTarget.value})} />
    </label>
  );
  return (
    <>
      <label class="rules-field">
        <span>{t.topic}</span>
        <input class="code" value={sample.topic} spellcheck={false} onInput={(event) => set({topic: event.currentTarget.value})} />
      </label>
      {sample.base64 ? (
        <p class="line">
          <span class="grow">{t.bytesPayload(atob(sample.base64).length)}</span>
          <button type="button" onClick={() => set({base64: "", payload: ""})}>
            {t.replacePayload}
          </button>
        </p>
      ) : (
        <Editor label={t.payload} value={sample.payload} language="json" size="small" onChange={(payload) => set({payload})} />
      )}
      <details>
        <summary>{t.more}</summary>
        <div class="fields rules-three">
          {field(t.clientId, "clientId")}
          {field(t.principal, "principal")}
          {field(t.sourceIp, "sourceIp")}
        </div>
      </details>
    </>
  );
}

export function Statement({name, isNew}: {name: string; isNew: boolean}) {
  const t = texts.value;
  const kept = drafts.value.get(name);
  const draft = kept?.draft, sample = kept?.sample;
  if (!draft || !sample) return null;
  return <Written name={name} isNew={isNew} draft={draft} sample={sample} title={t.statement} />;
}

function Written({name, isNew, draft, sample, title}: {name: string; isNew: boolean; draft: Draft; sample: Sample; title: string}) {
  const t = texts.value;
  const {sql: tried, outcome, failure} = useOutcome(draft, sample);
  const marks = useMemo(() => marksOf(tried, outcome), [tried, outcome]); // the editor moves them with what is written meanwhile
  return (
    <div class="pair uneven">
      <div class="rules-stack">
        <section class="panel pile" aria-label={title}>
          <div class="line">
            <h2 class="grow">{title}</h2>
            <label class="line">
              <span class="quiet-text">{t.version}</span>
              <select value={draft.version} onChange={(event) => write(name, {version: event.currentTarget.value})}>
                {[...new Set([...versions, draft.version])].map((version) => (
                  <option key={version} value={version}>
                    {version}
                  </option>
                ))}
              </select>
            </label>
          </div>
          <Editor label={title} value={draft.sql} language="sql" size="small" marks={marks} onChange={(sql) => write(name, {sql})} />
          <Wrong marks={marks} />
          <label class="rules-field">
            <span>{t.description}</span>
            <input value={draft.description} onInput={(event) => write(name, {description: event.currentTarget.value})} />
          </label>
        </section>
        <section class="panel pile" aria-label={t.test}>
          {isNew ? <h2>{t.test}</h2> : <TakeLast name={name} />}
          <SampleFields name={name} sample={sample} />
        </section>
      </div>
      <section class="panel pile" aria-label={t.result}>
        <h2>{t.result}</h2>
        <Failure of={failure} />
        {outcome && <OutcomeView outcome={outcome} />}
      </section>
    </div>
  );
}
