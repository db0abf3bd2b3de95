// The MQTT test client.
import {signal} from "@preact/signals";
import {useEffect} from "preact/hooks";
import {Empty} from "../../components/empty";
import {Payload} from "../../components/payload";
import {SearchField} from "../../components/search_field";
import {clock, dateTime, texts as general} from "../../i18n";
import * as mqtt from "./session";
import type {Message, MqttVersion, Properties, Qos} from "./session";
import {route, setQuery} from "../../router";
import {writes} from "../../session";
import "./style.css";
import {texts} from "./texts";

const presets = ["$aws/events/#", "$aws/events/presence/#", "$aws/events/subscriptions/#", "#"];
const drawn_max = 200;

const wantedFilter = signal("");
const wantedQos = signal<Qos>(0);
const draft = signal({topic: "hello/world", payload: '{\n  "message": "hello from the console"\n}', qos: 0 as Qos, retain: false});
const draftProperties = signal({contentType: "", responseTopic: "", expiry: "", user: ""});
const outcome = signal("");

// Subscriptions are in the URL as "QOS FILTER".
function readUrl(): {topic: string; qos: Qos}[] {
  return route.peek().query.getAll("sub").map((text) => {
    const found = /^([01]) (.+)$/.exec(text);
    return found ? {topic: found[2] as string, qos: Number(found[1]) as Qos} : {topic: text, qos: 0};
  });
}

function writeUrl(): void {
  setQuery({sub: mqtt.subscriptions.peek().map(({topic, qos}) => `${qos} ${topic}`)});
}

function subscribe(topic: string, qos: Qos): void {
  if (topic === "") return;
  mqtt.subscribe(topic, qos);
  writeUrl();
}

function Connection() {
  const t = texts.value;
  const state = mqtt.state.value;
  return (
    <section class="panel connection" aria-label={t.status[state]}>
      <span class={`status ${state === "connected" ? "on" : "off"}`} role="status">
        <span class="dot" aria-hidden="true" />
        {t.status[state]}
      </span>
      {mqtt.clientId.value && (
        <span class="quiet-text">
          {t.clientId} <code>{mqtt.clientId.value}</code>
        </span>
      )}
      {mqtt.failure.value && <span class="warm-text">{mqtt.failure.value}</span>}
      <span class="grow" />
      <label>
        <span class="hidden">{t.version}</span>
        <select value={String(mqtt.version.value)} onChange={(event) => mqtt.setVersion(Number(event.currentTarget.value) as MqttVersion)}>
          <option value="5">MQTT 5</option>
          <option value="4">MQTT 3.1.1</option>
        </select>
      </label>
      {state === "off" ? (
        <button type="button" onClick={() => void mqtt.connect()}>
          {t.connect}
        </button>
      ) : (
        <button type="button" onClick={mqtt.disconnect}>
          {t.disconnect}
        </button>
      )}
    </section>
  );
}

function QosChoice({value, onChange}: {value: Qos; onChange: (qos: Qos) => void}) {
  const t = texts.value;
  return (
    <label>
      <span class="hidden">{t.qos}</span>
      <select value={String(value)} onChange={(event) => onChange(Number(event.currentTarget.value) as Qos)}>
        <option value="0">{t.qos} 0</option>
        <option value="1">{t.qos} 1</option>
      </select>
    </label>
  );
}

