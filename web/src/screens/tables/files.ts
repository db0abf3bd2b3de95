// Items as files: DynamoDB JSON lines (as AWS's exports have them), plain JSON, CSV. What is written here reads back as it was,
// but plain JSON cannot say sets and bytes.
import {CsvError, csvLine, readCsv} from "./csv";
import {dynamoValue, itemOfTree, lineOf, notPlain, plainLine} from "./item_text";
import {parseFirst, parseTree, TextError, type Tree} from "./json_tree";
import {isNumber} from "./numbers";
import type {KeyPart} from "./table";
import {attribute, itemOf, typeOf, types, type Item, type Type, type Value} from "./values";

export const fileForms = ["dynamo", "plain", "csv"] as const;
export type FileForm = (typeof fileForms)[number];
export const endings: Record<FileForm, string> = {dynamo: "jsonl", plain: "json", csv: "csv"};

export interface Read {
  line: number;
  item?: Item;
  error?: TextError | CsvError;
}

// DynamoDB JSON is known by its first item, whose attributes are values with types.
export function guessForm(name: string, text: string): FileForm {
  const start = text.slice(0, 4096).trimStart();
  if (/\.csv$/i.test(name)) return "csv";
  if (!start.startsWith("[") && !start.startsWith("{")) return "csv";
  if (start.startsWith("[")) return "plain";
  try {
    return isDynamo(parseFirst(text, 0)) ? "dynamo" : "plain";
  } catch {
    return "dynamo";
  }
}

const isTyped = (tree: Tree) => tree.kind === "object" && tree.members.length === 1
  && types.includes(tree.members[0]?.name as Type);

function isDynamo(tree: Tree): boolean {
  if (tree.kind !== "object") return false;
  const only = tree.members.length === 1 ? tree.members[0] : undefined;
  if (only?.name === "Item" && !isTyped(only.value)) return true;
  return tree.members.length > 0 && tree.members.every((member) => isTyped(member.value));
}

// AWS's exports have each item inside {"Item": …}.
function unwrapped(tree: Tree): Tree {
  const only = tree.kind === "object" && tree.members.length === 1 ? tree.members[0] : undefined;
  return only?.name === "Item" && !isTyped(only.value) ? only.value : tree;
}

function attempt(line: number, make: () => Item): Read {
  try {
    return {line, item: make()};
  } catch (error) {
    if (error instanceof TextError) return {line, error};
    throw error;
  }
}

function* readLines(text: string, form: "dynamo" | "plain"): Generator<Read> {
  let line = 0;
  for (const source of text.split("\n")) {
    ++line;
    if (source.trim() === "") continue;
    yield attempt(line, () => {
      const tree = parseTree(source);
      return itemOfTree(form === "dynamo" ? unwrapped(tree) : tree, form);
    });
  }
}

function* readArray(text: string): Generator<Read> {
  let tree: Tree;
  try {
    tree = parseTree(text);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    yield {line: lineOf(text, error.at), error};
    return;
  }
  let line = 1, seen = 0;
  for (const one of tree.kind === "array" ? tree.items : [tree]) {
    line += text.slice(seen, one.at).split("\n").length - 1;
    seen = one.at;
    yield attempt(line, () => itemOfTree(one, "plain"));
  }
}

// {"S":"12"} in a cell is a value as it is written in DynamoDB JSON; a cell that is empty is no attribute.
function cellValue(cell: string, typed: boolean): Value {
  if (!typed) return {S: cell};
  if (/^\{"(?:S|N|B|BOOL|NULL|M|L|SS|NS|BS)":/.test(cell)) {
    try {
      return dynamoValue(parseTree(cell));
    } catch {
      return {S: cell};
    }
  }
  if (cell === "true" || cell === "false") return {BOOL: cell === "true"};
  return isCellNumber(cell) ? {N: cell} : {S: cell};
}

const isCellNumber = (cell: string) => /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(cell) && isNumber(cell);

function* readTable(text: string, keys: readonly KeyPart[], typed: boolean): Generator<Read> {
  let names: string[] | undefined;
  try {
    for (const {line, cells} of readCsv(text)) {
      if (!names) {
        names = cells;
        continue;
      }
      const own: [string, Value][] = [];
      names.forEach((name, n) => {
        const cell = cells[n] ?? "";
        if (cell === "" || name === "") return;
        const key = keys.find((part) => part.name === name);
        own.push([name, key && !cell.startsWith('{"') ? ({[key.type]: cell} as Value)
          : cellValue(cell, typed || key !== undefined)]);
      });
      yield {line, item: itemOf(own)};
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    yield {line: error.line, error};
  }
}

// The items of a file, with the line where each begins. `typed`: cells of CSV that look like numbers are numbers.
export function readFile(text: string, form: FileForm, keys: readonly KeyPart[], typed: boolean): Generator<Read> {
  const source = text.startsWith("\ufeff") ? text.slice(1) : text;
  if (form === "csv") return readTable(source, keys, typed);
  if (form === "dynamo") return readLines(source, "dynamo");
  return source.trimStart().startsWith("[") ? readArray(source) : readLines(source, "plain");
}

function cellOf(value: Value | undefined): string {
  if (!value) return "";
  const type = typeOf(value);
  if ("N" in value && isCellNumber(value.N)) return value.N;
  if (type === "BOOL") return String((value as {BOOL: boolean}).BOOL);
  if ("S" in value) {
    const back = value.S === "" ? {N: ""} : cellValue(value.S, true);
    return "S" in back && back.S === value.S ? value.S : JSON.stringify(value);
  }
  return JSON.stringify(value);
}

// Text of a file, in pieces: what comes before the items, one piece for each page of them, what comes after.
export class FileWriter {
  private count = 0;
  constructor(private readonly form: FileForm, private readonly columns: readonly string[]) {}

  begin(): string {
    return this.form === "csv" ? csvLine(this.columns) : this.form === "plain" ? "[" : "";
  }
  add(items: readonly Item[]): string {
    return items.map((item) => this.one(item)).join("");
  }
  end(): string {
    return this.form === "plain" ? (this.count > 0 ? "\n]\n" : "]\n") : "";
  }

  private one(item: Item): string {
    ++this.count;
    if (this.form === "csv") return csvLine(this.columns.map((name) => cellOf(attribute(item, name))));
    if (this.form === "dynamo") return `${JSON.stringify({Item: item})}\n`;
    return `${this.count > 1 ? "," : ""}\n${plainLine({M: item})}`;
  }
}

export const canBePlain = (item: Item) => notPlain(item) === undefined;
