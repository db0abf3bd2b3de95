// What is looked for in a table: it lies in the URL, becomes a Query or a Scan, and is judged here for items that change
// while they are looked at.
import {decimal} from "./numbers";
import {keysOf, keyNames, heldBy, indexesOf, isGlobal, type Keys, type KeyPart, type Table} from "./table";
import {attribute, inside, isBase64, order, pick, same, typeOf, types, type Item, type Type, type Value} from "./values";

export const sortOperators = ["=", "<", "<=", ">", ">=", "between", "begins_with"] as const;
export const filterOperators = ["=", "<>", "<", "<=", ">", ">=", "between", "begins_with", "contains", "not contains", "exists",
  "not exists", "type"] as const;
export type SortOperator = (typeof sortOperators)[number];
export type FilterOperator = (typeof filterOperators)[number];

export interface Filter {
  name: string;
  operator: FilterOperator;
  type: Type; // of the value
  value: string;
  second: string; // of between
}

export interface Search {
  index: string; // "" is the table
  partition: string; // "" is a Scan
  sortOperator: SortOperator;
  sort: string; // "" is any
  sortSecond: string;
  filters: Filter[];
  attributes: string[]; // none is all
  limit: number; // 0 is what a page holds
  down: boolean;
  consistent: boolean;
}

export const everything: Search = {
  index: "", partition: "", sortOperator: "=", sort: "", sortSecond: "", filters: [], attributes: [], limit: 0, down: false,
  consistent: false,
};

const among = <T extends string>(all: readonly T[], text: unknown): T | undefined => all.find((one) => one === text);

function readFilter(text: string): Filter[] {
  try {
    const [name, operator, type, value = "", second = ""] = JSON.parse(text) as unknown[];
    const known = among(filterOperators, operator), kind = among(types, type);
    if (typeof name !== "string" || !known || !kind || typeof value !== "string" || typeof second !== "string") return [];
    return [{name, operator: known, type: kind, value, second}];
  } catch {
    return []; // somebody wrote the URL by hand
  }
}

export function readSearch(query: URLSearchParams): Search {
  const limit = Number(query.get("limit"));
  return {
    index: query.get("index") ?? "",
    partition: query.get("pk") ?? "",
    sortOperator: among(sortOperators, query.get("op")) ?? "=",
    sort: query.get("sk") ?? "",
    sortSecond: query.get("sk2") ?? "",
    filters: query.getAll("f").flatMap(readFilter),
    attributes: query.getAll("attr"),
    limit: Number.isInteger(limit) && limit > 0 ? limit : 0,
    down: query.get("order") === "down",
    consistent: query.get("consistent") === "1",
  };
}

export function writeSearch(search: Search): Record<string, string | string[]> {
  return {
    index: search.index,
    pk: search.partition,
    op: search.partition && search.sort && search.sortOperator !== "=" ? search.sortOperator : "",
    sk: search.partition ? search.sort : "",
    sk2: search.partition && search.sortOperator === "between" ? search.sortSecond : "",
    f: search.filters.map(({name, operator, type, value, second}) => JSON.stringify(operator === "between"
      ? [name, operator, type, value, second] : [name, operator, type, value])),
    attr: search.attributes,
    limit: search.limit > 0 ? String(search.limit) : "",
    order: search.down ? "down" : "",
    consistent: search.consistent ? "1" : "",
  };
}

// Something of a search that cannot be a value; `what` is an attribute's name.
export class SearchError extends Error {
  constructor(readonly reason: "number" | "binary" | "truth" | "name" | "index", readonly what: string) {
    super(`${reason}: ${what}`);
  }
}

export function valueOf(type: Type, text: string, what: string): Value {
  const trimmed = text.trim();
  switch (type) {
    case "N":
      if (!decimal(trimmed)) throw new SearchError("number", what);
      return {N: trimmed};
    case "B":
      if (!isBase64(trimmed)) throw new SearchError("binary", what);
      return {B: trimmed};
    case "BOOL":
      if (trimmed !== "true" && trimmed !== "false") throw new SearchError("truth", what);
      return {BOOL: trimmed === "true"};
    case "NULL": return {NULL: true};
    default: return {S: text};
  }
}

