// The open table's changes as they happen: told to whoever shows items, and kept for the list of changes.
import {signal} from "@preact/signals";
import {listen} from "../../feed";
import {call} from "./dynamo";
import type {Change} from "./reader";
import type {Item} from "./values";

export interface Seen extends Change {
  number: number;
}

const kept_max = 1000;
export const seen = signal<readonly Seen[]>([]); // newest first
export const missed = signal(false); // the browser was too slow, or away, and some changes were not told
let count = 0;

export function forget(): void {
  seen.value = [];
  missed.value = false;
}

// Items that are too large for the feed are asked for, one after the other.
async function complete(table: string, changes: Change[]): Promise<Change[]> {
  const out: Change[] = [];
  for (const change of changes) {
    if (change.n !== true) out.push(change);
    else {
      const {Item: item} = await call<{Item?: Item}>("GetItem", {TableName: table, Key: change.k, ConsistentRead: true});
      out.push({...change, n: item ?? null});
    }
  }
  return out;
}

const patience_ms = 500;

// `ready` is called once, when changes are told from here on, or when that takes long; `missed` when some were not told.
export function watch(table: string,
  on: {ready: () => void; change: (changes: Change[]) => void; missed: () => void}): () => void {
  let isReady = false, isTold = false, over = false;
  let queue: Promise<void> = Promise.resolve(); // changes are told in their order
  const ready = () => {
    if (isReady || over) return;
    isReady = true;
    on.ready();
  };
  const timer = setTimeout(ready, patience_ms);
  forget();
  const end = listen({
    topic: `items:${table}`,
    reload: () => {
      if (isReady) on.missed();
      missed.value = isTold; // else nothing was shown as if it were live
      isTold = true;
      ready();
    },
    rows: (rows) => {
      const changes = rows as Change[];
      seen.value = [...changes.map((change) => ({...change, number: ++count})).reverse(), ...seen.peek()].slice(0, kept_max);
      queue = queue.then(() => complete(table, changes)).then(
        (whole) => {
          if (!over) on.change(whole);
        },
        () => void (over || on.missed()), // if the table is gone, its page says so
      );
    },
  });
  return () => {
    over = true;
    clearTimeout(timer);
    end();
  };
}
