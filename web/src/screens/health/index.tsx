// Health: the process at a glance, each second.
import {Chart, type Line} from "../../components/chart";
import {Command} from "../../components/empty";
import {bytes, kept_s, quantiles, rate, rates, type Metric, type Reading} from "./figures";
import {Process, Times, Waiting} from "./lists";
import {isLost, past, readings, useReadings} from "./readings";
import "./style.css";
import {texts} from "./texts";
import {Troubles, Wrong} from "./troubles";

const sumOf = (name: string, labels = {}): Metric => (metrics) => metrics.sum(name, labels);
const calls: Metric = (metrics) => metrics.all("croft_gateway_requests_total")
  .filter((sample) => !["page", "websocket", "none"].includes(sample.labels["service"] ?? "")).reduce((total, sample) => total + sample.value, 0);
const cpu = sumOf("croft_process_cpu_seconds_total");
const resident = sumOf("croft_process_resident_bytes");

function Figure({label, value}: {label: string; value: string}) {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Figures({all}: {all: readonly Reading[]}) {
  const t = texts.value;
  const last = all.at(-1);
  if (!last) return null;
  const perSecond = (name: string) => t.perSecond(rate(all, sumOf(name)));
  const size = (name: string) => t.bytesPerSecond(bytes(rate(all, sumOf(name))));
  return (
    <dl class="figures health-figures">
      <Figure label={t.connections} value={last.metrics.sum("croft_mqtt_connections").toLocaleString()} />
      <Figure label={t.clients} value={last.metrics.sum("croft_mqtt_clients").toLocaleString()} />
      <Figure label={t.connects} value={perSecond("croft_mqtt_connects_total")} />
      <Figure label={t.messagesIn} value={perSecond("croft_mqtt_messages_received_total")} />
      <Figure label={t.messagesOut} value={perSecond("croft_mqtt_messages_delivered_total")} />
      <Figure label={t.bytesIn} value={size("croft_mqtt_received_bytes_total")} />
      <Figure label={t.bytesOut} value={size("croft_mqtt_delivered_bytes_total")} />
      <Figure label={t.calls} value={t.perSecond(rate(all, calls))} />
    </dl>
  );
}

interface Plot {
  title: string;
  times?: number[]; // of the readings
  lines: Line[];
  values: number[][];
  now: string;
}

function Plots({all}: {all: readonly Reading[]}) {
  const t = texts.value;
  const line = (label: string, color: string, scale: "left" | "right" = "left"): Line => ({label, color, scale});
  const of = (name: string) => rates(all, sumOf(name));
  const last = all.at(-1);
  const times = all.map((one) => one.at / 1000);
  const before = past.value.filter(([time]) => time < (all[0]?.at ?? 0) && time > Date.now() - kept_s * 1000);
  const plots: Plot[] = [
    {title: t.messages, lines: [line(t.messagesIn, "--blue"), line(t.messagesOut, "--good")], times: [...before.map(([time]) => time / 1000), ...times.slice(1)],
     values: [
       [...before.map(([, , , , , received]) => received), ...of("croft_mqtt_messages_received_total").slice(1)],
       [...before.map(([, , , , , , delivered]) => delivered), ...of("croft_mqtt_messages_delivered_total").slice(1)],
     ], now: t.perSecond(rate(all, sumOf("croft_mqtt_messages_received_total")))},
    {title: t.requests, lines: [line(t.calls, "--blue"), line(t.invocations, "--warm")],
     values: [rates(all, calls), of("croft_function_invocations_total")], now: t.perSecond(rate(all, calls))},
    {title: t.memory, lines: [line(t.resident, "--good"), line(t.cpu, "--warm", "right")],
     values: [all.map((one) => resident(one.metrics) / 1_048_576), rates(all, cpu).map((share) => share * 100)], now: bytes(last ? resident(last.metrics) : 0)},
    {title: t.disk, lines: [line(t.syncP50, "--good"), line(t.syncP99, "--blue"), line(t.lag, "--warm")],
     values: [quantiles(all, "croft_store_sync_seconds", 0.5), quantiles(all, "croft_store_sync_seconds", 0.99), quantiles(all, "croft_loop_lag_seconds", 0.99)],
     now: `${(quantiles(all.slice(-2), "croft_loop_lag_seconds", 0.99)[1] ?? 0).toFixed(1)} ms`},
  ];
  return (
    <section class="health-plots" aria-label={t.charts}>
      {plots.map((plot) => (
        <div key={plot.title} class="panel">
          <h2>{plot.title}</h2>
          <Chart summary={t.summary(plot.title, plot.now)} lines={plot.lines} times={plot.times ?? times} values={plot.values} span={kept_s} />
        </div>
      ))}
    </section>
  );
}

export default function Health() {
  useReadings();
  const t = texts.value;
  const all = readings.value;
  return (
    <section class="screen health">
      <h1 class="hidden">{t.title}</h1>
      {isLost.value && <p class="failure" role="alert">{t.lost}</p>}
      {all.length > 0 && (
        <>
          <Troubles all={all} />
          <Figures all={all} />
          <Plots all={all} />
          <div class="health-columns">
            <div class="stack">
              <Waiting all={all} />
              <Wrong all={all} />
            </div>
            <Times all={all} />
            <Process all={all} />
          </div>
          <p class="quiet-text health-hint">{t.metricsHint}</p>
          <Command text={`curl ${location.origin}/metrics`} />
        </>
      )}
    </section>
  );
}
