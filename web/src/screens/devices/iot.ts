// AWS IoT's own operations that this screen calls. Shapes: the IoT API model, version 2015-05-28, and that of its data plane.
import {ask} from "../../api";

export interface Page<T> {
  items: T[];
  next: string; // "" on the last page
}

interface Call {
  query?: Record<string, string>;
  body?: unknown;
  principal?: string; // of the operations that take it as a header
}

async function call<T>(service: "iot" | "iotdata", method: string, path: string, {query, body, principal}: Call = {}): Promise<T> {
  const parameters = new URLSearchParams(Object.entries(query ?? {}).filter(([, value]) => value !== "")).toString();
  const headers: Record<string, string> = {};
  if (body !== undefined) headers["content-type"] = "application/json";
  if (principal !== undefined) headers["x-amzn-principal"] = principal;
  const response = await ask(`aws/${service}${path}${parameters ? `?${parameters}` : ""}`, {
    method,
    headers,
    ...(body === undefined ? {} : {body: JSON.stringify(body)}),
  });
  const text = await response.text();
  return (text ? JSON.parse(text) : {}) as T;
}

const part = encodeURIComponent; // one segment of a path
const pageSize = 250; // AWS's most

export interface Thing {
  thingName: string;
  thingArn: string;
  thingTypeName?: string;
  attributes: Record<string, string>;
  version: number;
}

export interface ThingDetails extends Thing {
  thingId: string;
  defaultClientId: string;
  billingGroupName?: string;
}

// What ListThings and ListThingsInThingGroup can be asked for.
export interface ThingQuery {
  type: string;
  group: string;
  attribute: string;
  value: string;
}

export async function listThings(wanted: ThingQuery, token: string): Promise<Page<Thing>> {
  const paging = {maxResults: String(pageSize), nextToken: token};
  if (wanted.group !== "") {
    const found = await call<{things: string[]; nextToken?: string}>("iot", "GET", `/thing-groups/${part(wanted.group)}/things`, {query: paging});
    return {items: found.things.map((thingName) => ({thingName, thingArn: "", attributes: {}, version: 0})), next: found.nextToken ?? ""};
  }
  const query = {...paging, thingTypeName: wanted.type, attributeName: wanted.attribute, attributeValue: wanted.value};
  const found = await call<{things: Thing[]; nextToken?: string}>("iot", "GET", "/things", {query});
  return {items: found.things, next: found.nextToken ?? ""};
}

export const describeThing = (name: string) => call<ThingDetails>("iot", "GET", `/things/${part(name)}`);
export const createThing = (name: string) => call<{thingArn: string}>("iot", "POST", `/things/${part(name)}`, {body: {}});
export const deleteThing = (name: string) => call("iot", "DELETE", `/things/${part(name)}`);

export interface ThingUpdate {
  attributes?: Record<string, string>; // all that it has then
  type?: string; // "": none
  version: number; // as it was read: another's change is not overwritten
}

export function updateThing(name: string, {attributes, type, version}: ThingUpdate) {
  const body = {
    ...(attributes ? {attributePayload: {attributes, merge: false}} : {}),
    ...(type === undefined ? {} : type === "" ? {removeThingType: true} : {thingTypeName: type}),
    expectedVersion: version,
  };
  return call("iot", "PATCH", `/things/${part(name)}`, {body});
}

