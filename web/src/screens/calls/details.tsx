// One call: who asked, what for, what came of it; and the same as a command.
import {get} from "../../api";
import {CopyButton} from "../../components/copy_button";
import {Failure} from "../../components/failure";
import {Payload} from "../../components/payload";
import {dateTime, texts as general} from "../../i18n";
import {follow, href, setQuery} from "../../router";
import {useEffect, useState} from "preact/hooks";
import {command, type CallDetails} from "./cli";
import {subjectOf} from "./subject";
import {texts} from "./texts";
import type {CallRow} from "./data";

const encoder = new TextEncoder();

function useDetails(number: number): {details: CallDetails | undefined; failure: unknown} {
  const [state, setState] = useState<{number: number; details: CallDetails | undefined; failure: unknown}>({number, details: undefined, failure: undefined});
  useEffect(() => {
    let over = false;
    get<CallDetails>(`calls/${number}`).then(
      (details) => over || setState({number, details, failure: undefined}),
      (failure: unknown) => over || setState({number, details: undefined, failure}),
    );
    return () => void (over = true);
  }, [number]);
  return state.number === number ? state : {details: undefined, failure: undefined};
}

function AsCommand({service, operation, details}: {service: string; operation: string; details: CallDetails}) {
  const t = texts.value;
  const made = command(service, operation, details, location.origin);
  if (typeof made === "string") return <p class="quiet-text">{t.noCommand[made]}</p>;
  return (
    <>
      <div class="calls-command">
        <pre tabIndex={0} aria-label={t.command}><bdi>{made.text}</bdi></pre>
        <CopyButton text={made.text} title={t.copy} />
      </div>
      {made.file && <p class="quiet-text">{t.file}</p>}
    </>
  );
}

function What({service, operation, details}: {service: string; operation: string; details: CallDetails}) {
  const t = texts.value;
  const subject = subjectOf(service, details.input);
  const headers = Object.entries(details.headers ?? {});
  return (
    <>
      {details.message && <p class="failure"><bdi>{details.message}</bdi></p>}
      {subject && (
        <p>
          {t.about}{" "}
          <a href={href(subject.screen, subject.query)} onClick={follow}>
            <bdi>{subject.name}</bdi>
          </a>
        </p>
      )}
      <h3>{t.command}</h3>
      <AsCommand service={service} operation={operation} details={details} />
      {details.input !== undefined && (
        <>
          <h3>{t.input}</h3>
          <Payload bytes={encoder.encode(JSON.stringify(details.input))} />
        </>
      )}
      {details.payload !== undefined && (
        <>
          <h3>{t.payload}</h3>
          <Payload bytes={encoder.encode(details.payload)} />
        </>
      )}
      {headers.length > 0 && (
        <>
          <h3>{t.headers}</h3>
          <dl>
            {headers.map(([name, value]) => (
              <>
                <dt><bdi>{name}</bdi></dt>
                <dd><bdi>{value}</bdi></dd>
              </>
            ))}
          </dl>
        </>
      )}
    </>
  );
}

export function Details({row}: {row: CallRow}) {
  const t = texts.value;
  const [number, time, service, operation, status, took, agent, address, requestId, error] = row;
  const {details, failure} = useDetails(number);
  return (
    <aside class="details calls-details" aria-label={t.detailsOf(operation || service)}>
      <header>
        <h2>
          <bdi>{operation || "–"}</bdi>
        </h2>
        <button type="button" class="quiet" onClick={() => setQuery({call: ""}, "push")} aria-label={general.value.close}>
          ✕
        </button>
      </header>
      <dl>
        <dt>{t.time}</dt>
        <dd>{dateTime(time)}</dd>
        <dt>{t.service}</dt>
        <dd><bdi>{service}</bdi></dd>
        <dt>{t.status}</dt>
        <dd>{status} <bdi>{error}</bdi></dd>
        <dt>{t.took}</dt>
        <dd>{t.milliseconds(took)}</dd>
        <dt>{t.requestId}</dt>
        <dd><bdi>{requestId}</bdi></dd>
        <dt>{t.address}</dt>
        <dd><bdi>{address || "–"}</bdi></dd>
        <dt>{t.agent}</dt>
        <dd><bdi>{agent || "–"}</bdi></dd>
      </dl>
      <Failure of={failure} />
      {details && <What service={service} operation={operation} details={details} />}
    </aside>
  );
}
