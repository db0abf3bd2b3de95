// The table that is open: its description, what is read of it, and its changes.
import {signal} from "@preact/signals";
import {ask, describe, isCode, watching} from "./dynamo";
import {poll} from "../../poll";
import {watch} from "./live";
import {Reader, type Change} from "./reader";
import type {Search} from "./search";
import type {Table} from "./table";

export const table = signal<Table | undefined>(undefined);
export const failure = signal<unknown>(undefined);
export const gone = signal(false);
export const reader = signal<Reader | undefined>(undefined);
export const noticed = signal<readonly Change[]>([]); // the latest changes, for who shows one item
let search: Search | undefined;
let current = ""; // the name of the table that is open
let hurry = (): void => undefined;
let isReady = false;

const refresh_ms = 4000;

function begin(): void {
  const open = table.peek();
  if (!open || !search || !isReady) return;
  reader.peek()?.end();
  const next = new Reader(open, search);
  reader.value = next;
  void next.more();
}

// What is looked for from now on; the same again reads it again.
export function look(wanted: Search): void {
  search = wanted;
  begin();
}

// The description of `name` was changed.
export function refresh(name: string): void {
  if (name === current) hurry();
}

async function read(name: string): Promise<() => void> {
  try {
    const [latest] = await Promise.all([describe(name), ask()]);
    return () => {
      table.value = latest;
      failure.value = undefined;
      gone.value = false;
    };
  } catch (error) {
    return () => {
      if (isCode(error, "ResourceNotFoundException")) gone.value = true;
      failure.value = error;
    };
  }
}

// Returns what closes it. A table is watched once it is known: a name that is none's is no topic of the feed.
export function open(name: string): () => void {
  let over = false, isWatched = false;
  let end = () => undefined as void;
  current = name;
  table.value = undefined;
  reader.value = undefined;
  failure.value = undefined;
  gone.value = false;
  search = undefined;
  isReady = false;
  const ready = () => {
    if (over) return;
    isReady = true;
    begin();
  };
  const begun = () => {
    if (isWatched || !table.peek()) return;
    isWatched = true;
    if (!watching.peek()?.live) return ready();
    end = watch(name, {ready, missed: begin, change: (changes) => {
      reader.peek()?.apply(changes);
      noticed.value = changes;
    }});
  };
  const described = poll(async () => {
    const take = await read(name);
    return () => {
      take();
      begun();
    };
  }, () => refresh_ms);
  hurry = described.soon;
  return () => {
    over = true;
    described.end();
    end();
    reader.peek()?.end();
    reader.value = undefined;
  };
}