// Of lists that are short: all pages, up to a limit that no registry of a person reaches.
async function all<T>(read: (token: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  for (let token = "", pages = 0; pages < 40; ++pages) {
    const page = await read(token);
    items.push(...page.items);
    if (page.next === "") break;
    token = page.next;
  }
  return items;
}

export const thingTypes = () =>
  all(async (nextToken) => {
    const found = await call<{thingTypes: {thingTypeName: string}[]; nextToken?: string}>("iot", "GET", "/thing-types", {query: {maxResults: "250", nextToken}});
    return {items: found.thingTypes.map((one) => one.thingTypeName), next: found.nextToken ?? ""};
  });
export const createThingType = (name: string) => call("iot", "POST", `/thing-types/${part(name)}`, {body: {}});

type Groups = {thingGroups: {groupName: string}[]; nextToken?: string};
export const thingGroups = () =>
  all(async (nextToken) => {
    const found = await call<Groups>("iot", "GET", "/thing-groups", {query: {maxResults: "250", nextToken}});
    return {items: found.thingGroups.map((one) => one.groupName), next: found.nextToken ?? ""};
  });
export const groupsOf = (thing: string) =>
  all(async (nextToken) => {
    const found = await call<Groups>("iot", "GET", `/things/${part(thing)}/thing-groups`, {query: {maxResults: "250", nextToken}});
    return {items: found.thingGroups.map((one) => one.groupName), next: found.nextToken ?? ""};
  });
export const createThingGroup = (name: string) => call("iot", "POST", `/thing-groups/${part(name)}`, {body: {}});
export const addToGroup = (thingName: string, thingGroupName: string) =>
  call("iot", "PUT", "/thing-groups/addThingToThingGroup", {body: {thingName, thingGroupName}});
export const removeFromGroup = (thingName: string, thingGroupName: string) =>
  call("iot", "PUT", "/thing-groups/removeThingFromThingGroup", {body: {thingName, thingGroupName}});

export const principalsOf = (thing: string) =>
  all(async (nextToken) => {
    const found = await call<{principals: string[]; nextToken?: string}>("iot", "GET", `/things/${part(thing)}/principals`, {query: {maxResults: "250", nextToken}});
    return {items: found.principals, next: found.nextToken ?? ""};
  });
export const thingsOf = (principal: string) =>
  all(async (nextToken) => {
    const found = await call<{things: string[]; nextToken?: string}>("iot", "GET", "/principals/things", {query: {maxResults: "250", nextToken}, principal});
    return {items: found.things, next: found.nextToken ?? ""};
  });
export const attachPrincipal = (thing: string, principal: string) => call("iot", "PUT", `/things/${part(thing)}/principals`, {principal});
export const detachPrincipal = (thing: string, principal: string) => call("iot", "DELETE", `/things/${part(thing)}/principals`, {principal});

export type CertificateStatus = "ACTIVE" | "INACTIVE" | "REVOKED" | "PENDING_TRANSFER" | "REGISTER_INACTIVE" | "PENDING_ACTIVATION";

export interface Certificate {
  certificateArn: string;
  certificateId: string;
  status: CertificateStatus;
  creationDate: number; // seconds
}

export interface CertificateDetails extends Certificate {
  certificatePem: string;
  certificateMode: string;
  lastModifiedDate: number;
  caCertificateId?: string;
  validity: {notBefore: number; notAfter: number};
}

export interface NewCertificate {
  certificateArn: string;
  certificateId: string;
  certificatePem: string;
  keyPair: {PublicKey: string; PrivateKey: string};
}

export async function listCertificates(marker: string): Promise<Page<Certificate>> {
  const found = await call<{certificates: Certificate[]; nextMarker?: string}>("iot", "GET", "/certificates", {query: {pageSize: String(pageSize), marker}});
  return {items: found.certificates, next: found.nextMarker ?? ""};
}
export const describeCertificate = async (id: string) =>
  (await call<{certificateDescription: CertificateDetails}>("iot", "GET", `/certificates/${part(id)}`)).certificateDescription;
export const setCertificateStatus = (id: string, newStatus: "ACTIVE" | "INACTIVE" | "REVOKED") =>
  call("iot", "PUT", `/certificates/${part(id)}`, {query: {newStatus}});
export const deleteCertificate = (id: string) => call("iot", "DELETE", `/certificates/${part(id)}`);
export const createKeysAndCertificate = () => call<NewCertificate>("iot", "POST", "/keys-and-certificate", {query: {setAsActive: "true"}});

export interface PolicyVersion {
  versionId: string;
  isDefaultVersion: boolean;
  createDate: number;
}

export async function listPolicies(marker: string): Promise<Page<{policyName: string; policyArn: string}>> {
  const found = await call<{policies: {policyName: string; policyArn: string}[]; nextMarker?: string}>("iot", "GET", "/policies", {query: {pageSize: String(pageSize), marker}});
  return {items: found.policies, next: found.nextMarker ?? ""};
}
export const allPolicyNames = () => all(async (token) => {
  const page = await listPolicies(token);
  return {items: page.items.map((one) => one.policyName), next: page.next};
});
export const getPolicy = (name: string) => call<{policyDocument: string; defaultVersionId: string}>("iot", "GET", `/policies/${part(name)}`);
export const createPolicy = (name: string, policyDocument: string) => call("iot", "POST", `/policies/${part(name)}`, {body: {policyDocument}});
export const deletePolicy = (name: string) => call("iot", "DELETE", `/policies/${part(name)}`);
export const policyVersions = async (name: string) =>
  (await call<{policyVersions: PolicyVersion[]}>("iot", "GET", `/policies/${part(name)}/version`)).policyVersions;
export const getPolicyVersion = (name: string, version: string) =>
  call<{policyDocument: string; isDefaultVersion: boolean}>("iot", "GET", `/policies/${part(name)}/version/${part(version)}`);
export const createPolicyVersion = (name: string, policyDocument: string) =>
  call<{policyVersionId: string}>("iot", "POST", `/policies/${part(name)}/version`, {query: {setAsDefault: "true"}, body: {policyDocument}});
export const setDefaultVersion = (name: string, version: string) => call("iot", "PATCH", `/policies/${part(name)}/version/${part(version)}`);
export const deletePolicyVersion = (name: string, version: string) => call("iot", "DELETE", `/policies/${part(name)}/version/${part(version)}`);

export const targetsOf = (policy: string) =>
  all(async (marker) => {
    const found = await call<{targets: string[]; nextMarker?: string}>("iot", "POST", `/policy-targets/${part(policy)}`, {query: {pageSize: "250", marker}});
    return {items: found.targets, next: found.nextMarker ?? ""};
  });
export const attachedPolicies = (target: string) =>
  all(async (marker) => {
    const found = await call<{policies: {policyName: string}[]; nextMarker?: string}>("iot", "POST", `/attached-policies/${part(target)}`, {query: {pageSize: "250", marker}});
    return {items: found.policies.map((one) => one.policyName), next: found.nextMarker ?? ""};
  });
export const attachPolicy = (policy: string, target: string) => call("iot", "PUT", `/target-policies/${part(policy)}`, {body: {target}});
export const detachPolicy = (policy: string, target: string) => call("iot", "POST", `/target-policies/${part(policy)}`, {body: {target}});

export interface Shadow {
  state: {desired?: unknown; reported?: unknown; delta?: unknown};
  version: number;
  timestamp: number; // seconds
}

const shadowQuery = (shadow: string) => ({query: {name: shadow}});
export const namedShadows = (thing: string) =>
  all(async (nextToken) => {
    const found = await call<{results: string[]; nextToken?: string}>("iotdata", "GET", `/api/things/shadow/ListNamedShadowsForThing/${part(thing)}`,
      {query: {pageSize: "100", nextToken}});
    return {items: found.results, next: found.nextToken ?? ""};
  });
// "" is the classic one.
export const getShadow = (thing: string, shadow: string) => call<Shadow>("iotdata", "GET", `/things/${part(thing)}/shadow`, shadowQuery(shadow));
export const updateShadow = (thing: string, shadow: string, body: unknown) =>
  call<unknown>("iotdata", "POST", `/things/${part(thing)}/shadow`, {...shadowQuery(shadow), body});
export const deleteShadow = (thing: string, shadow: string) => call("iotdata", "DELETE", `/things/${part(thing)}/shadow`, shadowQuery(shadow));

// The part of an ARN behind its last slash: a certificate's id, a group's name.
export const nameOf = (arn: string) => arn.slice(arn.lastIndexOf("/") + 1);
