// A call of AWS's API as a command of the AWS CLI. Its input goes along as one JSON document, which the CLI takes as it is: an
// option's value would be read as a file when it begins with file://. Where the CLI also wants the name of a file for the answer, it
// asks for options all the same.
import members from "./cli_members.json";

// GET api/calls/NUMBER; src/console/call_inputs.h.
export interface CallDetails {
  number: number;
  input?: Json;
  headers?: Record<string, string>;
  payload?: string;
  message?: string;
  leftOut?: LeftOut;
}

type LeftOut = "secret" | "long" | "none";
export type Json = null | boolean | number | string | Json[] | {[name: string]: Json};
type Members = {[name: string]: Json};

interface ServiceMembers {
  types: Record<string, string>; // of members that a query, a path, a header or a form carries as text
  names: Record<string, string>; // what the CLI calls them
  documents: Record<string, string>; // operations whose document is one member
}

export interface Command {
  text: string;
  file: boolean; // names a file that is to be put in
}

const commandNames: Record<string, string> = {iotdata: "iot-data", s3: "s3api"};
const known = members as Record<string, ServiceMembers>;

// As botocore's xform_name() does it.
export function kebab(operation: string): string {
  return operation.replace(/(.)([A-Z][a-z]+)/g, "$1-$2").replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
}

// What a POSIX shell takes as one word that says exactly this.
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

// Characters that are not seen, or turn the direction of others round.
const unseen = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

// They are escaped: a command is read before it is run.
export function plainJson(value: Json): string {
  return JSON.stringify(value).replace(unseen, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function typed(value: Json, type: string | undefined): Json {
  if (type === "number" && typeof value === "string" && /^-?\d+$/.test(value)) return Number(value);
  if (type === "boolean" && typeof value === "string") return value.toLowerCase() === "true" ? true : value.toLowerCase() === "false" ? false : value;
  if (type === "list" && !Array.isArray(value)) return [value];
  if (type === "map" && Array.isArray(value)) return Object.fromEntries(value.map((entry) => [String((entry as Members)["key"]), (entry as Members)["value"] ?? null]));
  return value;
}

// Texts of forms have no types; members of JSON documents have them already, at every depth.
function typedAll(value: Json, types: Record<string, string>): Json {
  if (Array.isArray(value)) return value.map((one) => typedAll(one, types));
  if (typeof value !== "object" || value === null) return value;
  const below = (name: string, one: Json) => (types[name] === "map" ? one : typedAll(one, types)); // a map's names are anyone's
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, below(name, typed(one, types[name]))]));
}

// The operation's input as the CLI knows it.
function cliInput(service: string, operation: string, {input, headers = {}, payload}: CallDetails): Members {
  const table = known[service];
  const given = {...(input as Members), ...headers};
  if (!table) return input as Members; // a service that speaks JSON: the document itself
  const out: Members = {};
  const document = table.documents[operation];
  for (const [name, value] of Object.entries(given)) {
    if (service === "s3" && !(name in table.names)) continue; // what says which operation it is
    if ((name === "Action" || name === "Version") && isQuery(service)) continue;
    const isHeader = name in headers;
    if (isHeader && !(name in table.names)) continue;
    const member = table.names[name] ?? name;
    const converted = isQuery(service) ? (typedAll({[name]: value}, table.types) as Members)[name] as Json : typed(value, table.types[name]);
    if (document !== undefined && name !== "ruleName" && !isHeader) out[document] = {...(out[document] as Members | undefined), [member]: converted};
    else out[member] = converted;
  }
  if (payload !== undefined) out["payload"] = payload;
  return out;
}

const isQuery = (service: string) => ["sqs", "sts", "iam", "cloudformation"].includes(service);

// Bodies that are not kept: files of the person who runs the command.
const bodies: Record<string, string> = {"s3 PutObject": "--body FILE", "s3 UploadPart": "--body FILE", "lambda Invoke": "--payload fileb://FILE"};
// The CLI wants to know where the answer's body goes.
const answers = ["s3 GetObject", "lambda Invoke", "iotdata GetThingShadow", "iotdata UpdateThingShadow", "iotdata DeleteThingShadow"];
// Documents in XML, which are not read here.
const inXml = /^(CreateBucket|CompleteMultipartUpload|DeleteObjects|Put(Bucket|Public|Object(Acl|Tagging)).*)$/;

export function command(service: string, operation: string, details: CallDetails, endpoint: string): Command | LeftOut | "document" | "option" {
  if (operation === "") return "none";
  if (details.leftOut) return details.leftOut;
  if (details.input === undefined) return "none";
  if (service === "s3" && inXml.test(operation)) return "document";
  const name = `${service} ${operation}`;
  const input = cliInput(service, operation, details);
  const words = ["aws", commandNames[service] ?? service, kebab(operation)];
  if (answers.includes(name)) {
    if (Object.values(input).some((value) => typeof value === "object" || /^fileb?:\/\//.test(String(value)) || String(value).search(unseen) >= 0)) return "option";
    for (const [member, value] of Object.entries(input)) words.push(quoted(`--${kebab(member)}=${String(value)}`));
  } else if (Object.keys(input).length > 0) {
    words.push("--cli-input-json", quoted(plainJson(input)));
  }
  if (details.payload !== undefined) words.push("--cli-binary-format", "raw-in-base64-out"); // whatever is configured
  const body = bodies[name];
  if (body !== undefined) words.push(body);
  words.push("--endpoint-url", quoted(endpoint));
  if (answers.includes(name)) words.push("/dev/stdout");
  return {text: words.join(" "), file: body !== undefined};
}
