// /metrics each second while the screen is there, and what this croft is. The readings are kept while the page lives.
import {signal} from "@preact/signals";
import {useEffect} from "preact/hooks";
import {croftPage, croftText, get} from "../../api";
import {keep, type Reading} from "./figures";
import {Metrics} from "./prometheus";

// GET /_croft/instance
export interface Instance {
  version: string;
  startedAt: number;
  pid: number;
  region: string;
  account: string;
  dataFolder: string; // "": nothing is kept
  durability: "fsync" | "os" | "memory";
  endpoints: Partial<Record<"gateway" | "mqtt" | "mqtts" | "device" | "https", string>>;
}

export const readings = signal<readonly Reading[]>([]);
export const isLost = signal(false);
export const instance = signal<Instance | undefined>(undefined);

// A second of the last hour, counted while nobody looked; src/console/history.h.
type Second = [time: number, connected: number, known: number, connects: number, disconnects: number, received: number, delivered: number];
export const past = signal<readonly Second[]>([]);

const interval_ms = 1000;

async function readPast(): Promise<void> {
  try {
    past.value = await get<Second[]>("history");
  } catch {
    // the charts begin now
  }
}

async function read(): Promise<void> {
  try {
    const metrics = new Metrics(await croftText("/metrics"));
    const before = readings.peek();
    readings.value = keep(before, {at: Date.now(), metrics});
    isLost.value = false;
    if (!instance.peek() || readings.peek().length === 1) instance.value = await croftPage<Instance>("instance");
  } catch {
    isLost.value = true;
  }
}

// One at a time; a page that nobody sees asks nothing.
export function useReadings(): void {
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const turn = async () => {
      const began = Date.now();
      if (!document.hidden) await read();
      if (!over) timer = setTimeout(() => void turn(), Math.max(100, interval_ms - (Date.now() - began)));
    };
    void readPast();
    void turn();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, []);
}
