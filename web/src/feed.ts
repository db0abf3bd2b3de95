// The live feed: one stream of server-sent events for all that is on the screen. croft sends less to who reads slowly; here
// what came is kept, the newest of each client only, until the browser draws its next frame.
import {effect, signal} from "@preact/signals";
import {ask} from "./api";
import {EventReader} from "./event_reader";
import {present} from "./session";

export type FeedState = "off" | "connecting" | "live" | "lost";
export const feedState = signal<FeedState>("off");

export interface Listener {
  topic: string;
  rows?: (rows: unknown[]) => void; // of the topic's events
  reload: () => void; // read the whole list: the feed begins now, or changes were missed
}

const listeners = signal<readonly Listener[]>([]);

// From here on; returns what ends it.
export function listen(listener: Listener): () => void {
  listeners.value = [...listeners.peek(), listener];
  return () => (listeners.value = listeners.peek().filter((other) => other !== listener));
}

const patience_ms = [250, 500, 1000, 2000, 5000];

function tell(event: {name: string; data: string}): void {
  const value: unknown = JSON.parse(event.data);
  for (const listener of listeners.peek()) {
    if (event.name === "hello" || (event.name === "reload" && value === listener.topic)) listener.reload();
    else if (event.name === listener.topic) listener.rows?.(event.name === "figures" ? [value] : (value as unknown[]));
  }
}

async function follow(topics: string, stop: AbortSignal): Promise<void> {
  const response = await ask(`feed?topics=${topics}`, {signal: stop});
  if (!response.body || stop.aborted) return;
  feedState.value = "live";
  const events = new EventReader();
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (;;) {
    const {done, value} = await reader.read();
    if (done || stop.aborted) return;
    for (const event of events.feed(decoder.decode(value, {stream: true}))) tell(event);
  }
}

async function keepFollowing(topics: string, stop: AbortSignal): Promise<void> {
  for (let tries = 0; !stop.aborted; ++tries) {
    if (feedState.peek() !== "lost") feedState.value = "connecting";
    try {
      const began = Date.now();
      await follow(topics, stop);
      if (Date.now() - began > 5000) tries = 0;
    } catch {
      // tried again below
    }
    await present();
    if (stop.aborted) return;
    feedState.value = "lost";
    await new Promise((go) => setTimeout(go, patience_ms[Math.min(tries, patience_ms.length - 1)]));
  }
}

// What the screens want decides what is sent.
const topics = signal("");
effect(() => {
  topics.value = [...new Set(listeners.value.map((listener) => listener.topic))].sort().join(",");
});
effect(() => {
  const wanted = topics.value;
  if (wanted === "") {
    feedState.value = "off";
    return;
  }
  const stop = new AbortController();
  void keepFollowing(wanted, stop.signal);
  return () => stop.abort();
});
