// Calls of DynamoDB as the page makes them, and tables for its pictures.
import assert from "node:assert/strict";
import {gateway} from "./browser.mjs";

export async function ask(operation, input) {
  const headers = {"x-croft-console": "1", "x-amz-target": `DynamoDB_20120810.${operation}`,
    "content-type": "application/x-amz-json-1.0"};
  return fetch(`${gateway}/_croft/console/api/aws/dynamodb`,
    {method: "POST", headers, body: typeof input === "string" ? input : JSON.stringify(input)});
}

export async function dynamo(operation, input) {
  const response = await ask(operation, input);
  const answer = await response.json();
  assert.equal(response.status, 200, JSON.stringify(answer));
  return answer;
}

export async function fill(TableName, items) {
  const batches = [];
  for (let n = 0; n < items.length; n += 25) batches.push(items.slice(n, n + 25).map((Item) => ({PutRequest: {Item}})));
  for (let n = 0; n < batches.length; n += 8)
    await Promise.all(batches.slice(n, n + 8).map((batch) => dynamo("BatchWriteItem", {RequestItems: {[TableName]: batch}})));
}

// "todo", with two indexes, a stream, items of every type. Once.
export async function makeTables() {
  const key = (AttributeName, KeyType) => ({AttributeName, KeyType});
  const schema = (partition, sort) => [key(partition, "HASH"), key(sort, "RANGE")];
  const made = await ask("CreateTable", {
    TableName: "todo", BillingMode: "PAY_PER_REQUEST", KeySchema: schema("user", "n"), Tags: [{Key: "plant", Value: "seven"}],
    AttributeDefinitions: [["user", "S"], ["n", "N"],
      ["due", "S"]].map(([AttributeName, AttributeType]) => ({AttributeName, AttributeType})),
    GlobalSecondaryIndexes: [{IndexName: "by-due", KeySchema: schema("due", "n"), Projection: {ProjectionType: "ALL"}}],
    LocalSecondaryIndexes: [{IndexName: "by-user-due", KeySchema: schema("user", "due"),
      Projection: {ProjectionType: "KEYS_ONLY"}}],
    StreamSpecification: {StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES"},
  });
  if (made.status !== 200) return;
  const titles = ["Check the pump", "Oil the press", "Call the plant"];
  await fill("todo", Array.from({length: 90}, (_, n) => ({
    user: {S: ["ada", "grace", "linus"][n % 3]}, n: {N: String(n)}, title: {S: titles[n % 3]},
      due: {S: `2026-11-${String(1 + (n % 28)).padStart(2, "0")}`},
    done: {BOOL: n % 4 === 0}, tags: {SS: ["oil", "press"]}, where: {M: {plant: {S: "seven"}, row: {N: "4"}}},
      steps: {L: [{S: "look"}, {N: "2"}]}, note: {NULL: true}, photo: {B: "AP8="},
  })));
}
