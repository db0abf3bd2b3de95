// CloudFormation's calls as this screen uses them: the console's person could do each with the AWS CLI.
import {ApiError, ask, awsQuery, get} from "../../api";

const version = "2010-05-15";
const pages_max = 40; // of 100 each

const call = (action: string, input: Record<string, string>) => awsQuery("cloudformation", version, action, input);

const children = (element: Element | undefined, name: string) =>
  [...(element?.children ?? [])].filter((one) => one.localName === name);
const child = (element: Element | undefined, name: string) => children(element, name)[0];
const text = (element: Element | undefined, name: string) => child(element, name)?.textContent ?? "";
const members = (element: Element | undefined, name: string) => children(child(element, name), "member");
const texts = (element: Element | undefined, name: string) => members(element, name).map((one) => one.textContent ?? "");
const time = (element: Element, name: string) => Date.parse(text(element, name)) || 0;

// What stands inside ActionResponse, ActionResult.
async function result(action: string, input: Record<string, string>): Promise<Element | undefined> {
  return child((await call(action, input)).documentElement, `${action}Result`);
}

async function allPages<T>(action: string, input: Record<string, string>, list: string, read: (one: Element) => T): Promise<T[]> {
  const all: T[] = [];
  let token = "";
  for (let page = 0; page < pages_max; ++page) {
    const found = await result(action, token ? {...input, NextToken: token} : input);
    all.push(...members(found, list).map(read));
    token = text(found, "NextToken");
    if (token === "") break;
  }
  return all;
}

export interface StackSummary {
  id: string;
  name: string;
  status: string;
  reason: string;
  description: string;
  created: number;
  updated: number; // 0: never
  deleted: number;
  drift: string;
}

export interface Output {
  key: string;
  value: string;
  description: string;
  exportName: string;
}
export interface ParameterValue {
  key: string;
  value: string;
}
export interface Stack extends StackSummary {
  outputs: Output[];
  parameters: ParameterValue[];
  capabilities: string[];
  tags: ParameterValue[];
  changeSet: string;
  isProtected: boolean;
}

function readSummary(one: Element): StackSummary {
  return {
    id: text(one, "StackId"), name: text(one, "StackName"), status: text(one, "StackStatus"),
      reason: text(one, "StackStatusReason"),
    description: text(one, "TemplateDescription") || text(one, "Description"),
    created: time(one, "CreationTime"), updated: time(one, "LastUpdatedTime"), deleted: time(one, "DeletionTime"),
    drift: text(child(one, "DriftInformation"), "StackDriftStatus"),
  };
}

function readStack(one: Element): Stack {
  return {
    ...readSummary(one),
    outputs: members(one, "Outputs").map((output) => ({
      key: text(output, "OutputKey"), value: text(output, "OutputValue"), description: text(output, "Description"),
        exportName: text(output, "ExportName"),
    })),
    parameters: members(one, "Parameters").map((parameter) =>
      ({key: text(parameter, "ParameterKey"), value: text(parameter, "ParameterValue")})),
    tags: members(one, "Tags").map((tag) => ({key: text(tag, "Key"), value: text(tag, "Value")})),
    capabilities: texts(one, "Capabilities"),
    changeSet: text(one, "ChangeSetId"),
    isProtected: text(one, "EnableTerminationProtection") === "true",
  };
}

export const listStacks = (): Promise<StackSummary[]> => allPages("ListStacks", {}, "StackSummaries", readSummary);

export async function describeStack(name: string): Promise<Stack> {
  const [stack] = members(await result("DescribeStacks", {StackName: name}), "Stacks");
  if (!stack) throw new ApiError(400, "ValidationError", `Stack with id ${name} does not exist`);
  return readStack(stack);
}

export interface StackEvent {
  id: string;
  time: number;
  logicalId: string;
  physicalId: string;
  type: string;
  status: string;
  reason: string;
}

function readEvent(one: Element): StackEvent {
  return {
    id: text(one, "EventId"), time: time(one, "Timestamp"), logicalId: text(one, "LogicalResourceId"),
      physicalId: text(one, "PhysicalResourceId"),
    type: text(one, "ResourceType"), status: text(one, "ResourceStatus"), reason: text(one, "ResourceStatusReason"),
  };
}

// The newest first; only those that are newer than `known`, if it is still there.
export async function stackEvents(name: string, known: string | undefined): Promise<StackEvent[]> {
  const all: StackEvent[] = [];
  let token = "";
  for (let page = 0; page < pages_max; ++page) {
    const found = await result("DescribeStackEvents", {StackName: name, ...(token ? {NextToken: token} : {})});
    for (const event of members(found, "StackEvents").map(readEvent)) {
      if (event.id === known) return all;
      all.push(event);
    }
    token = text(found, "NextToken");
    if (token === "") break;
  }
  return all;
}

export interface StackResource {
  logicalId: string;
  physicalId: string;
  type: string;
  status: string;
  reason: string;
  updated: number;
}

export const stackResources = (name: string): Promise<StackResource[]> =>
  allPages("ListStackResources", {StackName: name}, "StackResourceSummaries", (one) => ({
    logicalId: text(one, "LogicalResourceId"), physicalId: text(one, "PhysicalResourceId"), type: text(one, "ResourceType"),
    status: text(one, "ResourceStatus"), reason: text(one, "ResourceStatusReason"), updated: time(one, "LastUpdatedTimestamp"),
  }));

export async function templateText(stack: string, stage: "Original" | "Processed"): Promise<string> {
  return text(await result("GetTemplate", {StackName: stack, TemplateStage: stage}), "TemplateBody");
}

