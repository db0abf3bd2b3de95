// A rule as croft tells it, and as a person writes it. Nothing here knows the page.
import {jsonPlace} from "../../json_place";

export interface Outcomes {
  action: string;
  success: number;
  failure: number;
}

export interface RuleRow {
  ruleName: string;
  ruleArn: string;
  topicPattern: string;
  sql: string;
  ruleDisabled: boolean;
  createdAt: number;
  problem?: string; // a stored rule that does not compile any more
  metrics: {topicMatch: number; parseError: number; executed: number; evaluationFailure: number; actions: Outcomes[]; errorActions: Outcomes[]};
}

export type Action = Record<string, Record<string, unknown>>;

export interface Rule {
  ruleName: string;
  sql: string;
  description?: string;
  createdAt?: number;
  actions: Action[];
  ruleDisabled?: boolean;
  awsIotSqlVersion?: string;
  errorAction?: Action;
}

export const failed = (row: RuleRow): number =>
  row.metrics.evaluationFailure + [...row.metrics.actions, ...row.metrics.errorActions].reduce((sum, one) => sum + one.failure, 0);
export const done = (row: RuleRow): number => row.metrics.actions.reduce((sum, one) => sum + one.success, 0);

// What is in the fields.
export interface Draft {
  sql: string;
  version: string;
  description: string;
  actions: string; // JSON
  errorAction: string; // JSON, or nothing
}

export const newDraft: Draft = {sql: "SELECT *\nFROM 'plant/+/temperature'\nWHERE celsius > 30", version: "2016-03-23", description: "", actions: "[]", errorAction: ""};

export const pretty = (value: unknown): string => JSON.stringify(value, null, 2);

export function draftOf(rule: Rule): Draft {
  return {
    sql: rule.sql, version: rule.awsIotSqlVersion ?? "2015-10-08", description: rule.description ?? "", actions: pretty(rule.actions),
    errorAction: rule.errorAction ? pretty(rule.errorAction) : "",
  };
}

export const sameDraft = (a: Draft, b: Draft): boolean =>
  a.sql === b.sql && a.version === b.version && a.description === b.description && a.actions === b.actions && a.errorAction === b.errorAction;

// A document that is wrong: which, where and why.
export class DraftError extends Error {
  constructor(readonly part: "actions" | "errorAction", message: string, readonly at: number) {
    super(message);
  }
}

function parsed(part: "actions" | "errorAction", text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new DraftError(part, message, jsonPlace(text) ?? 0);
  }
}

export function actionsOf(draft: Draft): Action[] {
  const actions = parsed("actions", draft.actions.trim() || "[]");
  if (!Array.isArray(actions)) throw new DraftError("actions", "[ … ]", 0);
  return actions as Action[];
}

export function errorActionOf(draft: Draft): Action | undefined {
  if (draft.errorAction.trim() === "") return undefined;
  const action = parsed("errorAction", draft.errorAction);
  if (typeof action !== "object" || action === null || Array.isArray(action)) throw new DraftError("errorAction", "{ … }", 0);
  return action as Action;
}

// AWS's TopicRulePayload. Throws DraftError.
export function payloadOf(draft: Draft, disabled: boolean): Record<string, unknown> {
  const errorAction = errorActionOf(draft);
  return {
    sql: draft.sql, awsIotSqlVersion: draft.version, ...(draft.description ? {description: draft.description} : {}),
    actions: actionsOf(draft), ruleDisabled: disabled, ...(errorAction ? {errorAction} : {}),
  };
}

// croft counts lines and characters from 1; the editor counts UTF-16 units.
export function offsetOf(text: string, line: number, column: number): number {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const characters = [...(lines[line - 1] ?? "")].slice(0, column - 1);
  return Math.min(text.length, before + characters.join("").length);
}

// The word that stands there; at the end of the statement its last character.
export function wordAt(text: string, at: number): {from: number; to: number} {
  if (at >= text.length) return {from: Math.max(0, text.trimEnd().length - 1), to: text.length};
  const word = /^(?:[\p{L}\p{N}_$]+|[\s\S])/u.exec(text.slice(at));
  return {from: at, to: at + (word?.[0].length ?? 1)};
}

