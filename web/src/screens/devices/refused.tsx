// Why a client was refused: which statement decided, about what, when. GET /_croft/refusals/CLIENT_ID; src/app/refusals.h.
import {useEffect, useState} from "preact/hooks";
import {croftPage} from "../../api";
import {CopyButton} from "../../components/copy_button";
import {Command, Empty} from "../../components/empty";
import {Failure} from "../../components/failure";
import {ago, dateTime, texts as general} from "../../i18n";
import {usePolled} from "../../polled";
import {follow, href, route, setQuery} from "../../router";
import {shortId, To} from "./parts";
import {texts} from "./texts";

interface Refusal {
  time: number;
  action: string;
  resource: string;
  principal: string;
  ipAddress: string;
  decision: "EXPLICIT_DENY" | "IMPLICIT_DENY" | "REFUSED";
  policies: string[];
  reason: string; // in English; shown for what no policy decided
  count: number;
  policy?: string;
  statement?: number;
  sid?: string;
}

interface Refused {
  clientId?: string;
  certificateId?: string;
  last: Refusal;
}

const pause_ms = 2000;

function Why({refusal}: {refusal: Refusal}) {
  const t = texts.value.refused;
  if (refusal.decision === "REFUSED") return <bdi>{refusal.reason}</bdi>;
  if (refusal.decision === "EXPLICIT_DENY")
    return (
      <>
        <bdi>{t.explicit(refusal.statement ?? 0, refusal.sid ?? "")}</bdi> <To kind="policy" name={refusal.policy ?? ""} />
      </>
    );
  if (refusal.policies.length === 0) return <>{t.noPolicy}</>;
  return (
    <>
      {t.implicit}{" "}
      {refusal.policies.map((policy, index) => (
        <span key={policy}>
          {index > 0 && ", "}
          <To kind="policy" name={policy} />
        </span>
      ))}
    </>
  );
}

function One({refusal}: {refusal: Refusal}) {
  const t = texts.value.refused;
  const allowing = JSON.stringify({Effect: "Allow", Action: refusal.action, Resource: refusal.resource}, null, 2);
  return (
    <li class="panel devices-refusal">
      <header>
        <span class={`badge ${refusal.decision === "IMPLICIT_DENY" ? "warm" : "bad"}`}>{t.decision[refusal.decision]}</span>
        <strong><bdi>{refusal.action}</bdi></strong>
        <span class="grow" />
        {refusal.count > 1 && <span class="quiet-text">{t.times(refusal.count)}</span>}
        <time class="quiet-text">{dateTime(refusal.time)}</time>
      </header>
      {refusal.resource && <code class="devices-resource"><bdi>{refusal.resource}</bdi></code>}
      <p>
        <Why refusal={refusal} />
      </p>
      <p class="quiet-text">
        {refusal.principal ? (
          <>
            {t.principal}{" "}
            {/^[0-9a-f]{64}$/.test(refusal.principal) ? <To kind="certificate" name={refusal.principal}>{shortId(refusal.principal)}</To> : <bdi>{refusal.principal}</bdi>}
          </>
        ) : (
          t.nobody
        )}
        {refusal.ipAddress && <> · {t.address} <bdi>{refusal.ipAddress}</bdi></>}
      </p>
      {refusal.decision === "IMPLICIT_DENY" && refusal.policies.length > 0 && (
        <details>
          <summary>{t.allows}</summary>
          <div class="devices-code">
            <pre tabIndex={0} aria-label={t.allows}>{allowing}</pre>
            <CopyButton text={allowing} />
          </div>
        </details>
      )}
    </li>
  );
}

function OfClient({client}: {client: string}) {
  const t = texts.value.refused;
  const polled = usePolled(client, () => croftPage<{refusals: Refusal[]}>(`refusals/${encodeURIComponent(client)}`), () => pause_ms);
  const found = polled.value?.refusals ?? [];
  if (!polled.value) return <Failure of={polled.failure} />;
  if (found.length === 0)
    return (
      <Empty title={t.nothing(client)}>
        <p>{t.nothingHint}</p>
        <Command text={`croft devices why ${/^[\w:-]+$/.test(client) ? client : `'${client.replaceAll("'", "'\\''")}'`}`} />
      </Empty>
    );
  return (
    <ol class="devices-refusals" aria-label={client}>
      {[...found].reverse().map((refusal, index) => (
        <One key={`${found.length - index} ${refusal.time}`} refusal={refusal} />
      ))}
    </ol>
  );
}

function Lately({chosen}: {chosen: string}) {
  const t = texts.value.refused;
  const polled = usePolled("lately", () => croftPage<{refused: Refused[]}>("refusals"), () => pause_ms);
  const refused = polled.value?.refused ?? [];
  return (
    <section class="panel devices-lately">
      <h2>{t.lately}</h2>
      <Failure of={polled.failure} />
      {polled.value && refused.length === 0 && <p class="quiet-text">{t.latelyEmpty}</p>}
      <ul>
        {refused.map(({clientId, certificateId, last}) => {
          const id = clientId ?? certificateId ?? "";
          return (
            <li key={`${certificateId ? "certificate" : "client"} ${id}`}>
              <a href={href("devices", {tab: "refused", client: id})} aria-current={id === chosen ? "true" : undefined} onClick={follow}>
                <bdi title={id}>{certificateId ? `${t.certificate} ${shortId(id)}` : id}</bdi>
                <span class="quiet-text"><bdi>{last.action}</bdi></span>
                <time class="quiet-text" title={dateTime(last.time)}>{ago(general.value, Date.now() - last.time)}</time>
              </a>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

export function Refused() {
  const t = texts.value.refused;
  const client = route.value.query.get("client") ?? "";
  const [text, setText] = useState(client);
  useEffect(() => setText(client), [client]);
  const submit = (event: Event) => {
    event.preventDefault();
    setQuery({client: text.trim()}, "push");
  };
  return (
    <>
      <form class="controls" role="search" onSubmit={submit}>
        <label class="grow">
          <span class="hidden">{t.client}</span>
          <input type="search" placeholder={t.client} value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </label>
        <button type="submit">{t.show}</button>
      </form>
      <div class="devices-why">
        <div class="devices-found">
          {client === "" ? (
            <Empty title={t.emptyTitle}>
              <p>{t.emptyText}</p>
            </Empty>
          ) : (
            <OfClient key={client} client={client} />
          )}
        </div>
        <Lately chosen={client} />
      </div>
    </>
  );
}
