import assert from "node:assert/strict";
import {execFileSync} from "node:child_process";
import {test} from "node:test";
import {command, kebab, plainJson, quoted, type CallDetails, type Json} from "./cli";

const at = "http://127.0.0.1:4566";
const text = (service: string, operation: string, details: Partial<CallDetails>) => {
  const made = command(service, operation, {number: 1, ...details}, at);
  return typeof made === "string" ? made : made.text;
};
const input = (line: string): Json => JSON.parse(execFileSync("sh", ["-c", `aws() { printf %s "$4"; }; ${line}`], {encoding: "utf8"})) as Json;

test("operations are called as the CLI calls them", () => {
  assert.deepEqual(["ListObjectsV2", "AssumeRoleWithSAML", "GetV2LoggingOptions", "CreateKeysAndCertificate", "SetV2LoggingLevel", "PutItem"].map(kebab),
    ["list-objects-v2", "assume-role-with-saml", "get-v2-logging-options", "create-keys-and-certificate", "set-v2-logging-level", "put-item"]);
});

test("a shell reads every word as it was", () => {
  for (const word of ["a", "it's", "''", "$(id)", "`id`", "a\nb", "\\", "!x", "-n", "", " ", "*", "~", "\u202e", '"', "#a", "a;b", "&", "é"]) {
    assert.equal(execFileSync("bash", ["-c", `printf %s ${quoted(word)}`], {encoding: "utf8"}), word);
  }
  assert.equal(plainJson("a\u202eb\u0000\u2066é"), '"a\\u202eb\\u0000\\u2066é"');
});

test("a JSON service's document is taken as it is", () => {
  const key = {id: {S: "it's $(id) `x` \u202e file:///etc/passwd"}};
  const line = text("dynamodb", "GetItem", {input: {TableName: "T", Key: key}});
  assert.ok(line.startsWith("aws dynamodb get-item --cli-input-json '{\"TableName\""));
  assert.ok(line.endsWith(` --endpoint-url ${at}`));
  assert.deepEqual(input(line), {TableName: "T", Key: key});
  assert.equal(text("dynamodb", "ListTables", {input: {}}), `aws dynamodb list-tables --endpoint-url ${at}`);
});

test("labels, queries and headers become the members that they are", () => {
  assert.deepEqual(input(text("iot", "ListPolicies", {input: {pageSize: "10", isAscendingOrder: "true", marker: "12"}})), {pageSize: 10, ascendingOrder: true, marker: "12"});
  assert.deepEqual(input(text("iot", "AttachThingPrincipal", {input: {thingName: "p"}, headers: {"x-amzn-principal": "arn", "if-match": "x"}})), {thingName: "p", principal: "arn"});
  assert.deepEqual(input(text("iot", "CreateTopicRule", {input: {ruleName: "r", sql: "SELECT 1", actions: []}})), {ruleName: "r", topicRulePayload: {sql: "SELECT 1", actions: []}});
  assert.deepEqual(input(text("lambda", "UntagResource", {input: {ARN: "a", tagKeys: "one"}})), {Resource: "a", TagKeys: ["one"]});
  assert.deepEqual(input(text("iotdata", "Publish", {input: {topic: "t", qos: "1", retain: "false"}, payload: "ü"})), {topic: "t", qos: 1, retain: false, payload: "ü"});
});

test("forms have their types back", () => {
  const given = {Action: "ListRoles", Version: "2010-05-08", MaxItems: "5", PathPrefix: "/1/"};
  assert.deepEqual(input(text("iam", "ListRoles", {input: given})), {MaxItems: 5, PathPrefix: "/1/"});
  assert.deepEqual(input(text("sqs", "ReceiveMessage", {input: {Action: "ReceiveMessage", QueueUrl: "u", MaxNumberOfMessages: "3"}})), {QueueUrl: "u", MaxNumberOfMessages: 3});
  assert.deepEqual(input(text("sqs", "SendMessage", {input: {QueueUrl: "u", MessageBody: "true", DelaySeconds: "3", Attributes: {DelaySeconds: "3"}}})), {QueueUrl: "u", MessageBody: "true", DelaySeconds: 3, Attributes: {DelaySeconds: "3"}});
  const parameters = [{ParameterKey: "k", UsePreviousValue: "true"}];
  assert.deepEqual(input(text("cloudformation", "ValidateTemplate", {input: {Parameters: parameters, TimeoutInMinutes: "5"}})), {Parameters: [{ParameterKey: "k", UsePreviousValue: true}], TimeoutInMinutes: 5});
});

test("S3: what says which operation it is goes, bodies are files", () => {
  assert.deepEqual(input(text("s3", "ListObjectsV2", {input: {Bucket: "b", "list-type": "2", "max-keys": "7", prefix: "a/"}})), {Bucket: "b", MaxKeys: 7, Prefix: "a/"});
  assert.match(text("s3", "GetObject", {input: {Bucket: "b", Key: "k", "x-id": "GetObject"}}), /^aws s3api get-object --bucket=b --key=k .* \/dev\/stdout$/);
  assert.deepEqual(command("s3", "PutObject", {number: 1, input: {Bucket: "b", Key: "k"}}, at),
    {text: `aws s3api put-object --cli-input-json '{"Bucket":"b","Key":"k"}' --body FILE --endpoint-url ${at}`, file: true});
  assert.equal(text("s3", "DeleteObjects", {input: {Bucket: "b"}}), "document");
});

test("where the CLI asks for options they are whole words", () => {
  const line = text("iotdata", "UpdateThingShadow", {input: {thingName: "-x", name: "s"}, payload: '{"a":"it\'s"}'});
  assert.equal(line, `aws iot-data update-thing-shadow --thing-name=-x --shadow-name=s '--payload={"a":"it'\\''s"}' --cli-binary-format raw-in-base64-out --endpoint-url ${at} /dev/stdout`);
  assert.equal(text("s3", "GetObject", {input: {Bucket: "b", Key: "k", versionId: "1"}, headers: {range: "bytes=0-2"}}),
    `aws s3api get-object --bucket=b --key=k --version-id=1 --range=bytes=0-2 --endpoint-url ${at} /dev/stdout`);
  for (const Key of ["file:///etc/passwd", "fileb://x", "a\u202eb"]) assert.equal(text("s3", "GetObject", {input: {Bucket: "b", Key}}), "option", Key);
});

test("what is not known gives no command", () => {
  assert.equal(text("lambda", "CreateFunction", {leftOut: "secret"}), "secret");
  assert.equal(text("dynamodb", "PutItem", {leftOut: "long"}), "long");
  assert.equal(text("dynamodb", "", {input: {}}), "none");
  assert.equal(text("dynamodb", "PutItem", {}), "none");
});
