// Items as text to be edited: DynamoDB JSON, which says everything, and plain JSON, which is easier to read and has no sets
// and no bytes. Numbers go through both as text.
import {parseTree, TextError, type Tree} from "./json_tree";
import {isNumber} from "./numbers";
import {inside, isBase64, itemOf, typeOf, type Item, type Type, type Value} from "./values";

export type Form = "plain" | "dynamo";

// Half a character, which UTF-8 does not have.
const loneSurrogate = /\p{Surrogate}/u;

const at = (tree: {at: number; end: number}) => [tree.at, tree.end] as const;

function text(tree: Tree): string {
  if (tree.kind !== "string") throw new TextError("text", ...at(tree));
  if (loneSurrogate.test(tree.value)) throw new TextError("surrogate", ...at(tree));
  return tree.value;
}

function number(tree: Tree): string {
  const value = text(tree);
  if (!isNumber(value)) throw new TextError("number", ...at(tree), value);
  return value;
}

function binary(tree: Tree): string {
  const value = text(tree);
  if (!isBase64(value)) throw new TextError("binary", ...at(tree));
  return value;
}

function set(tree: Tree, member: (tree: Tree) => string): string[] {
  if (tree.kind !== "array") throw new TextError("set", ...at(tree));
  if (tree.items.length === 0) throw new TextError("empty", ...at(tree));
  return tree.items.map(member);
}

function truth(tree: Tree): boolean {
  if (tree.kind !== "word" || tree.value === null) throw new TextError("truth", ...at(tree));
  return tree.value;
}

function isNull(tree: Tree): boolean {
  if (tree.kind !== "word" || tree.value !== true) throw new TextError("null", ...at(tree));
  return true;
}

function members(tree: Tree, value: (tree: Tree) => Value): Item {
  if (tree.kind !== "object") throw new TextError("object", ...at(tree));
  const bad = tree.members.find((member) => loneSurrogate.test(member.name));
  if (bad) throw new TextError("surrogate", ...at(bad));
  return itemOf(tree.members.map((member) => [member.name, value(member.value)]));
}

function elements(tree: Tree, value: (tree: Tree) => Value): Value[] {
  if (tree.kind !== "array") throw new TextError("array", ...at(tree));
  return tree.items.map(value);
}

export function dynamoValue(tree: Tree): Value {
  const only = tree.kind === "object" && tree.members.length === 1 ? tree.members[0] : undefined;
  if (!only) throw new TextError("type", ...at(tree));
  switch (only.name as Type) {
    case "S": return {S: text(only.value)};
    case "N": return {N: number(only.value)};
    case "B": return {B: binary(only.value)};
    case "BOOL": return {BOOL: truth(only.value)};
    case "NULL": return {NULL: isNull(only.value)};
    case "M": return {M: members(only.value, dynamoValue)};
    case "L": return {L: elements(only.value, dynamoValue)};
    case "SS": return {SS: set(only.value, text)};
    case "NS": return {NS: set(only.value, number)};
    case "BS": return {BS: set(only.value, binary)};
    default: throw new TextError("type", only.at, only.end, only.name);
  }
}

export function plainValue(tree: Tree): Value {
  if (tree.kind === "string") return {S: text(tree)};
  if (tree.kind === "word") return tree.value === null ? {NULL: true} : {BOOL: tree.value};
  if (tree.kind === "array") return {L: elements(tree, plainValue)};
  if (tree.kind === "object") return {M: members(tree, plainValue)};
  if (!isNumber(tree.text)) throw new TextError("number", ...at(tree), tree.text);
  return {N: tree.text};
}

export const itemOfTree = (tree: Tree, form: Form): Item => members(tree, form === "plain" ? plainValue : dynamoValue);

// Throws TextError.
export const readItem = (source: string, form: Form): Item => itemOfTree(parseTree(source), form);

// The attribute that plain JSON cannot say, and its type; nothing when it can say all.
export function notPlain(item: Item, path = ""): {path: string; type: Type} | undefined {
  for (const [name, value] of Object.entries(item)) {
    const found = notPlainValue(value, path ? `${path}.${name}` : name);
    if (found) return found;
  }
  return undefined;
}

function notPlainValue(value: Value, path: string): {path: string; type: Type} | undefined {
  const type = typeOf(value);
  if (["B", "SS", "NS", "BS"].includes(type)) return {path, type};
  if ("M" in value) return notPlain(value.M, path);
  if ("L" in value) {
    for (const [n, one] of value.L.entries()) {
      const found = notPlainValue(one, `${path}[${n}]`);
      if (found) return found;
    }
  }
  return undefined;
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

// Of DynamoDB's N: what JSON can have for a number stays as it is, other spellings (+1, .5) do not come from DynamoDB.
function plainScalar(value: Value): string {
  if ("N" in value) return jsonNumber.test(value.N) ? value.N : JSON.stringify(value.N);
  if ("NULL" in value) return "null";
  return JSON.stringify(inside(value));
}

type Printer = (value: Value, indent: string) => string;

const plain: Printer = (value, indent) => {
  if ("M" in value) return printMap(value.M, indent, plain);
  if ("L" in value) return printList(value.L, indent, plain);
  return plainScalar(value);
};

const dynamo: Printer = (value, indent) => {
  if ("M" in value) return `{"M": ${printMap(value.M, indent, dynamo)}}`;
  if ("L" in value) return `{"L": ${printList(value.L, indent, dynamo)}}`;
  const content = inside(value);
  const text = Array.isArray(content) ? `[${content.map((one) => JSON.stringify(one)).join(", ")}]` : JSON.stringify(content);
  return `{${JSON.stringify(typeOf(value))}: ${text}}`;
};

function printMap(item: Item, indent: string, print: Printer): string {
  const lines = Object.entries(item).map(([name, value]) => `${indent}  ${JSON.stringify(name)}: ${print(value, `${indent}  `)}`);
  return lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n${indent}}`;
}

function printList(values: Value[], indent: string, print: Printer): string {
  const lines = values.map((value) => `${indent}  ${print(value, `${indent}  `)}`);
  return lines.length === 0 ? "[]" : `[\n${lines.join(",\n")}\n${indent}]`;
}

// For reading; the key comes first. An item that is not plain is not to be printed so.
export function printItem(item: Item, form: Form, keys: readonly string[] = []): string {
  const rest = Object.keys(item).filter((name) => !keys.includes(name)).sort();
  const ordered = itemOf([...keys.filter((name) => Object.hasOwn(item, name)),
    ...rest].map((name) => [name, item[name] as Value]));
  return printMap(ordered, "", form === "plain" ? plain : dynamo);
}

// In one line, without loss.
export function plainLine(value: Value): string {
  if ("M" in value) return `{${Object.entries(value.M).map(([name, one]) => `${JSON.stringify(name)}:${plainLine(one)}`).join(",")}}`;
  if ("L" in value) return `[${value.L.map(plainLine).join(",")}]`;
  return plainScalar(value);
}

// For a person: where in the text that is, counted from 1.
export function lineOf(source: string, place: number): number {
  let line = 1;
  for (let n = source.indexOf("\n"); n >= 0 && n < place; n = source.indexOf("\n", n + 1)) ++line;
  return line;
}
