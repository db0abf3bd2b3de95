// AWS's APIs as the page calls them.
import {gateway} from "./browser.mjs";

// What is answered: JSON as what it says, else text. A refusal throws, with its status.
export async function aws(service, method, path, input, headers = {}) {
  const body = input === undefined ? {} : {body: typeof input === "string" ? input : JSON.stringify(input)};
  const answer = await fetch(`${gateway}/_croft/console/api/aws/${service}${path}`,
    {method, headers: {"x-croft-console": "1", "content-type": "application/json", ...headers}, ...body});
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text.startsWith("{") ? JSON.parse(text) : text;
}

export const sqs = (operation, input) =>
  aws("sqs", "POST", "", input, {"x-amz-target": `AmazonSQS.${operation}`, "content-type": "application/x-amz-json-1.0"});
