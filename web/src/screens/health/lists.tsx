// What waits, how long things take, and the process itself.
import {bytes, duration, milliseconds, timesOf, toneOf, type Metric, type Reading} from "./figures";
import {instance} from "./readings";
import {texts} from "./texts";

const sumOf = (name: string): Metric => (metrics) => metrics.sum(name);

type QueueName = keyof typeof texts.value.queueNames;
export const queues: {id: QueueName; of: Metric; show: (n: number) => string}[] = [
  {id: "journal", of: sumOf("croft_journal_pending"), show: (n) => n.toLocaleString()},
  {id: "rules", of: sumOf("croft_rule_jobs_waiting"), show: (n) => n.toLocaleString()},
  {id: "functions", of: sumOf("croft_function_invocations_waiting"), show: (n) => n.toLocaleString()},
  {id: "queued", of: sumOf("croft_mqtt_queued_bytes"), show: bytes},
  {id: "mail", of: sumOf("croft_mail_messages"), show: (n) => n.toLocaleString()},
  {id: "mailBytes", of: sumOf("croft_mail_bytes"), show: bytes},
];

// Sessions that are away keep messages for as long as they want: their bytes are no trouble.
export const isTrouble = (id: QueueName) => id !== "queued" && id !== "mailBytes";

export function Waiting({all}: {all: readonly Reading[]}) {
  const t = texts.value;
  const last = all.at(-1);
  if (!last) return null;
  return (
    <section class="panel">
      <h2>{t.queues}</h2>
      <table class="health-table">
        <thead>
          <tr>
            <th scope="col">{t.queue}</th>
            <th scope="col">{t.waiting}</th>
          </tr>
        </thead>
        <tbody>
          {queues.map(({id, of, show}) => {
            const tone = isTrouble(id) ? toneOf(all, of) : "good";
            return (
              <tr key={id}>
                <th scope="row">{t.queueNames[id]}</th>
                <td class={tone === "good" ? "" : `health-${tone}`}>{show(of(last.metrics))}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

export function Times({all}: {all: readonly Reading[]}) {
  const t = texts.value;
  const names = t.timeNames;
  const threads = [...new Set(all.at(-1)?.metrics.all("croft_loop_lag_seconds_count").map((sample) => sample.labels["shard"] ?? "") ?? [])];
  const rows: [title: string, family: string, labels: Record<string, string>][] = [
    [names.publish, "croft_publish_seconds", {}], [names.connect, "croft_connect_seconds", {}], [names.event, "croft_event_seconds", {}],
    [names.rule, "croft_rule_seconds", {}], [names.function, "croft_function_seconds", {}], [names.sync, "croft_store_sync_seconds", {}],
    ...threads.map((shard): [string, string, Record<string, string>] => [names.lag(shard), "croft_loop_lag_seconds", {shard}]),
  ];
  return (
    <section class="panel">
      <h2>{t.times}</h2>
      <table class="health-table">
        <thead>
          <tr>
            <th scope="col">{t.what}</th>
            <th scope="col">{t.count}</th>
            <th scope="col">{t.half}</th>
            <th scope="col">{t.most}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([title, family, labels]) => {
            const {count, p50, p99} = timesOf(all, family, labels);
            return (
              <tr key={title}>
                <th scope="row">{title}</th>
                <td>{count.toLocaleString()}</td>
                <td>{milliseconds(p50)}</td>
                <td>{milliseconds(p99)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Fact({name, value}: {name: string; value: string}) {
  return (
    <>
      <dt>{name}</dt>
      <dd>
        <bdi>{value}</bdi>
      </dd>
    </>
  );
}

export function Process({all}: {all: readonly Reading[]}) {
  const t = texts.value;
  const last = all.at(-1);
  const known = instance.value;
  if (!last) return null;
  const of = (name: string, labels = {}) => last.metrics.sum(name, labels);
  const n = (name: string) => of(name).toLocaleString();
  return (
    <section class="panel">
      <h2>{t.process}</h2>
      <dl class="health-facts">
        {known && <Fact name={t.version} value={known.version} />}
        <Fact name={t.uptime} value={duration(last.at / 1000 - of("croft_process_start_time_seconds"))} />
        {known && (
          <>
            <Fact name={t.pid} value={String(known.pid)} />
            <Fact name={t.instance} value={`${known.account}, ${known.region}`} />
            <Fact name={t.data} value={known.dataFolder || t.nothingKept} />
            <Fact name={t.durability} value={t.durabilities[known.durability]} />
            {Object.entries(known.endpoints).map(([name, address]) => (
              <Fact key={name} name={t.ports[name as keyof typeof t.ports]} value={address ?? ""} />
            ))}
          </>
        )}
        <Fact name={t.memoryNow} value={bytes(of("croft_process_resident_bytes"))} />
        <Fact name={t.processor} value={duration(of("croft_process_cpu_seconds_total"))} />
        <Fact name={t.files} value={t.of(n("croft_process_descriptors"), n("croft_process_descriptors_max"))} />
        <Fact name={t.store} value={t.storeSize(bytes(of("croft_store_bytes")), bytes(of("croft_store_unflushed_bytes")))} />
        <Fact name={t.workers} value={t.workersNow(of("croft_function_workers", {state: "busy"}), of("croft_function_workers", {state: "idle"}))} />
        <Fact name={t.sessions} value={n("croft_mqtt_stored_sessions")} />
        <Fact name={t.subscriptions} value={n("croft_mqtt_subscriptions")} />
        <Fact name={t.retained} value={n("croft_retained_messages")} />
      </dl>
    </section>
  );
}