export interface Declared {
  key: string;
  type: string;
  defaultValue: string | undefined;
  description: string;
  noEcho: boolean;
  allowed: string[];
}
export interface Summary {
  description: string;
  parameters: Declared[];
  capabilities: string[];
  capabilitiesReason: string;
  transforms: string[];
  types: string[];
}

// Checks the template first: what ValidateTemplate refuses is thrown.
export async function templateSummary(template: Record<string, string>): Promise<Summary> {
  await call("ValidateTemplate", template);
  const found = await result("GetTemplateSummary", template);
  return {
    description: text(found, "Description"),
    parameters: members(found, "Parameters").map((one) => ({
      key: text(one, "ParameterKey"), type: text(one, "ParameterType"), description: text(one, "Description"),
      defaultValue: child(one, "DefaultValue")?.textContent ?? undefined, noEcho: text(one, "NoEcho") === "true",
      allowed: texts(child(one, "ParameterConstraints"), "AllowedValues"),
    })),
    capabilities: texts(found, "Capabilities"),
    capabilitiesReason: text(found, "CapabilitiesReason"),
    transforms: texts(found, "DeclaredTransforms"),
    types: texts(found, "ResourceTypes"),
  };
}

export interface Change {
  action: string; // Add, Modify, Remove
  logicalId: string;
  physicalId: string;
  type: string;
  replacement: string; // True, Conditional, False; "" for what is not modified
  details: string[]; // "KeySchema (Always)": what changes, and whether that makes another resource
}
export interface ChangeSet {
  id: string;
  name: string;
  stackName: string;
  stackId: string;
  status: string;
  reason: string;
  execution: string;
  changes: Change[];
}

function readDetail(one: Element): string {
  const target = child(one, "Target");
  const name = text(target, "Name") || text(target, "Attribute");
  const recreation = text(target, "RequiresRecreation");
  return recreation === "Never" || recreation === "" ? name : `${name} (${recreation})`;
}

function readChange(one: Element): Change {
  const change = child(one, "ResourceChange");
  return {
    action: text(change, "Action"), logicalId: text(change, "LogicalResourceId"), physicalId: text(change, "PhysicalResourceId"),
    type: text(change, "ResourceType"), replacement: text(change, "Replacement"),
      details: [...new Set(members(change, "Details").map(readDetail))],
  };
}

export async function describeChangeSet(stack: string, name: string): Promise<ChangeSet> {
  const input = {StackName: stack, ChangeSetName: name};
  const found = await result("DescribeChangeSet", input);
  return {
    id: text(found, "ChangeSetId"), name: text(found, "ChangeSetName"), stackName: text(found, "StackName"),
      stackId: text(found, "StackId"),
    status: text(found, "Status"), reason: text(found, "StatusReason"), execution: text(found, "ExecutionStatus"),
    changes: text(found, "NextToken") ? await allPages("DescribeChangeSet", input, "Changes", readChange)
      : members(found, "Changes").map(readChange),
  };
}

export const listChangeSets = (stack: string): Promise<{name: string; status: string}[]> =>
  allPages("ListChangeSets", {StackName: stack}, "Summaries", (one) =>
    ({name: text(one, "ChangeSetName"), status: text(one, "Status")}));

export interface Plan {
  stack: string;
  isCreation: boolean;
  template: Record<string, string>; // TemplateBody or TemplateURL
  parameters: {key: string; value?: string}[]; // without a value: as it was
  capabilities: string[];
}

// The change set's name.
export async function createChangeSet(plan: Plan): Promise<string> {
  const name = `console-${Date.now().toString(36)}`;
  const input: Record<string, string> = {
    StackName: plan.stack, ChangeSetName: name, ChangeSetType: plan.isCreation ? "CREATE" : "UPDATE", ...plan.template,
  };
  plan.parameters.forEach(({key, value}, index) => {
    const member = `Parameters.member.${index + 1}`;
    input[`${member}.ParameterKey`] = key;
    if (value === undefined) input[`${member}.UsePreviousValue`] = "true";
    else input[`${member}.ParameterValue`] = value;
  });
  plan.capabilities.forEach((one, index) => (input[`Capabilities.member.${index + 1}`] = one));
  await call("CreateChangeSet", input);
  return name;
}

export const executeChangeSet = (stack: string, name: string) =>
  call("ExecuteChangeSet", {StackName: stack, ChangeSetName: name});
export const deleteChangeSet = (stack: string, name: string) => call("DeleteChangeSet", {StackName: stack, ChangeSetName: name});
export const deleteStack = (name: string) => call("DeleteStack", {StackName: name});

const body_bytes_max = 51_200; // of TemplateBody
const draftKey = `console-${Math.random().toString(36).slice(2)}.template`; // of this page

// A template as the calls take it: a larger one goes to a bucket first, as the console of AWS does.
export async function asInput(template: string): Promise<Record<string, string>> {
  const bytes = new TextEncoder().encode(template);
  if (bytes.length <= body_bytes_max) return {TemplateBody: template};
  const {account, region} = await get<{account: string; region: string}>("about");
  const bucket = `cf-templates-${account}-${region}`;
  await ask(`aws/s3/${bucket}`, {method: "PUT"}).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.code.startsWith("BucketAlready"))) throw error;
  });
  await ask(`aws/s3/${bucket}/${draftKey}`, {method: "PUT", body: bytes});
  return {TemplateURL: `https://${bucket}.s3.${region}.amazonaws.com/${draftKey}`};
}
