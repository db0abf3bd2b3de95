import assert from "node:assert/strict";
import {test} from "node:test";
import {subjectOf} from "./subject";

test("calls lead to the screen of what they are about", () => {
  const of = (service: string, input: Record<string, string>) => {
    const found = subjectOf(service, input);
    return found && `${found.name} ${found.screen} ${JSON.stringify(found.query)}`;
  };
  assert.equal(of("dynamodb", {TableName: "arn:aws:dynamodb:us-east-1:0:table/T"}), 'T tables {"table":"T"}');
  assert.equal(of("lambda", {FunctionName: "arn:aws:lambda:us-east-1:0:function:f:1"}), 'f functions {"function":"f"}');
  assert.equal(of("lambda", {FunctionName: "f:prod"}), 'f functions {"function":"f"}');
  assert.equal(of("sqs", {QueueUrl: "http://127.0.0.1:4566/0/q"}), 'q queues {"queue":"q"}');
  assert.equal(of("cloudformation", {StackName: "arn:aws:cloudformation:us-east-1:0:stack/s/1-2"}), 's stacks {"stack":"s"}');
  assert.equal(of("iot", {ruleName: "r"}), 'r rules {"rule":"r"}');
  assert.equal(of("iot", {policyName: "p", target: "x"}), 'p devices {"tab":"policies","policy":"p"}');
  assert.equal(of("iotdata", {thingName: "t"}), 't devices {"thing":"t"}');
  assert.equal(of("s3", {Bucket: "b"}), undefined);
  assert.equal(subjectOf("dynamodb", undefined), undefined);
});
