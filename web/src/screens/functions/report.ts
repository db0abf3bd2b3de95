// What Lambda's own lines of a log say. Source: Lambda developer guide, "Viewing logs", REPORT line.
export interface Report {
  requestId: string;
  durationMs: number;
  billedMs: number;
  memoryMb: number;
  usedMb: number;
  initMs: number | undefined; // a cold start
}

const pattern =
  /^REPORT RequestId: (\S+)\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms\tMemory Size: (\d+) MB\tMax Memory Used: (\d+) MB(?:\tInit Duration: ([\d.]+) ms)?/m;

export function reportOf(log: string): Report | undefined {
  const found = pattern.exec(log);
  if (!found) return undefined;
  const [, requestId = "", duration, billed, memory, used, init] = found;
  return {
    requestId, durationMs: Number(duration), billedMs: Number(billed), memoryMb: Number(memory), usedMb: Number(used),
    initMs: init === undefined ? undefined : Number(init),
  };
}

export type LineKind = "start" | "end" | "report" | "init" | "error" | "own";

// What a line of a log is, for how it is shown.
export function kindOf(line: string): LineKind {
  if (line.startsWith("START RequestId: ")) return "start";
  if (line.startsWith("END RequestId: ")) return "end";
  if (line.startsWith("REPORT RequestId: ")) return "report";
  if (line.startsWith("INIT_START ")) return "init";
  return /^\[ERROR\]|^\S+ \S+ (ERROR|Task timed out)|\tERROR\t|Task timed out after|^Traceback |Runtime exited/.test(line) ? "error" : "own";
}

export interface FunctionError {
  errorType: string;
  errorMessage: string;
  stack: string[];
}

// An error document of a function; undefined for any other answer.
export function errorOf(answer: string): FunctionError | undefined {
  try {
    const document = JSON.parse(answer) as {errorType?: unknown; errorMessage?: unknown; stackTrace?: unknown; trace?: unknown} | null;
    if (typeof document !== "object" || document === null || typeof document.errorMessage !== "string") return undefined;
    const stack = Array.isArray(document.stackTrace) ? document.stackTrace : Array.isArray(document.trace) ? document.trace : [];
    const lines = stack.map((line) => (Array.isArray(line) ? line.join(" ") : String(line)).trimEnd());
    return {errorType: typeof document.errorType === "string" ? document.errorType : "Error", errorMessage: document.errorMessage, stack: lines};
  } catch {
    return undefined;
  }
}

// "rule NAME", an ARN, or nothing, as a place to look at.
export interface Source {
  kind: "rule" | "queue" | "stream" | "authorizer" | "api";
  name: string;
  link?: {screen: string; query: Record<string, string>};
}

export function sourceOf(text: string): Source {
  const [word, name = ""] = text.split(/ (.*)/s);
  if (word === "rule") return {kind: "rule", name, link: {screen: "rules", query: {rule: name}}};
  if (word === "authorizer") return {kind: "authorizer", name};
  const queue = /^arn:aws[^:]*:sqs:[^:]*:[^:]*:(.+)$/.exec(text)?.[1];
  if (queue) return {kind: "queue", name: queue, link: {screen: "queues", query: {queue}}};
  const table = /^arn:aws[^:]*:dynamodb:[^:]*:[^:]*:table\/([^/]+)/.exec(text)?.[1];
  if (table) return {kind: "stream", name: table, link: {screen: "tables", query: {table}}};
  return {kind: "api", name: text};
}