// "line 1, column 8: expected …" as a place in the statement.
export function sqlPlace(text: string, message: string): {from: number; to: number; message: string} | undefined {
  const found = /line (\d+), column (\d+): ([\s\S]*)/.exec(message);
  if (!found) return undefined;
  return {...wordAt(text, offsetOf(text, Number(found[1]), Number(found[2]))), message: found[3] ?? message};
}

export interface Target {
  kind: string; // lambda
  name: string; // of the function
  link?: {screen: string; query: Record<string, string>};
}

function member(parameters: Record<string, unknown>, ...path: string[]): string {
  let value: unknown = parameters;
  for (const name of path) value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof value === "string" ? value : "";
}

// Who is given the message, and where that is shown; what a template names is known only when a message comes.
export function targetOf(action: Action): Target | undefined {
  const [kind, parameters] = Object.entries(action)[0] ?? [];
  if (kind === undefined || typeof parameters !== "object" || parameters === null) return undefined;
  const linked = (name: string, screen: string, key: string): Target =>
    name === "" || name.includes("${") ? {kind, name} : {kind, name, link: {screen, query: {[key]: name}}};
  switch (kind) {
    case "lambda":
      return linked(/:function:([^:]+)/.exec(member(parameters, "functionArn"))?.[1] ?? member(parameters, "functionArn"), "functions", "function");
    case "dynamoDB":
      return linked(member(parameters, "tableName"), "tables", "table");
    case "dynamoDBv2":
      return linked(member(parameters, "putItem", "tableName"), "tables", "table");
    case "sqs":
      return linked(member(parameters, "queueUrl").replace(/.*\//, ""), "queues", "queue");
    case "republish": {
      const topic = member(parameters, "topic");
      return topic.includes("${") ? {kind, name: topic} : {kind, name: topic, link: {screen: "mqtt", query: {sub: `0 ${topic.replace(/^\$\$/, "$")}`}}};
    }
    default: {
      const name = Object.entries(parameters).find(([key, value]) => typeof value === "string" && /name|arn|url|endpoint/i.test(key) && key !== "roleArn");
      return {kind, name: typeof name?.[1] === "string" ? name[1] : ""};
    }
  }
}

interface Statement {
  Principal?: string | {Service?: string};
  Action: string;
  Condition?: {ArnLike?: Record<string, string>};
}

// Whether a function's resource policy lets a rule invoke it.
export function letsIn(policy: string, ruleArn: string): boolean {
  const {Statement: statements} = JSON.parse(policy) as {Statement: Statement[]};
  return statements.some(({Principal: principal, Action: action, Condition: condition}) => {
    const isForRules = principal === "*" || (typeof principal === "object" && principal.Service === "iot.amazonaws.com");
    const like = condition?.ArnLike?.["AWS:SourceArn"] ?? "*";
    const pattern = like.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*").replaceAll("?", ".");
    return isForRules && /^(\*|lambda:(\*|Invoke\*|InvokeFunction))$/.test(action) && new RegExp(`^${pattern}$`).test(ruleArn);
  });
}

// What an error action was given, as far as it is needed to publish again.
export interface Replay {
  topic: string;
  payload: Uint8Array;
  clientId: string;
  failures: {failedAction?: string; errorMessage?: string}[];
}

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

interface Told {
  topic?: unknown;
  clientId?: unknown;
  base64OriginalPayload?: unknown;
}

// The messages that an error document tells of: one, or those of a batch. Undefined: it is none.
export function replaysOf(text: string): Replay[] | undefined {
  let document: unknown;
  try {
    document = JSON.parse(text);
    if (typeof document !== "object" || document === null) return undefined;
    const {topic, failures, payloadsWithMetadata, ...own} = document as Told & {failures?: unknown; payloadsWithMetadata?: unknown};
    const told = Array.isArray(payloadsWithMetadata) ? (payloadsWithMetadata as Told[]) : [own as Told];
    const replays = told.map((one): Replay => {
      const to = one.topic ?? topic;
      if (typeof to !== "string" || typeof one.base64OriginalPayload !== "string") throw new Error("no message");
      return {
        topic: to, payload: bytesOf(one.base64OriginalPayload), clientId: typeof one.clientId === "string" ? one.clientId : "",
        failures: Array.isArray(failures) ? (failures as Replay["failures"]) : [],
      };
    });
    return replays.length > 0 ? replays : undefined;
  } catch {
    return undefined;
  }
}
