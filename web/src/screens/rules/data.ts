// Rules by AWS's API and croft's pages.
import {ask, awsRest, croftPage, get} from "../../api";
import {prettyJson} from "../../json_tokens";
import {drafts, told, trySample} from "./drafts";
import {payloadOf, type Draft, type Rule, type RuleRow} from "./rule";
import type {Place} from "./skeletons";

export const allRules = async (): Promise<RuleRow[]> => (await croftPage<{rules: RuleRow[]}>("rules")).rules;

export interface RulePage extends RuleRow {
  rule: Rule;
}
export const oneRule = (name: string): Promise<RulePage> => croftPage<RulePage>(`rules/${encodeURIComponent(name)}`);

// A message as croft remembers it, and as it takes it for a test.
export interface Message {
  topic: string;
  payloadText?: string;
  payloadBase64?: string;
  clientId: string;
  principal: string;
  sourceIp: string;
  userProperties?: [string, string][];
}

export interface Failure {
  number: number;
  at: number;
  action: string; // "" when the statement could not be evaluated
  resource: string;
  code: string;
  message: string;
  document?: string; // what an error action would get
}

export interface Recent {
  lastMessage?: Message;
  failures: Failure[];
}
export const recentOf = (name: string): Promise<Recent> => croftPage<Recent>(`rules/${encodeURIComponent(name)}/recent`);

export interface Step {
  depth: number;
  clause?: string;
  expression: string;
  value: string;
}

export interface Outcome {
  outcome: "RESULT" | "NOT_TRUE" | "OTHER_TOPIC" | "REFUSED" | "FAILED";
  payloadText?: string;
  payloadBase64?: string;
  code?: string;
  message?: string;
  line?: number;
  column?: number;
  topicFilter?: string;
  steps?: Step[];
  stepsAreCut?: boolean;
}

// The message that a statement is tried on, as a person writes it.
export interface Sample {
  topic: string;
  payload: string;
  base64: string; // instead of the payload, when that is no text
  clientId: string;
  principal: string;
  sourceIp: string;
  userProperties: [string, string][];
}

// JSON on lines of its own, with all its digits.
const readable = (text: string): string => prettyJson(text)?.map((token) => token.text).join("") ?? text;

export const sampleOf = (message: Message): Sample => ({
  topic: message.topic, payload: readable(message.payloadText ?? ""), base64: message.payloadBase64 ?? "", clientId: message.clientId,
  principal: message.principal, sourceIp: message.sourceIp, userProperties: message.userProperties ?? [],
});

export function test(sql: string, sqlVersion: string, sample: Sample, signal: AbortSignal): Promise<Outcome> {
  const {topic, payload, base64, clientId, principal, sourceIp, userProperties} = sample;
  return croftPage<Outcome>("rules/test", signal, {
    sql, sqlVersion, topic, explain: true,
    ...(base64 ? {payloadBase64: base64} : {payloadText: payload}),
    ...(clientId ? {clientId} : {}), ...(principal ? {principal} : {}), ...(sourceIp ? {sourceIp} : {}),
    ...(userProperties.length > 0 ? {userProperties} : {}),
  });
}

export const place = (): Promise<Place> => get<Place>("about");

const path = (name: string) => `/rules/${encodeURIComponent(name)}`;
export const setEnabled = (name: string, wanted: boolean): Promise<unknown> => awsRest("iot", "POST", `${path(name)}/${wanted ? "enable" : "disable"}`);
export const remove = (name: string): Promise<unknown> => awsRest("iot", "DELETE", path(name));
export const save = (name: string, draft: Draft, disabled: boolean, isNew: boolean): Promise<unknown> =>
  awsRest("iot", isNew ? "POST" : "PATCH", path(name), payloadOf(draft, disabled));

// Publishes as the page's own: HTTPS publish of the data plane.
export async function publish(topic: string, payload: Uint8Array): Promise<void> {
  await ask(`aws/iotdata/topics/${encodeURIComponent(topic)}?qos=1`, {method: "POST", headers: {"content-type": "application/octet-stream"}, body: payload.slice().buffer});
}

// A rule that was just opened is tried on what came last, unless something was written by then.
export async function begin(name: string, rule: Rule): Promise<void> {
  const written = told(name, rule);
  if (!written) return;
  try {
    const {lastMessage} = await recentOf(name);
    if (lastMessage && drafts.peek().get(name)?.sample === written) trySample(name, sampleOf(lastMessage));
  } catch {
    // it can be asked for by hand, and says then why it failed
  }
}
