// /metrics each second while the screen is there, and what this croft is. The readings are kept while the page lives.
import {signal} from "@preact/signals";
import {useEffect} from "preact/hooks";
import {croftPage, croftText, get} from "../../api";
import {poll} from "../../poll";
import type {Second} from "../../second";
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

export const past = signal<readonly Second[]>([]);

const interval_ms = 1000;

async function readPast(): Promise<void> {
  try {
    past.value = await get<Second[]>("history");
  } catch {
    // the charts begin now
  }
}

async function read(stop: AbortSignal): Promise<() => void> {
  try {
    const reading = {at: Date.now(), metrics: new Metrics(await croftText("/metrics", stop))};
    const all = keep(readings.peek(), reading);
    const known = all.length > 1 ? instance.peek() : undefined; // another start is another one
    const told = known ?? (await croftPage<Instance>("instance", stop));
    return () => {
      readings.value = all;
      instance.value = told;
      isLost.value = false;
    };
  } catch {
    return () => (isLost.value = true);
  }
}

export function useReadings(): void {
  useEffect(() => {
    let began = 0;
    void readPast();
    const {end} = poll((stop) => {
      began = Date.now();
      return read(stop);
    }, () => Math.max(100, interval_ms - (Date.now() - began)));
    return end;
  }, []);
}