export function searchedKeys(table: Table, search: Search): Keys {
  const index = indexesOf(table).find((one) => one.IndexName === search.index);
  if (search.index && !index) throw new SearchError("index", search.index);
  return keysOf(table, index?.KeySchema);
}

export type Input = Record<string, unknown>;
export interface Request {
  operation: "Query" | "Scan";
  input: Input;
}

// Every name and value by a placeholder: names may be reserved words, and anything else.
class Placeholders {
  readonly names = new Map<string, string>();
  readonly values: [string, Value][] = [];

  name(name: string): string {
    const known = this.names.get(name) ?? `#n${this.names.size}`;
    this.names.set(name, known);
    return known;
  }
  value(value: Value): string {
    this.values.push([`:v${this.values.length}`, value]);
    return `:v${this.values.length - 1}`;
  }
  into(input: Input): void {
    if (this.names.size > 0) input.ExpressionAttributeNames = Object.fromEntries([...this.names].map(([name, mark]) => [mark,
      name]));
    if (this.values.length > 0) input.ExpressionAttributeValues = Object.fromEntries(this.values);
  }
}

function comparison(marks: Placeholders, name: string, operator: string, value: Value, second: () => Value): string {
  const left = marks.name(name);
  if (operator === "between") return `${left} BETWEEN ${marks.value(value)} AND ${marks.value(second())}`;
  if (operator === "begins_with") return `begins_with(${left}, ${marks.value(value)})`;
  return `${left} ${operator} ${marks.value(value)}`;
}

function filterText(marks: Placeholders, {name, operator, type, value, second}: Filter): string {
  if (name === "") throw new SearchError("name", "");
  if (operator === "exists") return `attribute_exists(${marks.name(name)})`;
  if (operator === "not exists") return `attribute_not_exists(${marks.name(name)})`;
  if (operator === "type") return `attribute_type(${marks.name(name)}, ${marks.value({S: type})})`;
  const wanted = valueOf(type, value, name);
  if (operator === "contains") return `contains(${marks.name(name)}, ${marks.value(wanted)})`;
  if (operator === "not contains") return `NOT contains(${marks.name(name)}, ${marks.value(wanted)})`;
  return comparison(marks, name, operator, wanted, () => valueOf(type, second, name));
}

// Throws SearchError. The key is always among the attributes: without it a row could not be opened.
export function requestOf(table: Table, search: Search): Request {
  const keys = searchedKeys(table, search);
  const marks = new Placeholders();
  const input: Input = {TableName: table.TableName};
  if (search.index) input.IndexName = search.index;
  if (search.partition) {
    const parts = [`${marks.name(keys.partition.name)} = ${marks.value(valueOf(keys.partition.type, search.partition, keys.partition.name))}`];
    if (keys.sort && search.sort !== "") {
      const {name, type} = keys.sort;
      parts.push(comparison(marks, name, search.sortOperator, valueOf(type, search.sort, name),
        () => valueOf(type, search.sortSecond, name)));
    }
    input.KeyConditionExpression = parts.join(" AND ");
  }
  if (search.filters.length > 0) input.FilterExpression = search.filters.map((filter) => filterText(marks, filter)).join(" AND ");
  if (search.attributes.length > 0)
    input.ProjectionExpression = [...new Set([...keyNames(table),
      ...search.attributes])].map((name) => marks.name(name)).join(", ");
  marks.into(input);
  if (search.limit > 0) input.Limit = search.limit;
  if (search.partition && search.down) input.ScanIndexForward = false;
  if (search.consistent && !isGlobal(table, search.index)) input.ConsistentRead = true;
  input.ReturnConsumedCapacity = "TOTAL";
  return {operation: search.partition ? "Query" : "Scan", input};
}