function Subscriptions() {
  const t = texts.value;
  const submit = (event: Event) => {
    event.preventDefault();
    subscribe(wantedFilter.value.trim(), wantedQos.value);
    wantedFilter.value = "";
  };
  return (
    <section class="panel">
      <h2>{t.subscriptions}</h2>
      <form class="line" onSubmit={submit}>
        <label class="grow">
          <span class="hidden">{t.topicFilter}</span>
          <input list="presets" required placeholder={t.topicFilter} value={wantedFilter.value} onInput={(event) => (wantedFilter.value = event.currentTarget.value)} />
        </label>
        <datalist id="presets">
          {presets.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        <QosChoice value={wantedQos.value} onChange={(qos) => (wantedQos.value = qos)} />
        <button type="submit" class="main">
          {t.subscribe}
        </button>
      </form>
      <ul class="subscriptions">
        {mqtt.subscriptions.value.map((one) => (
          <li key={one.topic} class={`color-${one.color}`}>
            <code>{one.topic}</code>
            <span class="quiet-text">
              {t.qos} {one.qos}
            </span>
            {one.refused && <span class="warm-text">{t.refused(one.topic)}</span>}
            <button
              type="button"
              class="quiet"
              aria-label={t.unsubscribe(one.topic)}
              onClick={() => {
                mqtt.unsubscribe(one.topic);
                writeUrl();
              }}
            >
              ✕
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function readProperties(): Properties {
  const {contentType, responseTopic, expiry, user} = draftProperties.value;
  const userProperties: Record<string, string[]> = {};
  for (const line of user.split("\n")) {
    const at = line.indexOf("=");
    if (at > 0) (userProperties[line.slice(0, at)] ??= []).push(line.slice(at + 1));
  }
  return {
    ...(contentType ? {contentType} : {}),
    ...(responseTopic ? {responseTopic} : {}),
    ...(/^\d+$/.test(expiry) ? {messageExpiryInterval: Number(expiry)} : {}),
    ...(Object.keys(userProperties).length > 0 ? {userProperties} : {}),
  };
}

function PropertyFields() {
  const t = texts.value;
  const set = (part: Partial<typeof draftProperties.value>) => (draftProperties.value = {...draftProperties.value, ...part});
  const {contentType, responseTopic, expiry, user} = draftProperties.value;
  return (
    <details>
      <summary>{t.properties}</summary>
      <div class="fields">
        <label>
          {t.contentType}
          <input value={contentType} onInput={(event) => set({contentType: event.currentTarget.value})} />
        </label>
        <label>
          {t.responseTopic}
          <input value={responseTopic} onInput={(event) => set({responseTopic: event.currentTarget.value})} />
        </label>
        <label>
          {t.expiry}
          <input inputMode="numeric" pattern="[0-9]*" value={expiry} onInput={(event) => set({expiry: event.currentTarget.value})} />
        </label>
        <label>
          {t.userProperties}
          <textarea rows={2} value={user} onInput={(event) => set({user: event.currentTarget.value})} />
        </label>
      </div>
    </details>
  );
}

function Publish() {
  const t = texts.value;
  const set = (part: Partial<typeof draft.value>) => (draft.value = {...draft.value, ...part});
  const submit = (event: Event) => {
    event.preventDefault();
    const {topic, payload, qos, retain} = draft.value;
    mqtt.publish(topic, payload, {qos, retain, properties: readProperties()}).then(
      () => (outcome.value = t.published(topic)),
      (error: unknown) => (outcome.value = general.value.failed(error instanceof Error ? error.message : String(error))),
    );
  };
  const {topic, payload, qos, retain} = draft.value;
  return (
    <section class="panel">
      <h2>{t.publish}</h2>
      <form class="stack" onSubmit={submit}>
        <div class="line">
          <label class="grow">
            <span class="hidden">{t.topic}</span>
            <input required placeholder={t.topic} value={topic} onInput={(event) => set({topic: event.currentTarget.value})} />
          </label>
          <QosChoice value={qos} onChange={(value) => set({qos: value})} />
        </div>
        <label>
          <span class="hidden">{t.payload}</span>
          <textarea rows={5} class="code" spellcheck={false} value={payload} onInput={(event) => set({payload: event.currentTarget.value})} />
        </label>
        {mqtt.version.value === 5 && <PropertyFields />}
        <div class="line">
          <label class="check">
            <input type="checkbox" checked={retain} onChange={(event) => set({retain: event.currentTarget.checked})} />
            {t.retain}
          </label>
          <span class="grow quiet-text" role="status">
            {outcome.value}
          </span>
          <button type="submit" class="main" {...writes(mqtt.state.value !== "connected")}>
            {t.publish}
          </button>
        </div>
      </form>
    </section>
  );
}

function PropertyList({properties}: {properties: Properties}) {
  const t = texts.value;
  const rows: [string, string][] = [];
  if (properties.contentType !== undefined) rows.push([t.contentType, properties.contentType]);
  if (properties.responseTopic !== undefined) rows.push([t.responseTopic, properties.responseTopic]);
  if (properties.messageExpiryInterval !== undefined) rows.push([t.expiry, String(properties.messageExpiryInterval)]);
  if (properties.correlationData !== undefined)
    rows.push(["Correlation data", [...properties.correlationData].map((byte) => byte.toString(16).padStart(2, "0")).join("")]);
  for (const [name, value] of Object.entries(properties.userProperties ?? {})) for (const one of [value].flat()) rows.push([name, one]);
  if (rows.length === 0) return null;
  return (
    <dl class="properties">
      {rows.map(([name, value], index) => (
        <div key={index}>
          <dt>
            <bdi>{name}</bdi>
          </dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function One({message}: {message: Message}) {
  const t = texts.value;
  return (
    <article class={`message color-${message.color}`} aria-label={message.topic}>
      <header>
        <code class="topic">
          <bdi>{message.topic}</bdi>
        </code>
        {message.retain && <span class="badge">{t.retained}</span>}
        <span class="quiet-text">
          {t.qos} {message.qos}
        </span>
        <time title={dateTime(message.time)}>{clock(message.time)}</time>
      </header>
      <Payload bytes={message.payload} />
      <PropertyList properties={message.properties} />
    </article>
  );
}

const decoder = new TextDecoder();

function passes(filter: string): (message: Message) => boolean {
  const wanted = filter.toLowerCase();
  return (message) => message.topic.toLowerCase().includes(wanted) || decoder.decode(message.payload).toLowerCase().includes(wanted);
}

function Messages() {
  const t = texts.value;
  const filter = route.value.query.get("q") ?? "";
  const all = mqtt.messages.value;
  const shown = filter ? all.filter(passes(filter)) : all;
  const paused = mqtt.paused.value;
  return (
    <section class="messages">
      <div class="controls" role="search">
        <h2>
          {t.messages} <span class="quiet-text">{t.count(shown.length, all.length)}</span>
        </h2>
        <SearchField label={t.filter} />
        <button type="button" aria-pressed={paused} onClick={() => mqtt.pause(!paused)}>
          {paused ? t.resume : t.pause}
        </button>
        {paused && <span class="quiet-text">{t.waiting(mqtt.waiting.value.length)}</span>}
        <button type="button" onClick={mqtt.clear}>
          {t.clear}
        </button>
      </div>
      {mqtt.dropped.value > 0 && <p class="quiet-text">{t.dropped(mqtt.dropped.value)}</p>}
      {all.length === 0 && mqtt.subscriptions.value.length === 0 && (
        <Empty title={t.emptyTitle}>
          <p>{t.emptyText}</p>
          <p class="line centered">
            {presets.slice(0, 2).map((one) => (
              <button key={one} type="button" class="main" onClick={() => subscribe(one, 0)}>
                {one}
              </button>
            ))}
          </p>
        </Empty>
      )}
      {all.length === 0 && mqtt.subscriptions.value.length > 0 && <Empty title={t.emptyTitle} />}
      {all.length > 0 && shown.length === 0 && <Empty title={t.noMatch} />}
      <div class="list" role="log" aria-label={t.messages} aria-live="off" tabIndex={0}>
        {shown.slice(0, drawn_max).map((message) => (
          <One key={message.number} message={message} />
        ))}
      </div>
    </section>
  );
}

export default function Mqtt() {
  const t = texts.value;
  useEffect(() => {
    const known = mqtt.subscriptions.peek();
    for (const {topic, qos} of readUrl()) if (!known.some((one) => one.topic === topic)) mqtt.subscribe(topic, qos);
    if (mqtt.state.peek() === "off") void mqtt.connect();
    if (mqtt.subscriptions.peek().length > 0) writeUrl();
  }, []);
  return (
    <section class="screen screen-mqtt">
      <h1>{t.title}</h1>
      <Connection />
      <div class="columns">
        <div class="side">
          <Subscriptions />
          <Publish />
        </div>
        <Messages />
      </div>
    </section>
  );
}
