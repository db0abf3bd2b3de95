// The latest calls, live. src/console/call_ring.h says what a row is.
import {signal} from "@preact/signals";
import {get} from "../../api";
import {listen} from "../../feed";
import {LiveList} from "../../live_list";

export type CallRow = [
  number: number, time: number, service: string, operation: string, status: number, took: number, agent: string, address: string,
  requestId: string, error: string, own: 0 | 1,
];

const list = new LiveList<CallRow>((row) => row[0], 5000, (row) => row[10] === 1);
export const calls = signal<CallRow[]>([]); // newest first

function show(): void {
  calls.value = list.rows.toReversed();
}

export function watch(): () => void {
  return listen({
    topic: "calls",
    reload: () => void list.read(() => get<CallRow[]>("calls")).then(show),
    rows: (rows) => {
      list.add(rows as CallRow[]);
      show();
    },
  });
}
