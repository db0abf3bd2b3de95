// Which attributes are columns: the key first, then those of the index, then what was seen, by name.
import {brief, type Item} from "./values";

export const columns_max = 40; // more are chosen by hand

export function ordered(keys: readonly string[], seen: Iterable<string>): string[] {
  return [...keys, ...[...seen].filter((name) => !keys.includes(name)).sort()];
}

// So many pixels that most of its values are whole.
export function widthOf(name: string, items: readonly Item[]): number {
  const lettersOf = (item: Item) => (Object.hasOwn(item, name) ? brief(item[name] as Item[string]).length : 0);
  const letters = items.slice(0, 100).map(lettersOf).sort((a, b) => a - b);
  const most = letters[Math.floor(letters.length * 0.9)] ?? 0;
  return Math.round(Math.min(380, Math.max(96, name.length * 8.2 + 60, most * 7.8 + 30)));
}
