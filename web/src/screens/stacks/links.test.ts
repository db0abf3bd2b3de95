import assert from "node:assert/strict";
import {test} from "node:test";
import {isAtRest, placeIn, screenOf, toneOf, wantsLocalCode} from "./links";

test("resources lead to their screens", () => {
  assert.deepEqual(screenOf("AWS::DynamoDB::Table", "s-T-1"), {screen: "tables", query: {table: "s-T-1"}});
  assert.deepEqual(screenOf("AWS::SQS::Queue", "http://127.0.0.1:4566/000000000000/jobs.fifo"),
    {screen: "queues", query: {queue: "jobs.fifo"}});
  assert.equal(screenOf("AWS::IAM::Role", "role"), undefined);
  assert.equal(screenOf("AWS::DynamoDB::Table", ""), undefined);
  assert.equal(screenOf("AWS::DynamoDB::Table", "s-T-1", "DELETE_COMPLETE"), undefined, "it is gone");
});

test("a status has one meaning", () => {
  const tones = ["CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE", "DELETE_FAILED",
    "REVIEW_IN_PROGRESS", "DELETE_COMPLETE"];
  assert.deepEqual(tones.map(toneOf), ["good", "busy", "warm", "bad", "bad", "quiet", "quiet"]);
  assert.ok(isAtRest("REVIEW_IN_PROGRESS") && isAtRest("CREATE_COMPLETE") && !isAtRest("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"));
});

test("a message's line and column are a place in the text", () => {
  const text = "Resources:\n  A: [\n";
  assert.equal(placeIn(text, "YAML not well-formed. (line 2, column 6)"), 16);
  assert.equal(text[16], "[");
  assert.equal(placeIn(text, "(line 99, column 7)"), text.length);
  assert.equal(placeIn(text, "no place"), undefined);
});

test("what only croft deploy can do is seen from the refusal", () => {
  assert.ok(wantsLocalCode("Resource with id [A] is invalid. Only one of 'InlineCode' or 'CodeUri' can be set."));
  assert.ok(!wantsLocalCode("Unresolved resource dependencies [Nope]"));
});
