// Why a rule failed of late, and its messages once more.
import {useMemo, useState} from "preact/hooks";
import {confirm} from "../../components/dialog";
import {Editor} from "../../components/editor";
import {Failure} from "../../components/failure";
import {Payload} from "../../components/payload";
import {clock, dateTime} from "../../i18n";
import {usePolled} from "../../polled";
import {writes} from "../../session";
import {publish, recentOf, type Failure as Failed} from "./data";
import {replaysOf, type Replay} from "./rule";
import {texts} from "./texts";

const looked_every_ms = 2000;

function Row({failure, onTake}: {failure: Failed; onTake: (document: string) => void}) {
  const t = texts.value;
  const {document} = failure;
  return (
    <li class="rules-failure">
      <div class="line rules-wrap">
        <time class="quiet-text" title={dateTime(failure.at)}>
          {clock(failure.at)}
        </time>
        <span class="badge bad">{failure.action || t.evaluation}</span>
        <bdi class="grow rules-resource" title={failure.resource}>
          {failure.resource.replace(/^arn:[^:]*:[^:]*:[^:]*:[^:]*:/, "")}
        </bdi>
        {document ? (
          <button type="button" onClick={() => onTake(document)}>
            {t.take}
          </button>
        ) : (
          <span class="quiet-text">{t.tooLong}</span>
        )}
      </div>
      <p class="rules-error">
        <bdi>{failure.code ? `${failure.code}: ${failure.message}` : failure.message}</bdi>
      </p>
    </li>
  );
}

function Original({replay}: {replay: Replay}) {
  const t = texts.value;
  return (
    <article class="rules-original" aria-label={replay.topic}>
      <h3>{t.original}</h3>
      <p>
        <bdi class="rules-topic">{replay.topic}</bdi> <bdi class="quiet-text">{replay.clientId}</bdi>
      </p>
      <Payload bytes={replay.payload} />
      {replay.failures.length > 0 && <h3>{t.because}</h3>}
      {replay.failures.map((one, index) => (
        <p key={index} class="rules-error">
          <bdi>{`${one.failedAction ?? ""}: ${one.errorMessage ?? ""}`}</bdi>
        </p>
      ))}
    </article>
  );
}

// Basic Ingest reaches one rule, whatever its FROM says, and the statement sees the topic behind the rule's name.
const topicFor = (rule: string, replay: Replay, toRule: boolean): string =>
  toRule && !replay.topic.startsWith("$aws/rules/") ? `$aws/rules/${rule}/${replay.topic}` : replay.topic;

function ReplayForm({name, document, onChange}: {name: string; document: string; onChange: (text: string) => void}) {
  const t = texts.value;
  const [toTopic, setToTopic] = useState(false);
  const [state, setState] = useState<{said: string; failure: unknown}>({said: "", failure: undefined});
  const replays = useMemo(() => replaysOf(document), [document]);
  const isService = replays?.some((one) => one.topic.startsWith("$")) ?? false;
  const toRule = !toTopic || isService;
  const run = async (all: Replay[]) => {
    const topics = all.map((one) => topicFor(name, one, toRule));
    if (!(await confirm({title: t.replayAsk, text: t.replayWhat(topics.join(", ")), action: t.replay(all.length)}))) return;
    try {
      for (const [index, one] of all.entries()) await publish(topics[index] ?? one.topic, one.payload);
      setState({said: t.replayed(topics.join(", ")), failure: undefined});
    } catch (failure) {
      setState({said: "", failure});
    }
  };
  return (
    <>
      <p class="quiet-text">{t.replayHint}</p>
      <Editor label={t.document} value={document} language="json" size="small" onChange={onChange} />
      {document.trim() !== "" && !replays && <p class="warm-text" role="status">{t.notADocument}</p>}
      {replays?.map((one, index) => <Original key={index} replay={one} />)}
      {replays && (
        <form class="stack" onSubmit={(event) => {
          event.preventDefault();
          void run(replays);
        }}>
          <fieldset class="rules-choice">
            <legend>{t.replayTo}</legend>
            <label class="rules-radio">
              <input type="radio" name="to" checked={toRule} onChange={() => setToTopic(false)} />
              <span>{t.toRule(name)}</span>
            </label>
            <label class="rules-radio">
              <input type="radio" name="to" disabled={isService} checked={!toRule} onChange={() => setToTopic(true)} />
              <span>{isService ? t.serviceTopic : t.toTopic}</span>
            </label>
          </fieldset>
          <div class="line">
            <span class="grow good-text rules-said" role="status">
              {state.said}
            </span>
            <button type="submit" class="main" {...writes()}>
              {t.replay(replays.length)}
            </button>
          </div>
          <Failure of={state.failure} />
        </form>
      )}
    </>
  );
}

export function Failures({name}: {name: string}) {
  const t = texts.value;
  const {value, failure} = usePolled(`recent ${name}`, () => recentOf(name), () => looked_every_ms);
  const [document, setDocument] = useState("");
  return (
    <div class="pair uneven">
      <section class="panel pile" aria-label={t.failuresTitle}>
        <h2>{t.failuresTitle}</h2>
        <Failure of={failure} />
        {value?.failures.length === 0 && <p class="quiet-text">{t.noFailures}</p>}
        <ul class="rules-failures">
          {value?.failures.map((one) => <Row key={one.number} failure={one} onTake={(text) => setDocument(JSON.stringify(JSON.parse(text), null, 2))} />)}
        </ul>
      </section>
      <section class="panel pile" aria-label={t.replayTitle}>
        <h2>{t.replayTitle}</h2>
        <ReplayForm name={name} document={document} onChange={setDocument} />
      </section>
    </div>
  );
}
