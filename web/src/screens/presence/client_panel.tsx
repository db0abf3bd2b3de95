// One client: what is known of it, and its life, newest first. Each lifecycle event leads to its trace.
import {useEffect, useRef} from "preact/hooks";
import {Failure} from "../../components/failure";
import {clock, dateTime, texts as general} from "../../i18n";
import type {Poll} from "../../poll";
import {follow, href, route, setQuery} from "../../router";
import {life, lifeFailure, watchLife, type Moment} from "./client_data";
import type {Client} from "./clients";
import {texts} from "./texts";
import {duration, list, text, type Summary} from "./trace";

export function Status({client}: {client: Client}) {
  const t = texts.value;
  return (
    <span class={`status ${client.connected ? "on" : "off"}`}>
      <span class="dot" aria-hidden="true" />
      {client.connected ? t.connected : t.disconnected}
    </span>
  );
}

function Fact({name, value}: {name: string; value: string}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <bdi>{value || "–"}</bdi>
      </dd>
    </div>
  );
}

function Facts({client}: {client: Client}) {
  const t = texts.value;
  const names = t.columns;
  const d = t.details;
  return (
    <>
      <Status client={client} />
      <dl class="presence-facts">
        <Fact name={names.since} value={dateTime(client.since)} />
        <Fact name={names.version} value={String(client.version)} />
        <Fact name={names.protocol} value={client.protocol} />
        <Fact name={names.address} value={client.address} />
        <Fact name={d.keepAlive} value={client.keepAlive > 0 ? d.seconds(client.keepAlive) : d.none} />
        <Fact name={d.expiry} value={client.expiry === 0 ? d.none : client.expiry >= 4_294_967_295 ? d.never : d.seconds(client.expiry)} />
        <Fact name={d.subscriptions} value={String(client.subscriptions)} />
        {client.thing && <Fact name={names.thing} value={client.thing} />}
        {client.reason && <Fact name={names.reason} value={client.reason} />}
        <Fact name={names.principal} value={client.principal} />
      </dl>
    </>
  );
}

// What happened, beside its name. Reasons of refusals come from croft as they are.
function words(moment: Moment): string {
  const t = texts.value.moments;
  const detail = moment.detail;
  if (moment.kind === "connected") return t.from(text(detail["ipAddress"]));
  if (moment.kind === "subscribed" || moment.kind === "unsubscribed") return list(detail["topics"]).map(text).join("  ") || moment.text;
  if (moment.kind === "published") return t.messages(Number(detail["messages"] ?? 0));
  if (moment.kind === "refused") return moment.text;
  return text(detail["disconnectReason"]);
}

export function OutcomeMark({summary}: {summary: Pick<Summary, "outcome" | "durationUs">}) {
  const t = texts.value.trace;
  const tone = {ok: "good", failed: "bad", running: "warm", skipped: ""}[summary.outcome];
  return (
    <span class={`badge ${tone}`}>
      {summary.outcome === "ok" ? duration(summary.durationUs) : t.outcomes[summary.outcome]}
    </span>
  );
}

function Life({client}: {client: string}) {
  const t = texts.value;
  const told = life.value;
  const chosen = route.value.query.get("trace") ?? "";
  if (lifeFailure.value) return <Failure of={lifeFailure.value} />;
  if (told?.client !== client) return null;
  if (told.moments.length === 0) return <p class="quiet-text">{t.timeline.empty}</p>;
  return (
    <ol class="presence-life">
      {told.moments.map((moment) => {
        const summary = moment.traceId ? told.traces.get(moment.traceId) : undefined;
        const inside = (
          <>
            <time title={dateTime(moment.at)}>{clock(moment.at)}</time>
            <span class="presence-moment">{t.moments[moment.kind]}</span>
            {summary && <OutcomeMark summary={summary} />}
            <bdi class="presence-words">{words(moment)}</bdi>
          </>
        );
        return (
          <li key={`${moment.at}${moment.kind}${moment.traceId ?? ""}`} class={`presence-${moment.kind}`}>
            {moment.traceId ? (
              <button type="button" aria-current={moment.traceId === chosen} onClick={() => setQuery({trace: moment.traceId === chosen ? "" : (moment.traceId as string)}, "push")}>
                {inside}
              </button>
            ) : (
              <div>{inside}</div>
            )}
          </li>
        );
      })}
    </ol>
  );
}

// `client`: undefined when croft knows it by its timeline alone, because it never was let in.
export function ClientPanel({id, client}: {id: string; client: Client | undefined}) {
  const t = texts.value;
  const isNarrow = route.value.query.has("trace");
  const changes = `${client?.changes} ${client?.connected} ${client?.version}`;
  const watch = useRef<Poll | undefined>(undefined);
  useEffect(() => (watch.current = watchLife(id)).end, [id]);
  useEffect(() => watch.current?.soon(), [changes]); // who changes all the time is read on, not begun anew each time
  return (
    <aside class="details presence-client" aria-label={t.details.title(id)}>
      <header>
        <h2>
          <bdi>{id}</bdi>
        </h2>
        <button type="button" class="quiet" onClick={() => setQuery({client: "", trace: "", step: ""}, "push")} aria-label={general.value.close}>
          ✕
        </button>
      </header>
      {client && (isNarrow ? <Status client={client} /> : <Facts client={client} />)}
      <h3>{t.timeline.title}</h3>
      <Life client={id} />
      <p>
        <a href={href("mqtt", {sub: `$aws/events/+/+/${id}`})} onClick={follow}>
          {t.details.watch}
        </a>
      </p>
    </aside>
  );
}
