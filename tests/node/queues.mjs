// AWS SDK for JavaScript v3 against croft's queues, by SQS's JSON protocol. The SDK checks the digests of what it sends and gets.
import assert from "node:assert/strict";
import {
  CreateQueueCommand, DeleteMessageBatchCommand, DeleteMessageCommand, GetQueueAttributesCommand, GetQueueUrlCommand,
  ListMessageMoveTasksCommand, ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";

const sqs = new SQSClient({endpoint: process.env.AWS_ENDPOINT_URL, region: process.env.AWS_DEFAULT_REGION, maxAttempts: 1});
const call = (command) => sqs.send(command);

const dead = (await call(new CreateQueueCommand({QueueName: "node-dead"}))).QueueUrl;
const arnOf = async (url) =>
  (await call(new GetQueueAttributesCommand({QueueUrl: url, AttributeNames: ["QueueArn"]}))).Attributes.QueueArn;
const policy = JSON.stringify({deadLetterTargetArn: await arnOf(dead), maxReceiveCount: 1});
const url = (await call(new CreateQueueCommand({
  QueueName: "node", Attributes: {VisibilityTimeout: "0", RedrivePolicy: policy}, tags: {team: "a"}}))).QueueUrl;

const sent = await call(new SendMessageCommand({
  QueueUrl: url, MessageBody: "héllo <&> 😀\n",
  MessageAttributes: {n: {DataType: "Number", StringValue: "1"}, b: {DataType: "Binary", BinaryValue: Uint8Array.of(0, 255)}},
  MessageSystemAttributes: {AWSTraceHeader: {DataType: "String", StringValue: "Root=1"}}}));
const [message] = (await call(new ReceiveMessageCommand({
  QueueUrl: url, WaitTimeSeconds: 2, MessageSystemAttributeNames: ["All"], MessageAttributeNames: ["All"],
  VisibilityTimeout: 30}))).Messages;
assert.equal(message.MessageId, sent.MessageId);
assert.equal(message.Body, "héllo <&> 😀\n");
assert.deepEqual([...message.MessageAttributes.b.BinaryValue], [0, 255]);
assert.equal(message.Attributes.AWSTraceHeader, "Root=1");
await call(new DeleteMessageCommand({QueueUrl: url, ReceiptHandle: message.ReceiptHandle}));
assert.equal((await call(new ReceiveMessageCommand({QueueUrl: url}))).Messages, undefined);

const batch = await call(new SendMessageBatchCommand({
  QueueUrl: url, Entries: [{Id: "a", MessageBody: "a"}, {Id: "b", MessageBody: "b"}, {Id: "c", MessageBody: "\u0001"}]}));
assert.deepEqual(batch.Successful.map((entry) => entry.Id), ["a", "b"]);
assert.deepEqual(batch.Failed.map((entry) => [entry.Id, entry.Code, entry.SenderFault]), [["c", "InvalidMessageContents", true]]);
await call(new ReceiveMessageCommand({QueueUrl: url, MaxNumberOfMessages: 10}));
assert.equal((await call(new ReceiveMessageCommand({QueueUrl: url, MaxNumberOfMessages: 10}))).Messages, undefined);
await call(new StartMessageMoveTaskCommand({SourceArn: await arnOf(dead)}));
const both = (await call(new ReceiveMessageCommand({
  QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 5, VisibilityTimeout: 30}))).Messages;
assert.ok(both.length >= 1);
const [task] = (await call(new ListMessageMoveTasksCommand({SourceArn: await arnOf(dead)}))).Results;
assert.equal(typeof task.ApproximateNumberOfMessagesMoved, "number");
const deleted = await call(new DeleteMessageBatchCommand({
  QueueUrl: url, Entries: both.map((one, i) => ({Id: String(i), ReceiptHandle: one.ReceiptHandle}))}));
assert.equal(deleted.Successful.length, both.length);

await assert.rejects(call(new GetQueueUrlCommand({QueueName: "absent"})),
                     (error) => error.name === "QueueDoesNotExist" && error.message === "The specified queue does not exist.");
await assert.rejects(call(new SendMessageCommand({QueueUrl: url, MessageBody: ""})),
                     {message: "The request must contain the parameter MessageBody."});
await assert.rejects(call(new DeleteMessageCommand({QueueUrl: url, ReceiptHandle: "x"})), {name: "ReceiptHandleIsInvalid"});
console.log("queues ok");
