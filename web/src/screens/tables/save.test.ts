import assert from "node:assert/strict";
import {test} from "node:test";
import {hasMoved, unchanged, writeOf} from "./save";
import {itemOf, type Item} from "./values";

const original: Item = {id: {S: "a"}, n: {N: "1"}, on: {BOOL: true}};

test("a new item is written only where there is none", () => {
  assert.deepEqual(writeOf("t", ["id"], undefined, original), {
    operation: "PutItem",
    input: {TableName: "t", Item: original, ConditionExpression: "attribute_not_exists(#k)",
    ExpressionAttributeNames: {"#k": "id"}}});
});

test("a changed item is written only over what was read", () => {
  const next: Item = {id: {S: "a"}, n: {N: "2"}, more: {S: "x"}};
  assert.deepEqual(writeOf("t", ["id"], original, next), {
    operation: "PutItem",
    input: {
      TableName: "t", Item: next, ConditionExpression: "#c0 = :c0 AND #c1 = :c1 AND #c2 = :c2 AND attribute_not_exists(#c3)",
      ExpressionAttributeNames: {"#c0": "id", "#c1": "n", "#c2": "on", "#c3": "more"},
      ExpressionAttributeValues: {":c0": {S: "a"}, ":c1": {N: "1"}, ":c2": {BOOL: true}},
    },
  });
});

test("another key is another item: both are written, or none", () => {
  const moved: Item = {...original, n: {N: "2"}};
  assert.ok(hasMoved(["id", "n"], original, moved) && !hasMoved(["id"], original, moved));
  const {operation, input} = writeOf("t", ["id", "n"], original, moved);
  assert.equal(operation, "TransactWriteItems");
  assert.deepEqual((input.TransactItems as {Delete?: {Key: Item}}[])[1]?.Delete?.Key, {id: {S: "a"}, n: {N: "1"}});
});

test("the condition of an item with very many attributes stays within an expression", () => {
  const many = itemOf(Array.from({length: 1000}, (_, n) => [`attribute-${n}`, {N: "1"}]));
  assert.ok(unchanged(many, {...many, x: {S: ""}}).ConditionExpression.length < 4096);
});
