// JSON with its own spelling and with places: numbers keep their digits, a name that is there twice is seen, and what is
// wrong has a place in the text.
export class TextError extends Error {
  constructor(readonly reason: Reason, readonly at: number, readonly end: number, readonly detail = "") {
    super(`${reason} ${detail}`);
  }
}

export type Reason =
  | "json" | "twice" | "deep" | "object" | "array" | "type" | "number" | "binary" | "text" | "truth" | "null" | "set" | "empty" | "surrogate";

interface Place {
  at: number;
  end: number;
}
export interface Member extends Place {
  name: string;
  value: Tree;
}
export type Tree = Place &
  (
    | {kind: "string"; value: string}
    | {kind: "number"; text: string}
    | {kind: "word"; value: boolean | null}
    | {kind: "array"; items: Tree[]}
    | {kind: "object"; members: Member[]}
  );

const depth_max = 80; // an item has 32 levels, and each of them two of JSON
const token = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|true|false|null/y;
const space = /[ \t\r\n]*/y;

class Parser {
  at = 0;
  constructor(readonly text: string) {}

  skip(): void {
    space.lastIndex = this.at;
    space.exec(this.text);
    this.at = space.lastIndex;
  }

  wrong(reason: Reason = "json", at = this.at, end = Math.max(at + 1, this.at), detail = ""): TextError {
    return new TextError(reason, at, end, detail);
  }

  take(mark: string): boolean {
    this.skip();
    if (this.text[this.at] !== mark) return false;
    ++this.at;
    return true;
  }

  value(depth: number): Tree {
    this.skip();
    const at = this.at;
    if (depth > depth_max) throw this.wrong("deep");
    if (this.take("{")) return this.object(at, depth);
    if (this.take("[")) return this.array(at, depth);
    token.lastIndex = at;
    const found = token.exec(this.text)?.[0];
    if (found === undefined) throw this.wrong();
    this.at = at + found.length;
    const place = {at, end: this.at};
    if (found.startsWith('"')) return {...place, kind: "string", value: JSON.parse(found) as string};
    if (/^[tfn]/.test(found)) return {...place, kind: "word", value: JSON.parse(found) as boolean | null};
    return {...place, kind: "number", text: found};
  }

  object(at: number, depth: number): Tree {
    const members: Member[] = [];
    const names = new Set<string>();
    if (this.take("}")) return {kind: "object", members, at, end: this.at};
    do {
      this.skip();
      const begin = this.at;
      if (this.text[begin] !== '"') throw this.wrong();
      const name = this.value(depth + 1) as Tree & {value: string};
      if (names.has(name.value)) throw this.wrong("twice", begin, name.end, name.value);
      names.add(name.value);
      if (!this.take(":")) throw this.wrong();
      members.push({name: name.value, at: begin, end: name.end, value: this.value(depth + 1)});
    } while (this.take(","));
    if (!this.take("}")) throw this.wrong();
    return {kind: "object", members, at, end: this.at};
  }

  array(at: number, depth: number): Tree {
    const items: Tree[] = [];
    if (this.take("]")) return {kind: "array", items, at, end: this.at};
    do items.push(this.value(depth + 1));
    while (this.take(","));
    if (!this.take("]")) throw this.wrong();
    return {kind: "array", items, at, end: this.at};
  }
}

// Throws TextError, and nothing else.
export function parseTree(text: string): Tree {
  const parser = new Parser(text);
  const tree = parser.value(0);
  parser.skip();
  if (parser.at < text.length) throw parser.wrong();
  return tree;
}

// The first value of the text, and where it ends: for values one after the other.
export function parseFirst(text: string, from: number): Tree {
  const parser = new Parser(text);
  parser.at = from;
  return parser.value(0);
}
