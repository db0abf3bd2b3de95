// For the tests: texts that break what is put together carelessly, and numbers that come again with each run.
import {itemOf, type Item, type Value} from "./values";

export const hostileTexts = [
  "", " ", "plain", "it's", "''", "'\\''", '"', '""', "\\", "\\n", "$(touch /tmp/x)", "`id`", "$HOME", "a;b|c&d>e<f", "!x", "#x",
  "*?[a]",
  "-rf", "--help", "file:///etc/passwd", "http://127.0.0.1/", "line\nbreak", "cr\rlf\r\n", "tab\t", "nul\u0000nul",
  "\u007f\u0080", "é", "日本語", "😀",
  "\u2028\u2029", "\u202egnp.exe", "\ufeffmark", "__proto__", "constructor", "toString", "hasOwnProperty", "a.b", "a[0]", "#n0",
  ":v0", "a,b", '{"S":"x"}',
  "12", "1e5", "true", "null", "<img src=x onerror=alert(1)>", "{{x}}", "%s%n", "x".repeat(3000),
];

// mulberry32: the same sequence for the same seed.
export function randomOf(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

// Items of any shape, with names and texts that are trouble.
function anyValue(random: () => number, depth: number, plain: boolean): Value {
  const one = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)] as T;
  const text = () => one(hostileTexts);
  const number = () => one(["0", "-1", "12345678901234567890123456789012345678", "1.5E-100", "0.1", "1E+125"]);
  const some = <T>(make: () => T) => Array.from({length: 1 + Math.floor(random() * 3)}, make);
  const kinds = ["S", "N", "BOOL", "NULL", ...(depth > 0 ? ["M", "L"] : []), ...(plain ? [] : ["B", "SS", "NS", "BS"])];
  switch (one(kinds)) {
    case "S": return {S: text()};
    case "N": return {N: number()};
    case "BOOL": return {BOOL: random() < 0.5};
    case "NULL": return {NULL: true};
    case "M": return {M: anyItem(random, depth - 1, plain)};
    case "L": return {L: some(() => anyValue(random, depth - 1, plain))};
    case "B": return {B: btoa("bytes")};
    case "SS": return {SS: some(text)};
    case "NS": return {NS: some(number)};
    default: return {BS: some(() => btoa("x"))};
  }
}

export function anyItem(random: () => number, depth: number, plain: boolean): Item {
  return itemOf(Array.from({length: Math.floor(random() * 6)},
    () => [hostileTexts[Math.floor(random() * hostileTexts.length)] ?? "", anyValue(random, depth, plain)] as const));
}
