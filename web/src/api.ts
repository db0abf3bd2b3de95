// What the page asks croft. Every request carries the header that a page of another site cannot send.
import {base} from "./router";
import {sessionIsOver} from "./session";

export class ApiError extends Error {
  constructor(readonly status: number, readonly code: string, message: string) {
    super(message);
  }
}

async function refusal(response: Response): Promise<ApiError> {
  const text = await response.text();
  if (text.startsWith("<")) return xmlRefusal(response, text);
  try {
    const body = JSON.parse(text) as {message?: string; Message?: string; __type?: string; code?: string};
    const code = response.headers.get("x-amzn-errortype") ?? body.__type ?? body.code ?? "";
    if (response.status === 401) sessionIsOver(code);
    return new ApiError(response.status, code.replace(/^.*#/, "").replace(/:.*$/, ""), body.message ?? body.Message ?? response.statusText);
  } catch {
    return new ApiError(response.status, "", text.slice(0, 300) || response.statusText);
  }
}

export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("x-croft-console", "1");
  const response = await fetch(`${base}api/${path}`, {...init, headers, credentials: "same-origin"});
  if (!response.ok) throw await refusal(response);
  return response;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await ask(path, signal ? {signal} : {});
  return (await response.json()) as T;
}

// One of croft's own pages, such as croftPage("rules") for /_croft/rules; with a question it is asked by POST.
export async function croftPage<T>(path: string, signal?: AbortSignal, question?: unknown): Promise<T> {
  const body = question === undefined ? {} : {method: "POST", body: JSON.stringify(question), headers: {"content-type": "application/json", "x-croft-console": "1"}};
  const response = await fetch(`/_croft/${path}`, {credentials: "same-origin", ...body, ...(signal ? {signal} : {})});
  if (!response.ok) throw await refusal(response);
  return (await response.json()) as T;
}

// A page of croft's that is text: "/metrics".
export async function croftText(path: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(path, {credentials: "same-origin", signal});
  if (!response.ok) throw await refusal(response);
  return response.text();
}

// A call of a JSON service, such as awsJson("dynamodb", "DynamoDB_20120810.ListTables", {}).
export async function awsJson<T>(service: string, target: string, input: unknown): Promise<T> {
  const response = await ask(`aws/${service}`, {
    method: "POST",
    headers: {"x-amz-target": target, "content-type": "application/x-amz-json-1.0"},
    body: JSON.stringify(input),
  });
  return (await response.json()) as T;
}

// A call of a REST service by its own path, such as awsRest("iot", "GET", "/things?maxResults=10").
export async function awsRest<T>(service: string, method: string, path: string, input?: unknown): Promise<T> {
  const response = await ask(`aws/${service}${path}`, {
    method,
    ...(input === undefined ? {} : {headers: {"content-type": "application/json"}, body: JSON.stringify(input)}),
  });
  const text = await response.text();
  return (text ? JSON.parse(text) : {}) as T;
}

// The page's policy lets nothing make markup of text but this, whose documents are read and never shown.
interface TextPolicy {
  createHTML(text: string): string;
}
const trusted = (globalThis as {trustedTypes?: {createPolicy(name: string, rules: TextPolicy): TextPolicy}}).trustedTypes;
const xmlPolicy = trusted?.createPolicy("croft-xml", {createHTML: (text) => text});
const asXml = (text: string): string => xmlPolicy?.createHTML(text) ?? text;

function readXml(text: string): Document {
  return new DOMParser().parseFromString(asXml(text), "text/xml");
}

// What the query services and S3 say: <Code> and <Message> somewhere below the root.
function xmlRefusal(response: Response, text: string): ApiError {
  const document = readXml(text);
  const part = (name: string) => document.getElementsByTagName(name)[0]?.textContent ?? "";
  return new ApiError(response.status, part("Code"), part("Message") || response.statusText);
}

// A call of a query service, such as awsQuery("cloudformation", "2010-05-15", "ListStacks", {}); the answer is XML.
export async function awsQuery(service: string, version: string, action: string, input: Record<string, string>): Promise<Document> {
  const response = await ask(`aws/${service}`, {
    method: "POST",
    headers: {"content-type": "application/x-www-form-urlencoded"},
    body: new URLSearchParams({Action: action, Version: version, ...input}).toString(),
  });
  return readXml(await response.text());
}
