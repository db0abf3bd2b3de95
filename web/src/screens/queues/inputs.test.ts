import assert from "node:assert/strict";
import {test} from "node:test";
import {attributeBytes, createInput, fullName, sendInput} from "./inputs";

const arn = (name: string) => `arn:aws:sqs:us-east-1:000000000000:${name}`;

test("what is empty in the form is not sent", () => {
  assert.deepEqual(sendInput({body: "hello", delay: "", group: "", deduplication: "",
    attributes: [{name: "", type: "String", value: "x"}]}), {MessageBody: "hello"});
});

test("a message has its attributes with their types", () => {
  const input = sendInput({
    body: "b", delay: "5", group: "g", deduplication: "d",
    attributes: [{name: "kind", type: "String", value: "alarm"}, {name: "raw", type: "Binary", value: "AAE="},
      {name: "n", type: "Number.int", value: "7"}],
  });
  assert.deepEqual(input, {
    MessageBody: "b", DelaySeconds: 5, MessageGroupId: "g", MessageDeduplicationId: "d",
    MessageAttributes: {kind: {DataType: "String", StringValue: "alarm"}, raw: {DataType: "Binary", BinaryValue: "AAE="},
      n: {DataType: "Number.int", StringValue: "7"}},
  });
});

test("a queue is made with what was asked for and no more", () => {
  const plain = {name: "jobs", fifo: false, contentDeduplication: true, visibility: "", delay: "", retention: "", deadLetters: "",
    maxReceives: "3"};
  assert.deepEqual(createInput(plain, arn), {QueueName: "jobs", Attributes: {}});
  assert.deepEqual(createInput({...plain, fifo: true, visibility: "60", deadLetters: "dead.fifo"}, arn), {
    QueueName: "jobs.fifo",
    Attributes: {
      FifoQueue: "true", ContentBasedDeduplication: "true", VisibilityTimeout: "60",
      RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead.fifo","maxReceiveCount":3}',
    },
  });
  assert.equal(fullName({name: "jobs.fifo", fifo: true}), "jobs.fifo");
});

test("attributes are bytes", () => {
  assert.deepEqual([...attributeBytes({DataType: "Binary", BinaryValue: "AP8="})], [0, 255]);
  assert.deepEqual([...attributeBytes({DataType: "String", StringValue: "é"})], [0xc3, 0xa9]);
});
