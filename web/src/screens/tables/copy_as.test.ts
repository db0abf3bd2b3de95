import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {test} from "node:test";
import {asCli, asJavaScript, asPython, shellWord} from "./copy_as";
import {hostileTexts} from "./hostile";
import {everything, requestOf, type Filter} from "./search";
import type {Table} from "./table";

const place = {endpoint: "http://127.0.0.1:4566", region: "us-east-1"};
const table: Table = {
  TableName: "status", TableStatus: "ACTIVE", TableArn: "arn", CreationDateTime: 0, ItemCount: 0, TableSizeBytes: 0,
  KeySchema: [{AttributeName: "id", KeyType: "HASH"}], AttributeDefinitions: [{AttributeName: "id", AttributeType: "S"}],
};
const named = (name: string, value: string): Filter => ({name, operator: "=", type: "S", value, second: ""});

// All hostile texts as names and as values, and bytes.
const texts = hostileTexts.filter((text) => text !== "");
const request = requestOf(table,
  {...everything, partition: "it's \"x\" 😀",
  filters: [...texts.map((text) => named(text, text)), {...named("bytes", "AP8="), type: "B"}]});

test("a request for the CLI reads as one would write it", () => {
  const {operation, input} = requestOf(table, {...everything, partition: "pump-1", consistent: true, down: true});
  assert.equal(asCli(operation, input, place), [
    "aws dynamodb query", "--table-name status", "--key-condition-expression '#n0 = :v0'",
    `--expression-attribute-names '{"#n0":"id"}'`,
    `--expression-attribute-values '{":v0":{"S":"pump-1"}}'`, "--no-scan-index-forward", "--consistent-read",
      "--return-consumed-capacity TOTAL",
    "--no-paginate", "--endpoint-url http://127.0.0.1:4566", "--region us-east-1"].join(" \\\n  "));
});

test("a shell gives each word back as it was", () => {
  const words = texts.filter((text) => !text.includes("\u0000"));
  const out = execFileSync("sh", ["-c", `printf '%s\\0' ${words.map(shellWord).join(" ")}`], {encoding: "utf8"});
  assert.deepEqual(out.split("\u0000").slice(0, -1), words);
});

test("the CLI gets the request's JSON through a shell, whatever it says", () => {
  const script = asCli(request.operation, request.input, place).replace("aws dynamodb", "show");
  const words = execFileSync("sh", ["-c", `show() { printf '%s\\0' "$@"; }\n${script}`], {encoding: "utf8"}).split("\u0000");
  assert.ok(/^[\x20-\x7e\n]*$/.test(script), "it is ASCII");
  const after = (name: string) => words[words.indexOf(name) + 1] ?? "";
  assert.deepEqual(JSON.parse(after("--expression-attribute-names")), request.input.ExpressionAttributeNames);
  assert.deepEqual(JSON.parse(after("--expression-attribute-values")), request.input.ExpressionAttributeValues);
  assert.equal(after("--filter-expression"), request.input.FilterExpression);
});

test("texts that the CLI would read as files or options go in as JSON", () => {
  for (const Statement of ["file:///etc/passwd", "-x", "--help", "SELECT é", "a\nb"]) {
    const text = asCli("ExecuteStatement", {Statement}, place);
    const [, , , name, json] = execFileSync("sh", ["-c", `show() { printf '%s\\0' "$@"; }\nshow ${text}`],
      {encoding: "utf8"}).split("\u0000");
    assert.equal(name, "--cli-input-json");
    assert.deepEqual(JSON.parse(json ?? ""), {Statement});
  }
});

test("Python reads the same request", () => {
  const script = asPython(request.operation, request.input, place).replace("import boto3", "");
  const run = `import json, base64
class Client:
    def query(self, **input): return input
class boto3:
    def client(*names, **where): return Client()
${script}
def plain(x): return base64.b64encode(x).decode()
print(json.dumps(response, default=plain))`;
  const out = execFileSync("python3", ["-c", run.replaceAll("\u0000", "")], {encoding: "utf8"});
  assert.deepEqual(JSON.parse(out), request.input);
  assert.ok(script.includes('base64.b64decode("AP8=")'));
});

test("JavaScript reads the same request", () => {
  const script = asJavaScript(request.operation, request.input, place).replace(/^import.*$/m,
    "").replace("const response = await client.send(", "return client.send(");
  class DynamoDBClient {
    send(command: QueryCommand): unknown {
      return command.input;
    }
  }
  class QueryCommand {
    constructor(readonly input: unknown) {}
  }
  const back = new Function("DynamoDBClient", "QueryCommand", script)(DynamoDBClient, QueryCommand) as Record<string, unknown>;
  const bytes = JSON.parse(JSON.stringify(back, (_, value: unknown) => {
    const buffer = value as {type?: string; data?: number[]};
    return buffer?.type === "Buffer" ? Buffer.from(buffer.data ?? []).toString("base64") : value;
  })) as unknown;
  assert.deepEqual(bytes, request.input);
});
