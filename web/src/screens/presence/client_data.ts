// What happened to the client that is open, and the trace that is open: read again when the client changes, while something is
// under way, and now and then.
import {signal} from "@preact/signals";
import {ApiError, croftPage} from "../../api";
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

async function readLife(client: string, stop: AbortSignal): Promise<void> {
  try {
    const name = encodeURIComponent(client);
    const [timeline, listed] = await Promise.all([
      croftPage<{entries: Moment[]}>(`timeline/${name}`, stop),
      croftPage<{traces: Summary[]}>(`traces?client=${name}&limit=${traces_read}`, stop),
    ]);
    life.value = {client, moments: timeline.entries, traces: new Map(listed.traces.map((one) => [one.traceId, one]))};
    lifeFailure.value = undefined;
  } catch (failure) {
    if (stop.aborted) return;
    if (failure instanceof ApiError && failure.status === 404) life.value = {client, moments: [], traces: new Map()};
    else lifeFailure.value = failure;
  }
}

async function readTrace(id: string, stop: AbortSignal): Promise<void> {
  try {
    trace.value = await croftPage<Trace>(`traces/${encodeURIComponent(id)}`, stop);
    traceFailure.value = undefined;
  } catch (failure) {
    if (!stop.aborted) traceFailure.value = failure;
  }
}

// Reads until it is ended, by what it returns; `soon` asks for a reading now.
function keepReading(read: (stop: AbortSignal) => Promise<void>, pause_ms: () => number): {soon: () => void; end: () => void} {
  const stop = new AbortController();
  let timer = 0, reading = false, again = false;
  const go = async () => {
    clearTimeout(timer);
    if (reading) {
      again = true;
      return;
    }
    reading = true;
    await read(stop.signal);
    reading = false;
    if (stop.signal.aborted) return;
    const pause = again ? 50 : pause_ms();
    again = false;
    if (Number.isFinite(pause)) timer = window.setTimeout(() => void go(), pause);
  };
  void go();
  return {soon: () => void go(), end: () => {
    stop.abort();
    clearTimeout(timer);
  }};
}

export function watchLife(client: string): {soon: () => void; end: () => void} {
  if (life.peek()?.client !== client) life.value = undefined;
  lifeFailure.value = undefined;
  const isBusy = () => [...(life.peek()?.traces.values() ?? [])].some((one) => one.outcome === "running");
  return keepReading((stop) => readLife(client, stop), () => (isBusy() ? often_ms : seldom_ms));
}

// A trace that is over does not change: but what a queue kept back may follow.
export function watchTrace(id: string): {soon: () => void; end: () => void} {
  if (trace.peek()?.traceId !== id) trace.value = undefined;
  traceFailure.value = undefined;
  return keepReading((stop) => readTrace(id, stop), () => (traceFailure.peek() ? Infinity : trace.peek()?.outcome === "running" ? often_ms : seldom_ms));
}