function holds(value: Value | undefined, operator: string, wanted: Value, second: () => Value): boolean {
  if (!value) return operator === "<>";
  if (operator === "=") return same(value, wanted) || order(value, wanted) === 0;
  if (operator === "<>") return !(same(value, wanted) || order(value, wanted) === 0);
  if (operator === "begins_with") {
    if ("S" in value && "S" in wanted) return value.S.startsWith(wanted.S);
    if ("B" in value && "B" in wanted) return atob(value.B).startsWith(atob(wanted.B));
    return false;
  }
  if (operator === "contains") return includes(value, wanted);
  const than = order(value, wanted);
  if (than === undefined) return false;
  if (operator === "between") return than >= 0 && (order(value, second()) ?? 1) <= 0;
  return operator === "<" ? than < 0 : operator === "<=" ? than <= 0 : operator === ">" ? than > 0 : than >= 0;
}

function includes(value: Value, wanted: Value): boolean {
  if ("S" in value && "S" in wanted) return value.S.includes(wanted.S);
  if ("B" in value && "B" in wanted) return atob(value.B).includes(atob(wanted.B));
  if ("L" in value) return value.L.some((one) => same(one, wanted));
  const type = typeOf(wanted);
  const list = (inside(value) as string[] | undefined) ?? [];
  return typeOf(value) === `${type}S` && list.some((one) => same({[type]: one} as Value, wanted));
}

function passes(item: Item, {name, operator, type, value, second}: Filter): boolean {
  const found = attribute(item, name);
  if (operator === "exists") return found !== undefined;
  if (operator === "not exists") return found === undefined;
  if (operator === "type") return found !== undefined && typeOf(found) === type;
  const wanted = valueOf(type, value, name);
  if (operator === "not contains") return !found || !includes(found, wanted);
  return holds(found, operator, wanted, () => valueOf(type, second, name));
}

const isKey = (item: Item, part: KeyPart | undefined): boolean => {
  if (!part) return true;
  const value = attribute(item, part.name);
  return value !== undefined && typeOf(value) === part.type;
};

// Whether the search would find the item: what DynamoDB says of it, for an item that has just changed.
export function finds(table: Table, search: Search, item: Item): boolean {
  const keys = searchedKeys(table, search);
  if (!isKey(item, keys.partition) || !isKey(item, keys.sort)) return false; // not in the index
  if (search.partition) {
    const {name, type} = keys.partition;
    if (!holds(attribute(item, name), "=", valueOf(type, search.partition, name), () => ({NULL: true}))) return false;
    if (keys.sort && search.sort !== "") {
      const {name: sortName, type: sortType} = keys.sort;
      const second = () => valueOf(sortType, search.sortSecond, sortName);
      if (!holds(attribute(item, sortName), search.sortOperator, valueOf(sortType, search.sort, sortName), second)) return false;
    }
  }
  return search.filters.every((filter) => passes(shownOf(table, {...search, attributes: []}, item), filter));
}

// The attributes that the search shows of an item.
export function shownOf(table: Table, search: Search, item: Item): Item {
  const index = indexesOf(table).find((one) => one.IndexName === search.index);
  const held = index ? heldBy(table, index) : undefined;
  const kept = held ? pick(item, held) : item;
  return search.attributes.length > 0 ? pick(kept, [...new Set([...keyNames(table), ...search.attributes])]) : kept;
}

// Where a new item belongs among those that a Query has found; at the end for a Scan, whose order only DynamoDB knows.
export function placeOf(table: Table, search: Search, items: readonly Item[], item: Item): number {
  const sort = searchedKeys(table, search).sort;
  const value = sort && attribute(item, sort.name);
  if (!search.partition || !sort || !value) return items.length;
  const after = (other: Item) => {
    const than = order(attribute(other, sort.name) ?? {NULL: true}, value) ?? 0;
    return search.down ? than < 0 : than > 0;
  };
  const found = items.findIndex(after);
  return found < 0 ? items.length : found;
}
