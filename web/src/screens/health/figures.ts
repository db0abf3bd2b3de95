// What the page makes of two or more readings of /metrics.
import type {Labels, Metrics} from "./prometheus";

export interface Reading {
  at: number; // ms, this machine's clock
  metrics: Metrics;
}

export const kept_s = 600;
const window_ms = 60_000; // "lately"

// The newest is last. Readings of a croft that was started anew say nothing of the one before.
export function keep(readings: readonly Reading[], reading: Reading): Reading[] {
  const started = (one: Reading | undefined) => one?.metrics.sum("croft_process_start_time_seconds") ?? 0;
  const isAnother = Math.abs(started(readings.at(-1)) - started(reading)) > 1;
  const from = reading.at - kept_s * 1000;
  return [...(isAnother ? [] : readings.filter((one) => one.at >= from)), reading];
}

// The oldest of those that are at most a minute older than the last.
export function aMinuteAgo(readings: readonly Reading[]): Reading | undefined {
  const last = readings.at(-1);
  return last && readings.find((one) => one.at >= last.at - window_ms);
}

export function lately(readings: readonly Reading[], name: string, labels: Labels = {}): number {
  const last = readings.at(-1), before = aMinuteAgo(readings);
  return last && before ? Math.max(0, last.metrics.sum(name, labels) - before.metrics.sum(name, labels)) : 0;
}

export type Metric = (metrics: Metrics) => number;

// How much more a second, from one reading to the next.
export function rates(readings: readonly Reading[], of: Metric): number[] {
  return readings.map((one, index) => {
    const before = readings[index - 1];
    if (!before || one.at <= before.at) return 0;
    return Math.max(0, (of(one.metrics) - of(before.metrics)) / ((one.at - before.at) / 1000));
  });
}

export function rate(readings: readonly Reading[], of: Metric): number {
  return rates(readings.slice(-2), of)[1] ?? 0;
}

// A quantile of what came since the reading before, in milliseconds; 0 where nothing came.
export function quantiles(readings: readonly Reading[], name: string, q: number): number[] {
  return readings.map((one, index) => {
    const before = readings[index - 1];
    if (!before) return 0;
    return 1000 * (one.metrics.histogram(name).since(before.metrics.histogram(name)).quantile(q) ?? 0);
  });
}

export interface Times {
  count: number;
  p50: number | undefined; // ms
  p99: number | undefined;
}

export function timesOf(readings: readonly Reading[], name: string, labels: Labels = {}): Times {
  const last = readings.at(-1), before = aMinuteAgo(readings);
  if (!last || !before) return {count: 0, p50: undefined, p99: undefined};
  const histogram = last.metrics.histogram(name, labels).since(before.metrics.histogram(name, labels));
  const ms = (seconds: number | undefined) => (seconds === undefined ? undefined : seconds * 1000);
  return {count: histogram.count, p50: ms(histogram.quantile(0.5)), p99: ms(histogram.quantile(0.99))};
}

export type Tone = "good" | "warm" | "bad";

const waits_s = 3;
const grows_s = 15;

// Of something that should be empty: warm when it was not for some seconds, bad when it also grew all the while.
export function toneOf(readings: readonly Reading[], of: Metric): Tone {
  const last = readings.at(-1);
  if (!last || of(last.metrics) === 0) return "good";
  const since = (seconds: number) => readings.filter((one) => one.at >= last.at - seconds * 1000).map((one) => of(one.metrics));
  const isOld = (readings[0]?.at ?? last.at) <= last.at - waits_s * 1000;
  if (!isOld || since(waits_s).some((value) => value === 0)) return "good";
  const values = since(grows_s);
  const isLong = (readings[0]?.at ?? last.at) <= last.at - grows_s * 1000;
  return isLong && values.every((value, index) => index === 0 || value >= (values[index - 1] ?? 0)) && (values.at(-1) ?? 0) > (values[0] ?? 0) ? "bad" : "warm";
}

export function bytes(n: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let at = 0;
  while (n >= 1024 && at < units.length - 1) {
    n /= 1024;
    ++at;
  }
  return `${n.toFixed(at === 0 || n >= 100 ? 0 : 1)} ${units[at]}`;
}

export function milliseconds(ms: number | undefined): string {
  if (ms === undefined) return "–";
  return `${ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : ms.toFixed(0)} ms`;
}

// 3 d 4 h, 12 min 5 s: the two largest units.
export function duration(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), "d"], [Math.floor(seconds / 3600) % 24, "h"], [Math.floor(seconds / 60) % 60, "min"], [Math.floor(seconds) % 60, "s"],
  ];
  const first = parts.findIndex(([n]) => n > 0);
  return (first < 0 ? parts.slice(3) : parts.slice(first, first + 2)).map(([n, unit]) => `${n} ${unit}`).join(" ");
}
