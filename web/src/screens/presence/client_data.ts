// What happened to the client that is open, and the trace that is open: read again when the client changes, while something is
// under way, and now and then.
import {signal} from "@preact/signals";
import {ApiError, croftPage} from "../../api";
import {poll, type Poll} from "../../poll";
import type {Detail, Summary, Trace} from "./trace";

export type MomentKind = "connected" | "disconnected" | "takeover" | "keepalive" | "refused" | "subscribed" | "unsubscribed" | "published";

export interface Moment {
  at: number;
  kind: MomentKind;
  text: string;
  traceId?: string;
  detail: Detail;
}

export interface Life {
  client: string;
  moments: Moment[];
  traces: Map<string, Summary>;
}

const traces_read = 20; // as many as croft keeps of a client
const often_ms = 400, seldom_ms = 3000;

export const life = signal<Life | undefined>(undefined);
export const lifeFailure = signal<unknown>(undefined);
export const trace = signal<Trace | undefined>(undefined);
export const traceFailure = signal<unknown>(undefined);

async function readLife(client: string, stop: AbortSignal): Promise<() => void> {
  const take = (told: Life) => () => {
    life.value = told;
    lifeFailure.value = undefined;
  };
  try {
    const name = encodeURIComponent(client);
    const [timeline, listed] = await Promise.all([
      croftPage<{entries: Moment[]}>(`timeline/${name}`, stop),
      croftPage<{traces: Summary[]}>(`traces?client=${name}&limit=${traces_read}`, stop),
    ]);
    return take({client, moments: timeline.entries, traces: new Map(listed.traces.map((one) => [one.traceId, one]))});
  } catch (failure) {
    if (failure instanceof ApiError && failure.status === 404) return take({client, moments: [], traces: new Map()});
    return () => (lifeFailure.value = failure);
  }
}

async function readTrace(id: string, stop: AbortSignal): Promise<() => void> {
  try {
    const told = await croftPage<Trace>(`traces/${encodeURIComponent(id)}`, stop);
    return () => {
      trace.value = told;
      traceFailure.value = undefined;
    };
  } catch (failure) {
    return () => (traceFailure.value = failure);
  }
}

export function watchLife(client: string): Poll {
  if (life.peek()?.client !== client) life.value = undefined;
  lifeFailure.value = undefined;
  const isBusy = () => [...(life.peek()?.traces.values() ?? [])].some((one) => one.outcome === "running");
  return poll((stop) => readLife(client, stop), () => (isBusy() ? often_ms : seldom_ms));
}

// A trace that is over does not change: but what a queue kept back may follow.
export function watchTrace(id: string): Poll {
  if (trace.peek()?.traceId !== id) trace.value = undefined;
  traceFailure.value = undefined;
  const pause = () => (trace.peek()?.outcome === "running" ? often_ms : seldom_ms);
  return poll((stop) => readTrace(id, stop), () => (traceFailure.peek() ? Infinity : pause()));
}
