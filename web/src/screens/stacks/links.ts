// Which screen shows a resource, by its type and the id that CloudFormation has of it.

export interface ScreenLink {
  screen: string;
  query: Record<string, string>;
}

export function screenOf(type: string, physicalId: string, status = ""): ScreenLink | undefined {
  if (physicalId === "" || status === "DELETE_COMPLETE") return undefined;
  switch (type) {
    case "AWS::DynamoDB::Table":
      return {screen: "tables", query: {table: physicalId}};
    case "AWS::Lambda::Function":
      return {screen: "functions", query: {function: physicalId}};
    case "AWS::IoT::TopicRule":
      return {screen: "rules", query: {rule: physicalId}};
    case "AWS::IoT::Thing":
      return {screen: "devices", query: {thing: physicalId}};
    case "AWS::SQS::Queue": // its URL
      return {screen: "queues", query: {queue: physicalId.slice(physicalId.lastIndexOf("/") + 1)}};
    default:
      return undefined;
  }
}

// "AWS::DynamoDB::Table" as its service and what it is: "DynamoDB", "Table".
export function typeParts(type: string): {service: string; kind: string} {
  const [, service = "", ...kind] = type.split("::");
  return {service: service || type, kind: kind.join(" ")};
}

// Colours of the style sheet, the same for each service everywhere.
const services = ["DynamoDB", "Lambda", "IoT", "IAM", "SQS", "S3"];
export const colourOf = (type: string): number => (services.indexOf(typeParts(type).service) + 8) % 8;

export type Tone = "good" | "warm" | "bad" | "busy" | "quiet";

// What a status of a stack or resource means for who looks at it.
export function toneOf(status: string): Tone {
  if (/ROLLBACK|FAILED/.test(status)) return status.endsWith("_IN_PROGRESS") ? "warm" : "bad";
  if (status === "REVIEW_IN_PROGRESS") return "quiet";
  if (status.endsWith("_IN_PROGRESS")) return "busy";
  return status === "DELETE_COMPLETE" || status === "DELETE_SKIPPED" ? "quiet" : "good";
}

export const isAtRest = (status: string): boolean => status === "REVIEW_IN_PROGRESS" || !status.endsWith("_IN_PROGRESS");

// Where a template is wrong: "(line 2, column 1)" as an offset in it.
export function placeIn(text: string, message: string): number | undefined {
  const found = /\(line (\d+), column (\d+)\)/.exec(message);
  if (!found) return undefined;
  const lines = text.split("\n");
  const line = Math.min(Number(found[1]), lines.length);
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return Math.min(text.length, before + Number(found[2]) - 1);
}

// Code in a folder beside the template, which a browser cannot read: croft deploy can.
export const wantsLocalCode = (message: string): boolean => /CodeUri|ContentUri|S3 Uri|s3:\/\//i.test(message);
