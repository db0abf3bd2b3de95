// Functions by AWS's API, and what croft knows of their invocations.
import {ask, awsRest, croftPage} from "../../api";

export interface Configuration {
  FunctionName: string;
  FunctionArn: string;
  Runtime?: string;
  Handler?: string;
  Role?: string;
  Description?: string;
  MemorySize: number;
  Timeout: number;
  EphemeralStorage?: {Size: number};
  Architectures?: string[];
  CodeSize: number;
  CodeSha256: string;
  LastModified: string;
  State?: string;
  Environment?: {Variables?: Record<string, string>};
}

// Of croft's page: since it started.
export interface Activity {
  name: string;
  invocations: number;
  errors: number;
  throttles: number;
  workers: number;
  idle: number;
  waiting: number;
  lastInvocation?: number;
}

export interface FunctionRow extends Configuration {
  activity: Activity | undefined;
}

const root = "/2015-03-31/functions";
const one = (name: string) => `${root}/${encodeURIComponent(name)}`;
const pages_max = 200;

async function configurations(): Promise<Configuration[]> {
  const all: Configuration[] = [];
  let marker = "";
  for (let page = 0; page < pages_max; ++page) {
    const answer = await awsRest<{Functions: Configuration[]; NextMarker?: string}>("lambda", "GET", `${root}${marker && `?Marker=${encodeURIComponent(marker)}`}`);
    all.push(...answer.Functions);
    marker = answer.NextMarker ?? "";
    if (marker === "") break;
  }
  return all;
}

const activities = async (): Promise<Map<string, Activity>> =>
  new Map((await croftPage<{functions: Activity[]}>("functions")).functions.map((activity) => [activity.name, activity]));

// Configurations change seldom, so that they are asked for again only when functions came or went, or now and then.
const kept_ms = 5000;
let known: {all: Configuration[]; at: number} | undefined;

export async function allFunctions(): Promise<FunctionRow[]> {
  const active = await activities();
  const isOld = !known || Date.now() - known.at > kept_ms || known.all.length !== active.size || known.all.some((one) => !active.has(one.FunctionName));
  if (!known || isOld) known = {all: await configurations(), at: Date.now()};
  return known.all.map((configuration) => ({...configuration, activity: active.get(configuration.FunctionName)}));
}

export interface Description {
  Configuration: Configuration;
  Concurrency?: {ReservedConcurrentExecutions: number};
  Tags?: Record<string, string>;
}

export interface Mapping {
  UUID: string;
  EventSourceArn: string;
  State: string;
  BatchSize: number;
  LastProcessingResult?: string;
}

export interface Whole extends Description {
  activity: Activity | undefined;
  mappings: Mapping[];
}

export async function wholeFunction(name: string): Promise<Whole> {
  const [description, {EventSourceMappings: mappings}, active] = await Promise.all([
    awsRest<Description>("lambda", "GET", one(name)),
    awsRest<{EventSourceMappings: Mapping[]}>("lambda", "GET", `/2015-03-31/event-source-mappings?FunctionName=${encodeURIComponent(name)}`),
    activities(),
  ]);
  return {...description, mappings, activity: active.get(name)};
}

export interface Statement {
  Sid: string;
  Principal: string | Record<string, string>;
  Condition?: Record<string, Record<string, string>>;
}

// The resource policy; none is no failure.
export async function policyOf(name: string): Promise<Statement[]> {
  try {
    const {Policy: policy} = await awsRest<{Policy: string}>("lambda", "GET", `${one(name)}/policy`);
    return (JSON.parse(policy) as {Statement: Statement[]}).Statement;
  } catch {
    return [];
  }
}

export async function packageOf(name: string): Promise<Uint8Array> {
  return new Uint8Array(await (await ask(`aws/lambda${one(name)}/code`)).arrayBuffer());
}

export const removeFunction = (name: string): Promise<unknown> => awsRest("lambda", "DELETE", one(name));

export interface Result {
  at: number;
  tookMs: number; // as the page saw it
  answer: string;
  failure: string; // "" or "Unhandled"
  log: string; // its last 4 KB
}

export async function invoke(name: string, event: string): Promise<Result> {
  const at = Date.now(), began = performance.now();
  const response = await ask(`aws/lambda${one(name)}/invocations`, {
    method: "POST", body: event, headers: {"content-type": "application/json", "x-amz-log-type": "Tail"},
  });
  const answer = await response.text();
  const log = Uint8Array.from(atob(response.headers.get("x-amz-log-result") ?? ""), (character) => character.charCodeAt(0));
  return {at, tookMs: performance.now() - began, answer, failure: response.headers.get("x-amz-function-error") ?? "", log: new TextDecoder().decode(log)};
}

export interface Invocation {
  sequence: number;
  at: number;
  requestId: string;
  source: string;
  event?: string; // not there when it was too long to be kept
  eventBytes: number;
  waitMs: number;
  durationMs: number;
  billedMs: number;
  memoryMb: number;
  memoryUsedMb: number;
  initMs?: number;
  answer: string;
  answerIsCut?: boolean;
  failure?: string;
}

const kept_max = 100;

// Newest first; only what is new is asked for.
export async function invocationsOf(name: string, before: Invocation[] | undefined): Promise<Invocation[]> {
  const after = before?.[0]?.sequence ?? 0;
  const {invocations} = await croftPage<{invocations: Invocation[]}>(`functions/${encodeURIComponent(name)}/invocations?after=${after}`);
  return [...invocations.reverse(), ...(before ?? [])].slice(0, kept_max);
}

export interface LogLine {
  seq: number;
  time: number;
  text: string;
}

export const logsAfter = (name: string, after: number, wait_ms: number, signal?: AbortSignal): Promise<{lines: LogLine[]; next: number}> =>
  croftPage(`functions/${encodeURIComponent(name)}/logs?after=${after}&wait=${wait_ms}`, signal);

// The test event of each function, in this browser.
const key = (name: string) => `croft.event.${name}`;

export function keptEvent(name: string): string | undefined {
  try {
    return localStorage.getItem(key(name)) ?? undefined;
  } catch {
    return undefined; // storage is switched off
  }
}

export function keepEvent(name: string, event: string): void {
  try {
    localStorage.setItem(key(name), event);
  } catch {
    // then it holds for this page
  }
}
