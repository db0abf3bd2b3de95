// How an item is written so that nobody's work is lost: only if it is still what was read.
import type {Input} from "./search";
import {pick, same, type Item, type Value} from "./values";

export interface Write {
  operation: "PutItem" | "TransactWriteItems";
  input: Input;
}

const conditions_max = 200; // an expression has 4 KB; who saves has read the item again just before

interface Condition {
  ConditionExpression: string;
  ExpressionAttributeNames: Record<string, string>;
  ExpressionAttributeValues?: Record<string, Value>;
}

function isNew(key: string): Condition {
  return {ConditionExpression: "attribute_not_exists(#k)", ExpressionAttributeNames: {"#k": key}};
}

// That each attribute is what it was, and what is added is not there yet.
export function unchanged(original: Item, next: Item | undefined): Condition {
  const names: [string, string][] = [], values: [string, Value][] = [], terms: string[] = [];
  for (const [name, value] of Object.entries(original).slice(0, conditions_max)) {
    const n = names.length;
    names.push([`#c${n}`, name]);
    values.push([`:c${n}`, value]);
    terms.push(`#c${n} = :c${n}`);
  }
  const added = Object.keys(next ?? {}).filter((name) => !Object.hasOwn(original, name));
  for (const name of added.slice(0, conditions_max - terms.length)) {
    const n = names.length;
    names.push([`#c${n}`, name]);
    terms.push(`attribute_not_exists(#c${n})`);
  }
  return {ConditionExpression: terms.join(" AND "), ExpressionAttributeNames: Object.fromEntries(names),
    ExpressionAttributeValues: Object.fromEntries(values)};
}

export function hasMoved(keys: readonly string[], original: Item, item: Item): boolean {
  return keys.some((name) => {
    const was = original[name], is = Object.hasOwn(item, name) ? item[name] : undefined;
    return !was || !is || !same(was, is);
  });
}

// A new item; one that was changed; or one whose key was changed, which is another item: both are written, or none.
export function writeOf(table: string, keys: readonly string[], original: Item | undefined, item: Item): Write {
  const key = keys[0] ?? "";
  if (!original) return {operation: "PutItem", input: {TableName: table, Item: item, ...isNew(key)}};
  if (!hasMoved(keys, original, item)) return {operation: "PutItem",
    input: {TableName: table, Item: item, ...unchanged(original, item)}};
  return {
    operation: "TransactWriteItems",
    input: {
      TransactItems: [
        {Put: {TableName: table, Item: item, ...isNew(key)}},
        {Delete: {TableName: table, Key: pick(original, keys), ...unchanged(original, undefined)}},
      ],
    },
  };
}
