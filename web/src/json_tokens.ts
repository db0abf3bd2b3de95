// JSON as it is read, with its own spelling: numbers keep all their digits, names their order and repetitions.
export type TokenKind = "name" | "string" | "number" | "word" | "mark" | "space";
export interface Token {
  kind: TokenKind;
  text: string;
}

const pattern = /\s+|"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/gy;

// The tokens with line breaks and indentation between them; nothing when the text is not JSON, or a lone word or number.
export function prettyJson(text: string): Token[] | undefined {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{") && !trimmed.startsWith("[")) return undefined;
  try {
    JSON.parse(trimmed);
  } catch {
    return undefined;
  }
  return indent(trimmed.match(pattern)?.filter((token) => token.trim() !== "") ?? []);
}

function indent(tokens: string[]): Token[] {
  const out: Token[] = [];
  let depth = 0;
  const line = () => out.push({kind: "space", text: `\n${"  ".repeat(depth)}`});
  tokens.forEach((text, index) => {
    const next = tokens[index + 1];
    const opens = text === "{" || text === "[";
    const closes = text === "}" || text === "]";
    if (closes) {
      --depth;
      const before = tokens[index - 1];
      if (before !== "{" && before !== "[") line();
    }
    out.push({kind: kindOf(text, next), text});
    if (opens) {
      ++depth;
      if (next !== "}" && next !== "]") line();
    } else if (text === ",") line();
    else if (text === ":") out.push({kind: "space", text: " "});
  });
  return out;
}

function kindOf(text: string, next: string | undefined): TokenKind {
  if (text.startsWith('"')) return next === ":" ? "name" : "string";
  if (/^[{}[\],:]$/.test(text)) return "mark";
  return /^[tfn]/.test(text) ? "word" : "number";
}

// Lines of sixteen bytes: where, hexadecimal, and what is printable ASCII.
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const part = [...bytes.subarray(at, at + 16)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const ascii = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "·")).join("");
    lines.push(`${at.toString(16).padStart(4, "0")}  ${hex.padEnd(47)}  ${ascii}`);
  }
  return lines.join("\n");
}
