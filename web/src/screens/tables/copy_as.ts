// A request as a person would write it: for the AWS CLI in a POSIX shell, for boto3, for the AWS SDK for JavaScript. Names and
// values may be anything, so all of it is ASCII, quoted so that neither shell nor interpreter finds an end in it.
export interface Place {
  endpoint: string;
  region: string;
}
type Json = unknown;

const hex = (code: number, width: number) => code.toString(16).padStart(width, "0");

// JSON whose other characters are escapes: the locale of a terminal cannot spoil it.
function ascii(value: Json): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (char) => `\\u${hex(char.charCodeAt(0), 4)}`);
}

// Source: POSIX.1-2017, Shell Command Language, 2.2.2: single quotes keep everything but a single quote.
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

const kebab = (name: string) => name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase();

function option(name: string, value: Json): string {
  const flag = kebab(name);
  if (typeof value === "boolean") return value ? `--${flag}` : `--no-${flag}`;
  if (typeof value === "string") return `--${flag} ${shellWord(value)}`;
  return `--${flag} ${typeof value === "number" ? value : shellWord(ascii(value))}`;
}

// A text that the CLI would take for something else (an option, a file to be read), or that has more than ASCII, goes in as JSON.
const isPlainText = (value: Json) => typeof value !== "string"
  || (/^[\x20-\x7e]*$/.test(value) && !/^(-|file:\/\/|fileb:\/\/|https?:\/\/)/.test(value) && value !== "");

export function asCli(operation: string, input: Record<string, Json>, place: Place): string {
  const head = `aws dynamodb ${kebab(operation)}`;
  const where = [`--endpoint-url ${shellWord(place.endpoint)}`, `--region ${shellWord(place.region)}`];
  const pages = operation === "Query" || operation === "Scan" ? ["--no-paginate"] : [];
  const options = Object.values(input).every(isPlainText)
    ? Object.entries(input).map(([name, value]) => option(name, value))
    : [`--cli-input-json ${shellWord(ascii(input))}`];
  return [head, ...options, ...pages, ...where].join(" \\\n  ");
}

// A Python literal: \u of JSON is right below U+10000, above it Python wants one \U.
function pythonText(text: string): string {
  let out = "";
  for (const char of text) {
    const code = char.codePointAt(0) as number;
    if (char === '"' || char === "\\") out += `\\${char}`;
    else if (code >= 0x20 && code < 0x7f) out += char;
    else out += code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`;
  }
  return `"${out}"`;
}

// How a language writes what JSON has, and bytes, which JSON has as base64 below a B or BS.
interface Dialect {
  text: (text: string) => string;
  word: (word: boolean | null) => string;
  name: (name: string) => string;
  bytes: (base64: string) => string;
}

const python: Dialect = {
  text: pythonText,
  word: (word) => (word === null ? "None" : word ? "True" : "False"),
  name: pythonText,
  bytes: (base64) => `base64.b64decode("${base64}")`,
};

const javascript: Dialect = {
  text: ascii,
  word: String,
  name: (name) => {
    if (name === "__proto__") return '["__proto__"]'; // without the brackets it would be no attribute
    return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : ascii(name);
  },
  bytes: (base64) => `Buffer.from("${base64}", "base64")`,
};

function literal(dialect: Dialect, value: Json, indent: string): string {
  if (typeof value === "string") return dialect.text(value);
  if (typeof value === "boolean" || value === null) return dialect.word(value);
  if (typeof value !== "object") return String(value);
  const inner = `${indent}    `;
  if (Array.isArray(value)) return `[${value.map((one) => literal(dialect, one, inner)).join(", ")}]`;
  const members = Object.entries(value as Record<string, Json>);
  const parts = members.map(([name, one]) => `${dialect.name(name)}: ${member(dialect, name, one, inner)}`);
  const line = `{${parts.join(", ")}}`;
  return line.length < 90 && !line.includes("\n") ? line : `{\n${inner}${parts.join(`,\n${inner}`)},\n${indent}}`;
}

// {"B": text} is bytes. An attribute may be called B, but then its value is not a text.
function member(dialect: Dialect, name: string, value: Json, indent: string): string {
  if (name === "B" && typeof value === "string") return dialect.bytes(value);
  const isSet = name === "BS" && Array.isArray(value) && value.every((one) => typeof one === "string");
  if (isSet) return `[${value.map((one) => dialect.bytes(one)).join(", ")}]`;
  return literal(dialect, value, indent);
}

const snake = (name: string) => kebab(name).replaceAll("-", "_");
const hasBytes = (input: Json) => /"BS?":(?:"|\["|\[\])/.test(JSON.stringify(input));

export function asPython(operation: string, input: Record<string, Json>, place: Place): string {
  const lines = Object.entries(input).map(([name, value]) => `    ${name}=${literal(python, value, "    ")},`);
  return [
    ...(hasBytes(input) ? ["import base64"] : []),
    "import boto3",
    "",
    `dynamodb = boto3.client("dynamodb", endpoint_url=${pythonText(place.endpoint)}, region_name=${pythonText(place.region)})`,
    `response = dynamodb.${snake(operation)}(`,
    ...lines,
    ")",
    "",
  ].join("\n");
}

export function asJavaScript(operation: string, input: Record<string, Json>, place: Place): string {
  const lines = Object.entries(input).map(([name, value]) => `    ${name}: ${literal(javascript, value, "    ")},`);
  return [
    `import {DynamoDBClient, ${operation}Command} from "@aws-sdk/client-dynamodb";`,
    "",
    `const client = new DynamoDBClient({endpoint: ${ascii(place.endpoint)}, region: ${ascii(place.region)}});`,
    "const response = await client.send(",
    `  new ${operation}Command({`,
    ...lines,
    "  }),",
    ");",
    "",
  ].join("\n");
}
