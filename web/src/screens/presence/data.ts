// The clients and the figures of the last hour, kept while the page lives, so that coming back shows them at once.
import {signal} from "@preact/signals";
import {get} from "../../api";
import {ClientTable, type ClientRow, type Order} from "./clients";
import {listen} from "../../feed";
import {LiveList} from "../../live_list";
import type {Second} from "../../second";

export const table = new ClientTable({field: "since", down: true});
export const revision = signal(0); // moves when `table` changed
export const reading = signal(-1); // so many are read; -1: all are
export const failure = signal("");
export const history = signal<Second[]>([]);
export const hour_s = 3600;
const seconds = new LiveList<Second>(([time]) => time, hour_s);

function showHistory(): void {
  history.value = [...seconds.rows];
}

// Also for effects, which must not run again for what they change.
function changed(): void {
  revision.value = revision.peek() + 1;
}

let pending = new Map<string, ClientRow>();
let frame = 0;
let round = 0;

// Once a frame. A page that is not seen draws none: then a timer, slowly.
function schedule(): void {
  if (frame) return;
  frame = document.hidden ? window.setTimeout(flush, 1000) : requestAnimationFrame(flush);
}

function flush(): void {
  frame = 0;
  const rows = pending;
  pending = new Map();
  table.apply(rows.values(), Date.now());
  changed();
}

// All pages of the list, one after the other; what the feed tells meanwhile is merged in.
async function read(): Promise<void> {
  const mine = ++round;
  const seen = new Set<string>();
  table.beginReading(Date.now());
  reading.value = 0;
  failure.value = "";
  try {
    for (let at: string | undefined = ""; at !== undefined; ) {
      const page: {clients: ClientRow[]; next?: string} = await get(`clients?at=${at}`);
      if (mine !== round) return;
      for (const row of page.clients) seen.add(row[0]);
      table.addPage(page.clients);
      reading.value = seen.size;
      changed();
      at = page.next;
    }
    table.endReading(seen);
  } catch (error) {
    if (mine !== round) return;
    failure.value = error instanceof Error ? error.message : String(error);
  }
  reading.value = -1;
  changed();
}

export function watchPresence(): () => void {
  const ends = [
    listen({
      topic: "clients",
      reload: () => void read(),
      rows: (rows) => {
        for (const row of rows as ClientRow[]) pending.set(row[0], row);
        schedule();
      },
    }),
    listen({
      topic: "figures",
      reload: () => void seconds.read(() => get<Second[]>("history")).then(showHistory),
      rows: (rows) => {
        seconds.add(rows as Second[]);
        showHistory();
      },
    }),
  ];
  return () => ends.forEach((end) => end());
}

export function sortBy(order: Order): void {
  table.sortBy(order);
  changed();
}

export function show(filter: string): void {
  table.show(filter);
  changed();
}
