// What a call was about, and the screen that shows it.
import type {Json} from "./cli";

export interface Subject {
  name: string;
  screen: string;
  query: Record<string, string>;
}

const last = (text: string) => text.slice(text.lastIndexOf("/") + 1);

// "arn:aws:lambda:region:account:function:name:alias" or the name itself.
const functionName = (text: string) => (text.startsWith("arn:") ? (text.split(":")[6] ?? text) : (text.split(":")[0] ?? text));

export function subjectOf(service: string, input: Json | undefined): Subject | undefined {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return undefined;
  const text = (name: string): string => {
    const value = input[name];
    return typeof value === "string" ? value : "";
  };
  const to = (name: string, screen: string, query: Record<string, string>): Subject | undefined => (name === "" ? undefined : {name, screen, query});
  switch (service) {
    case "dynamodb":
      return to(last(text("TableName")), "tables", {table: last(text("TableName"))});
    case "lambda":
      return to(functionName(text("FunctionName")), "functions", {function: functionName(text("FunctionName"))});
    case "sqs":
      return to(last(text("QueueUrl")) || text("QueueName"), "queues", {queue: last(text("QueueUrl")) || text("QueueName")});
    case "cloudformation":
      return to(stackName(text("StackName")), "stacks", {stack: stackName(text("StackName"))});
    case "iotdata":
      return to(text("thingName"), "devices", {thing: text("thingName")});
    case "iot":
      return (
        to(text("ruleName"), "rules", {rule: text("ruleName")}) ??
        to(text("thingName"), "devices", {thing: text("thingName")}) ??
        to(text("policyName"), "devices", {tab: "policies", policy: text("policyName")}) ??
        to(text("certificateId"), "devices", {tab: "certificates", certificate: text("certificateId")})
      );
    default:
      return undefined;
  }
}

// "arn:aws:cloudformation:region:account:stack/NAME/ID" or the name itself.
const stackName = (text: string) => (text.startsWith("arn:") ? (text.split("/")[1] ?? text) : text);
