// The page's own MQTT client: MQTT.js over the gateway's WebSocket entry by a presigned URL, as AWS's console does. It lives
// as long as the page, whatever screen is shown.
import {signal} from "@preact/signals";
import type {IClientOptions, MqttClient} from "mqtt";
import {get} from "../../api";
import {present} from "../../session";
import {matches} from "./topic_filter";

export type SessionState = "off" | "connecting" | "connected" | "lost";
export type Qos = 0 | 1;
export type MqttVersion = 4 | 5;

export interface Subscription {
  topic: string;
  qos: Qos;
  color: number; // of eight
  refused: boolean;
}

export interface Properties {
  contentType?: string;
  responseTopic?: string;
  correlationData?: Uint8Array;
  messageExpiryInterval?: number;
  payloadFormatIndicator?: boolean;
  userProperties?: Record<string, string | string[]>;
}

export interface Message {
  number: number;
  time: number;
  topic: string;
  payload: Uint8Array;
  qos: number;
  retain: boolean;
  color: number; // of the first subscription that asked for it; -1: it is gone
  properties: Properties;
}

export const state = signal<SessionState>("off");
export const clientId = signal("");
export const version = signal<MqttVersion>(5);
export const subscriptions = signal<Subscription[]>([]);
export const messages = signal<Message[]>([]); // newest first
export const waiting = signal<Message[]>([]); // while paused
export const paused = signal(false);
export const dropped = signal(0);
export const failure = signal("");

const messages_max = 2000;
const bytes_max = 32 * 1024 * 1024;
const retry_ms = 1000;
const colors = 8;

let client: MqttClient | undefined;
let attempt = 0; // moves with each wish to connect or disconnect
let numbers = 0;
let inbox: Message[] = [];
let frame = 0;

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export async function connect(): Promise<void> {
  const mine = ++attempt;
  client?.end(true);
  state.value = state.peek() === "lost" ? "lost" : "connecting";
  try {
    const [{default: mqtt}, place] = await Promise.all([import("mqtt"), get<{url: string; clientId: string}>("mqtt")]);
    if (mine !== attempt) return;
    if (!clientId.peek()) clientId.value = place.clientId;
    const options: IClientOptions = {
      clientId: clientId.peek(), protocolVersion: version.peek(), clean: true, keepalive: 30, reconnectPeriod: 0, connectTimeout: 10_000,
      timerVariant: "native", // its others make scripts of text, which the page's policy refuses
    };
    attach(mqtt.connect(place.url, options), mine);
  } catch (error) {
    if (mine === attempt) tryAgain(mine, text(error));
  }
}

// A presigned URL serves once, so each connection begins with a new one.
function tryAgain(mine: number, why: string): void {
  failure.value = why;
  state.value = "lost";
  setTimeout(() => {
    void present().then(() => (mine === attempt ? connect() : undefined));
  }, retry_ms);
}

function attach(made: MqttClient, mine: number): void {
  client = made;
  let why = "";
  made.on("connect", () => {
    if (mine !== attempt) return;
    state.value = "connected";
    failure.value = "";
    for (const one of subscriptions.peek()) request(one);
  });
  made.on("error", (error) => (why = text(error)));
  made.on("message", (topic, payload, packet) => receive(topic, payload, packet as unknown as {qos: number; retain: boolean; properties?: Properties}));
  made.on("close", () => {
    made.end(true);
    if (mine === attempt) tryAgain(mine, why);
  });
}

export function disconnect(): void {
  ++attempt;
  state.value = "off";
  client?.end();
  client = undefined;
}

function request(one: Subscription): void {
  const mine = client;
  mine?.subscribe(one.topic, {qos: one.qos}, (error, granted) => {
    if (mine !== client) return;
    const refused = Boolean(error) || (granted ?? []).some((grant) => grant.qos >= 128);
    if (refused) subscriptions.value = subscriptions.peek().map((other) => (other.topic === one.topic ? {...other, refused} : other));
  });
}

export function subscribe(topic: string, qos: Qos): void {
  const others = subscriptions.peek().filter((one) => one.topic !== topic);
  const used = others.map((one) => one.color);
  const free = [...Array(colors).keys()].find((color) => !used.includes(color)) ?? others.length % colors;
  const wanted: Subscription = {topic, qos, color: free, refused: false};
  subscriptions.value = [...others, wanted];
  if (state.peek() === "connected") request(wanted);
  else if (state.peek() === "off") void connect();
}

export function unsubscribe(topic: string): void {
  subscriptions.value = subscriptions.peek().filter((one) => one.topic !== topic);
  if (state.peek() === "connected") client?.unsubscribe(topic);
}

export async function publish(topic: string, payload: string, options: {qos: Qos; retain: boolean; properties: Properties}): Promise<void> {
  if (!client || state.peek() !== "connected") throw new Error("MQTT");
  const {properties, ...rest} = options;
  const withProperties = version.peek() === 5 && Object.keys(properties).length > 0;
  await client.publishAsync(topic, payload, {...rest, ...(withProperties ? {properties: properties as object} : {})});
}

function receive(topic: string, payload: Uint8Array, packet: {qos: number; retain: boolean; properties?: Properties}): void {
  const color = subscriptions.peek().find((one) => matches(one.topic, topic))?.color ?? -1;
  inbox.push({
    number: ++numbers, time: Date.now(), topic, payload: payload.slice(), qos: packet.qos, retain: packet.retain, color, properties: packet.properties ?? {},
  });
  if (inbox.length > messages_max) dropped.value += inbox.splice(0, inbox.length - messages_max).length;
  if (!frame) frame = document.hidden ? window.setTimeout(flush, 500) : requestAnimationFrame(flush);
}

function flush(): void {
  frame = 0;
  const news = inbox.reverse();
  inbox = [];
  if (paused.peek()) waiting.value = limited([...news, ...waiting.peek()]);
  else messages.value = limited([...news, ...messages.peek()]);
}

// The newest that fit.
function limited(all: Message[]): Message[] {
  let bytes = 0, count = 0;
  for (const message of all) {
    bytes += message.payload.length + message.topic.length;
    if (count === messages_max || (bytes > bytes_max && count > 0)) break;
    ++count;
  }
  if (count < all.length) dropped.value += all.length - count;
  return count < all.length ? all.slice(0, count) : all;
}

export function pause(wanted: boolean): void {
  paused.value = wanted;
  if (wanted) return;
  messages.value = limited([...waiting.peek(), ...messages.peek()]);
  waiting.value = [];
}

export function clear(): void {
  messages.value = [];
  waiting.value = [];
  dropped.value = 0;
}

export function setVersion(wanted: MqttVersion): void {
  version.value = wanted;
  if (state.peek() !== "off") void connect();
}
