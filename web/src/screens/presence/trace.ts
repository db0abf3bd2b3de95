// The way of a lifecycle event, as /_croft/traces tells it, and how it is drawn: rows of a tree on a common time axis.
export type Outcome = "running" | "ok" | "failed" | "skipped";
export type Kind = "event" | "wait" | "rule" | "action" | "invocation" | "call" | "write";

export interface Summary {
  traceId: string;
  client: string;
  event: string;
  at: number; // ms
  durationUs: number;
  outcome: Outcome;
  rules: number;
  writes: number;
}

export type Detail = Record<string, unknown>;

export interface Step {
  id: number;
  parent: number | null;
  kind: Kind;
  name: string;
  beganUs: number;
  endedUs: number | null; // null: it goes on
  outcome: Outcome;
  detail: Detail;
}

export interface Trace extends Summary {
  steps: Step[];
  stepsDropped?: number;
}

export interface Row {
  step: Step;
  depth: number;
  left: number; // of the axis, 0 to 1
  width: number;
  tookUs: number;
}

// Each step below its parent, siblings in the order in which they began.
export function rowsOf(trace: Trace): Row[] {
  const below = new Map<number | null, Step[]>();
  for (const step of trace.steps) below.set(step.parent, [...(below.get(step.parent) ?? []), step]);
  const whole = Math.max(trace.durationUs, 1);
  const rows: Row[] = [];
  const visit = (step: Step, depth: number) => {
    const tookUs = Math.max((step.endedUs ?? trace.durationUs) - step.beganUs, 0);
    rows.push({step, depth, left: Math.min(step.beganUs / whole, 1), width: Math.min(tookUs / whole, 1), tookUs});
    const steps = (below.get(step.id) ?? []).sort((a, b) => a.beganUs - b.beganUs || a.id - b.id);
    for (const one of steps) visit(one, depth + 1);
  };
  for (const root of below.get(null) ?? []) visit(root, 0);
  return rows;
}

// "40 µs", "12.3 ms", "265 ms", "2.51 s", "3 min 5 s"
export function duration(us: number): string {
  const ms = us / 1000;
  if (ms < 1) return `${Math.round(us)} µs`;
  if (ms < 100) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

// Round places on the axis, `most` at most, the beginning among them.
export function ticks(wholeUs: number, most = 5): number[] {
  if (wholeUs <= 0) return [0];
  const power = 10 ** Math.floor(Math.log10(wholeUs / most));
  const step = power * ([1, 2, 5].find((factor) => wholeUs / (power * factor) <= most) ?? 10);
  const out: number[] = [];
  for (let at = 0; at < wholeUs * 0.95; at += step) out.push(at);
  return out;
}

// The name at the end of an ARN; other names as they are.
export function shortName(resource: string): string {
  return resource.startsWith("arn:") ? resource.slice(Math.max(resource.lastIndexOf(":"), resource.lastIndexOf("/")) + 1) : resource;
}

export const object = (value: unknown): Detail | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Detail) : undefined;
export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
export const text = (value: unknown): string => (typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value));

// What DynamoDB's JSON of a value says, for people: numbers digit for digit.
export function plain(value: unknown): string {
  const typed = object(value);
  const entry = typed && Object.entries(typed)[0];
  if (!entry) return text(value);
  const [type, inner] = entry;
  if (type === "S") return JSON.stringify(inner);
  if (type === "N") return String(inner);
  if (type === "BOOL") return String(inner);
  if (type === "NULL") return "null";
  if (type === "L") return `[${list(inner).map(plain).join(", ")}]`;
  if (type === "M") return `{${Object.entries(object(inner) ?? {}).map(([name, one]) => `${JSON.stringify(name)}: ${plain(one)}`).join(", ")}}`;
  if (type === "NS") return `{${list(inner).join(", ")}}`;
  if (type === "SS" || type === "BS") return `{${list(inner).map((one) => JSON.stringify(one)).join(", ")}}`;
  return text(inner);
}

export interface Attribute {
  name: string;
  before: string | undefined; // undefined: not there
  after: string | undefined;
  change: "same" | "changed" | "added" | "removed";
}

// The attributes of both, keys first, then as they stand. An item that was cut is text: then there is nothing to compare.
export function difference(before: unknown, after: unknown, key: unknown): Attribute[] {
  const old = object(before) ?? {}, now = object(after) ?? {};
  const names = [...new Set([...Object.keys(object(key) ?? {}), ...Object.keys(old), ...Object.keys(now)])];
  return names.map((name) => {
    const was = name in old ? plain(old[name]) : undefined;
    const is = name in now ? plain(now[name]) : undefined;
    const change = was === is ? "same" : was === undefined ? "added" : is === undefined ? "removed" : "changed";
    return {name, before: was, after: is, change};
  });
}
