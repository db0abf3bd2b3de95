import assert from "node:assert/strict";
import {test} from "node:test";
import {DraftError, draftOf, letsIn, newDraft, offsetOf, payloadOf, replaysOf, sameDraft, sqlPlace, targetOf, wordAt} from "./rule";

test("a place of croft's is one of the editor's, whatever the characters are", () => {
  assert.equal(offsetOf("SELECT *", 1, 8), 7);
  assert.equal(offsetOf("a\nbc\nd", 2, 2), 3);
  assert.equal(offsetOf("'𝄞é' x", 1, 6), 6); // the first of them has two units
  assert.equal(offsetOf("a", 9, 9), 1);
});

test("the word at a place is marked, at the end the last character", () => {
  assert.deepEqual(wordAt("SELECT a FORM 't'", 9), {from: 9, to: 13});
  assert.deepEqual(wordAt("a + ) b", 4), {from: 4, to: 5});
  assert.deepEqual(wordAt("SELECT * \n", 10), {from: 7, to: 10});
  assert.deepEqual(wordAt("", 0), {from: 0, to: 0});
});

test("an error of the statement has its place", () => {
  const sql = "SELECT a\nFORM 't'";
  assert.deepEqual(sqlPlace(sql, "line 2, column 1: expected FROM, found 'FORM'"), {from: 9, to: 13, message: "expected FROM, found 'FORM'"});
  assert.equal(sqlPlace(sql, "The role is not known."), undefined);
});

test("what is saved is AWS's payload, and what was loaded is unchanged", () => {
  const rule = {ruleName: "r", sql: "SELECT * FROM 't'", actions: [{lambda: {functionArn: "arn"}}], awsIotSqlVersion: "2016-03-23", description: "d", errorAction: {republish: {topic: "e"}}};
  const draft = draftOf(rule);
  assert.deepEqual(payloadOf(draft, true), {
    sql: "SELECT * FROM 't'", awsIotSqlVersion: "2016-03-23", description: "d", actions: rule.actions, ruleDisabled: true, errorAction: rule.errorAction,
  });
  assert.equal(sameDraft(draft, draftOf(rule)), true);
  assert.equal(sameDraft(draft, {...draft, sql: "SELECT 1 FROM 't'"}), false);
  assert.equal(draftOf({ruleName: "r", sql: "", actions: []}).version, "2015-10-08", "AWS's default");
});

test("JSON that is wrong has its place and its part", () => {
  assert.throws(() => payloadOf({...newDraft, actions: "[{]"}, false), (error: unknown) => error instanceof DraftError && error.part === "actions" && error.at === 2);
  assert.throws(() => payloadOf({...newDraft, errorAction: "[]"}, false), (error: unknown) => error instanceof DraftError && error.part === "errorAction");
  assert.throws(() => payloadOf({...newDraft, actions: "{}"}, false), DraftError);
});

test("an action's target is where it is shown", () => {
  assert.deepEqual(targetOf({lambda: {functionArn: "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST"}}), {kind: "lambda", name: "f", link: {screen: "functions", query: {function: "f"}}});
  assert.deepEqual(targetOf({dynamoDBv2: {roleArn: "r", putItem: {tableName: "t"}}} as never), {kind: "dynamoDBv2", name: "t", link: {screen: "tables", query: {table: "t"}}});
  assert.deepEqual(targetOf({sqs: {queueUrl: "http://127.0.0.1:4566/000000000000/q"}})?.link, {screen: "queues", query: {queue: "q"}});
  assert.deepEqual(targetOf({dynamoDB: {tableName: "${topic(2)}"}}), {kind: "dynamoDB", name: "${topic(2)}"});
  assert.deepEqual(targetOf({republish: {topic: "$$aws/things/x"}})?.link, {screen: "mqtt", query: {sub: "0 $aws/things/x"}});
  assert.deepEqual(targetOf({s3: {roleArn: "r", bucketName: "b", key: "k"}}), {kind: "s3", name: "b"});
  assert.equal(targetOf({}), undefined);
});

test("an error document tells what to publish again", () => {
  const one = {ruleName: "r", topic: "a/b", clientId: "c", base64OriginalPayload: "AP8=", failures: [{failedAction: "S3Action", errorMessage: "no"}]};
  assert.deepEqual(replaysOf(JSON.stringify(one)), [{topic: "a/b", payload: Uint8Array.of(0, 255), clientId: "c", failures: one.failures}]);
  const batch = {topic: "t", payloadsWithMetadata: [{id: 1, base64OriginalPayload: "MQ==", clientId: "a"}, {id: 2, base64OriginalPayload: "Mg==", topic: "u"}]};
  assert.deepEqual(replaysOf(JSON.stringify(batch))?.map(({topic, payload}) => `${topic} ${String.fromCharCode(...payload)}`), ["t 1", "u 2"]);
  for (const none of ["", "[]", "{}", "null", '{"topic":"t"}', '{"topic":"t","base64OriginalPayload":"%"}', '{"payloadsWithMetadata":[]}'])
    assert.equal(replaysOf(none), undefined, none);
});

test("a policy lets in the rules that its condition names", () => {
  const policy = (principal: unknown, action: string, arn?: string) =>
    JSON.stringify({Statement: [{Principal: principal, Action: action, ...(arn ? {Condition: {ArnLike: {"AWS:SourceArn": arn}}} : {})}]});
  const arn = "arn:aws:iot:us-east-1:000000000000:rule/a_1", iot = {Service: "iot.amazonaws.com"};
  for (const one of [policy(iot, "lambda:InvokeFunction", arn), policy(iot, "lambda:*", "arn:aws:iot:*:rule/a?1"), policy("*", "*"), policy(iot, "lambda:InvokeFunction")])
    assert.equal(letsIn(one, arn), true, one);
  for (const one of [policy({Service: "s3.amazonaws.com"}, "*"), policy(iot, "lambda:GetFunction"), policy(iot, "lambda:InvokeFunction", arn + "2"), policy(iot, "*", "arn.*"), '{"Statement":[]}'])
    assert.equal(letsIn(one, arn), false, one);
});
