// Items and values as DynamoDB's API has them.
import {compareNumbers} from "./numbers";

export type Value =
  | {S: string} | {N: string} | {B: string} | {BOOL: boolean} | {NULL: boolean}
  | {M: Item} | {L: Value[]} | {SS: string[]} | {NS: string[]} | {BS: string[]};
export interface Item {
  [name: string]: Value;
}

export const types = ["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"] as const;
export type Type = (typeof types)[number];

export function typeOf(value: Value): Type {
  return Object.keys(value)[0] as Type;
}

// What is inside, whatever its type.
export function inside(value: Value): unknown {
  return Object.values(value)[0];
}

// Attributes may be called __proto__ or toString: only an item's own ones are its attributes.
export function attribute(item: Item, name: string): Value | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

export function itemOf(attributes: Iterable<readonly [string, Value]>): Item {
  return Object.fromEntries(attributes);
}

export function pick(item: Item, names: readonly string[]): Item {
  return itemOf(names.flatMap((name) => (Object.hasOwn(item, name) ? [[name, item[name] as Value] as const] : [])));
}

// The same text for the same item or value, whatever the order of attributes and of members of sets.
export function canonical(value: Value): string {
  const type = typeOf(value), content = inside(value);
  if (type === "M") return `{"M":${canonicalItem(content as Item)}}`;
  if (type === "L") return `{"L":[${(content as Value[]).map(canonical).join(",")}]}`;
  if (type === "SS" || type === "NS" || type === "BS") return JSON.stringify({[type]: [...(content as string[])].sort()});
  return JSON.stringify(value);
}

export function canonicalItem(item: Item): string {
  return `{${Object.keys(item).sort().map((name) => `${JSON.stringify(name)}:${canonical(item[name] as Value)}`).join(",")}}`;
}

export const same = (a: Value, b: Value) => canonical(a) === canonical(b);
export const sameItem = (a: Item, b: Item) => canonicalItem(a) === canonicalItem(b);

// Names one item of a table: the text of its key.
export const idOf = (keys: readonly string[], item: Item) => JSON.stringify(pick(item, keys));

const encoder = new TextEncoder();

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}

export function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let n = 0; n < a.length && n < b.length; ++n) if (a[n] !== b[n]) return (a[n] as number) - (b[n] as number);
  return a.length - b.length;
}

// The order of two values of one type S, N or B; nothing for others.
export function order(a: Value, b: Value): number | undefined {
  if ("N" in a && "N" in b) return compareNumbers(a.N, b.N);
  if ("S" in a && "S" in b) return compareBytes(encoder.encode(a.S), encoder.encode(b.S));
  if ("B" in a && "B" in b) return compareBytes(bytesOf(a.B), bytesOf(b.B));
  return undefined;
}

const brief_max = 300;
const cut = (text: string) => (text.length > brief_max ? `${text.slice(0, brief_max)}…` : text);
const sizeOf = (base64: string) => (base64.length / 4) * 3 - (base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0);
export const bytesText = (base64: string) => `${sizeOf(base64)} B`;

// A value in one line, as a cell shows it.
export function brief(value: Value, depth = 0): string {
  if (depth > 4) return "…";
  const each = (values: Value[]) => values.slice(0, 20).map((one) => nested(one, depth)).join(", ") + (values.length > 20 ? ", …"
    : "");
  if ("S" in value) return cut(value.S);
  if ("N" in value) return value.N;
  if ("BOOL" in value) return String(value.BOOL);
  if ("NULL" in value) return "null";
  if ("B" in value) return bytesText(value.B);
  if ("BS" in value) return `{${value.BS.slice(0, 20).map(bytesText).join(", ")}}`;
  if ("NS" in value) return cut(`{${value.NS.slice(0, 20).join(", ")}}`);
  if ("SS" in value) return cut(`{${value.SS.slice(0, 20).map((one) => JSON.stringify(one)).join(", ")}}`);
  if ("L" in value) return cut(`[${each(value.L)}]`);
  return cut(`{${Object.entries(value.M).slice(0, 20).map(([name, one]) => `${name}: ${nested(one, depth)}`).join(", ")}}`);
}

function nested(value: Value, depth: number): string {
  return "S" in value ? cut(JSON.stringify(value.S)) : brief(value, depth + 1);
}
