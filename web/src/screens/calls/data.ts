// The latest calls, live. src/console/call_ring.h says what a row is.
import {signal} from "@preact/signals";
import {get} from "../../api";
import {listen} from "../../feed";

export type CallRow = [
  number: number, time: number, service: string, operation: string, status: number, took: number, agent: string, address: string,
  requestId: string, error: string, own: 0 | 1,
];

const kept = 5000;
export const calls = signal<CallRow[]>([]); // newest first

function add(rows: CallRow[]): void {
  const newest = calls.peek()[0]?.[0] ?? 0;
  const fresh = rows.filter((row) => row[0] > newest).reverse();
  if (fresh.length > 0) calls.value = [...fresh, ...calls.peek()].slice(0, kept);
}

async function read(): Promise<void> {
  try {
    calls.value = (await get<CallRow[]>("calls")).reverse();
  } catch {
    // what comes from here on is shown
  }
}

export function watch(): () => void {
  return listen({topic: "calls", reload: () => void read(), rows: (rows) => add(rows as CallRow[])});
}
