// Rules and functions of the tests, made as a person would: by AWS's API, through the page's own way there.
import {gzipSync} from "node:zlib";
import {aws} from "./aws.mjs";
import {publish} from "./browser.mjs";

// A zip of stored files, as base64.
export function zip(files) {
  const parts = [], directory = [];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const data = Buffer.from(content), local = Buffer.alloc(30), entry = Buffer.alloc(46);
    const sum = gzipSync(data).subarray(-8).readUInt32LE(); // RFC 1952, 2.3: the trailer begins with the CRC-32
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    for (const [head, offset] of [[local, 14], [entry, 16]]) {
      head.writeUInt32LE(sum, offset);
      head.writeUInt32LE(data.length, offset + 4);
      head.writeUInt32LE(data.length, offset + 8);
      head.writeUInt16LE(name.length, offset + 12);
    }
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(20, 6);
    entry.writeUInt32LE(at, 42);
    parts.push(local, Buffer.from(name), data);
    directory.push(entry, Buffer.from(name));
    at += 30 + name.length + data.length;
  }
  const size = directory.reduce((sum, one) => sum + one.length, 0), count = Object.keys(files).length;
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]).toString("base64");
}

export const arnOf = (name) => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;

export async function python(name, code, more = {}) {
  await aws("lambda", "POST", "/2015-03-31/functions", {
    FunctionName: name, Runtime: "python3.12", Handler: "index.handler", Role: "arn:aws:iam::000000000000:role/run", Code: {ZipFile: zip({"index.py": code, "data/notes.json": '{"kept": true}'})}, ...more,
  });
}

export const permit = (name, rule) =>
  aws("lambda", "POST", `/2015-03-31/functions/${name}/policy`, {
    StatementId: rule, Action: "lambda:InvokeFunction", Principal: "iot.amazonaws.com", SourceArn: `arn:aws:iot:us-east-1:000000000000:rule/${rule}`,
  });

export const rule = (name, sql, actions = [], more = {}) => aws("iot", "POST", `/rules/${name}`, {sql, awsIotSqlVersion: "2016-03-23", actions, ...more});

// A rule with messages, failures and a function; made once.
export async function makeRule() {
  const made = await aws("iot", "GET", "/rules");
  if (made.rules.some(({ruleName}) => ruleName === "too_hot")) return;
  await python("notify", handler, {Environment: {Variables: {TABLE: "status", TOKEN: "very-secret"}}});
  await permit("notify", "too_hot");
  const role = "arn:aws:iam::000000000000:role/rules";
  await rule("too_hot", statement, [{lambda: {functionArn: arnOf("notify")}}, {dynamoDBv2: {roleArn: role, putItem: {tableName: "readings"}}}], {
    errorAction: {republish: {roleArn: role, topic: "errors/too_hot", qos: 1}}, description: "Tells the plant's people when a machine is too hot",
  });
  await rule("presence_to_table", "SELECT clientId AS id FROM '$aws/events/presence/+/#'");
  await rule("all_off", "SELECT * FROM 'plant/#'", [], {ruleDisabled: true});
  for (const [n, celsius] of [21, 84, 91].entries()) await publish(`plant/press-${n}/temperature`, JSON.stringify({device: `press-${n}`, celsius}), "-q", "1");
}

const statement = `SELECT device, celsius * 9 / 5 + 32 AS fahrenheit,
  timestamp() AS at, topic(2) AS machine
FROM 'plant/+/temperature'
WHERE celsius > 80 AND isUndefined(quiet)`;

const handler = `"""Tells people that a machine is too hot."""

import json


def handler(event, context):
    print("too hot:", json.dumps(event))
    if event.get("fahrenheit", 0) > 190:
        raise RuntimeError(f"nobody answers for {event['device']}")
    return {"told": ["ann", "bob"], "device": event.get("device")}
`;
