import assert from "node:assert/strict";
import {test} from "node:test";
import {difference, duration, plain, rowsOf, shortName, ticks, type Step, type Trace} from "./trace";

function step(id: number, parent: number | null, beganUs: number, endedUs: number | null): Step {
  return {id, parent, kind: "call", name: `s${id}`, beganUs, endedUs, outcome: endedUs === null ? "running" : "ok", detail: {}};
}

function traceOf(durationUs: number, ...steps: Step[]): Trace {
  return {traceId: "1-0-0", client: "c", event: "connected", at: 0, durationUs, outcome: "ok", rules: 0, writes: 0, steps};
}

test("steps are rows below their parent, in the order of their beginning", () => {
  const rows = rowsOf(traceOf(100, step(0, null, 0, 10), step(1, 0, 50, 90), step(2, 0, 10, 20), step(3, 1, 60, 70)));
  assert.deepEqual(rows.map((row) => [row.step.id, row.depth, row.left, row.width]), [[0, 0, 0, 0.1], [2, 1, 0.1, 0.1], [1, 1, 0.5, 0.4], [3, 2, 0.6, 0.1]]);
});

test("what goes on reaches the end of the axis", () => {
  assert.deepEqual(rowsOf(traceOf(200, step(0, null, 0, 10), step(1, 0, 50, null))).at(-1), {
    step: step(1, 0, 50, null), depth: 1, left: 0.25, width: 0.75, tookUs: 150,
  });
});

test("durations have the digits that matter", () => {
  assert.deepEqual([0, 42, 1_234, 99_940, 265_400, 2_511_000, 185_000_000].map(duration),
    ["0 µs", "42 µs", "1.2 ms", "99.9 ms", "265 ms", "2.51 s", "3 min 5 s"]);
});

test("the axis has round places", () => {
  assert.deepEqual(ticks(265_400), [0, 100_000, 200_000]);
  assert.deepEqual(ticks(1_000), [0, 200, 400, 600, 800]);
  assert.deepEqual(ticks(90), [0, 20, 40, 60, 80]);
  assert.deepEqual(ticks(0), [0]);
  for (let whole = 1; whole < 5_000_000; whole = whole * 1.3 + 1) {
    const places = ticks(whole);
    assert.ok(places.length >= 2 && places.length <= 6, `${whole}: ${places.length}`);
    assert.ok((places.at(-1) ?? 0) < whole);
  }
});

test("an ARN is told by the name at its end", () => {
  assert.deepEqual(["arn:aws:lambda:us-east-1:000000000000:function:f", "arn:aws:iot:eu-west-1:0:rule/r", "table", "http://h/0/queue"].map(shortName),
    ["f", "r", "table", "http://h/0/queue"]);
});

test("DynamoDB's JSON is told plainly", () => {
  assert.equal(plain({M: {a: {L: [{N: "1.50"}, {BOOL: true}, {NULL: true}]}, b: {S: 'x"y'}, c: {SS: ["p"]}, d: {NS: ["1", "2"]}}}),
    '{"a": [1.50, true, null], "b": "x\\"y", "c": {"p"}, "d": {1, 2}}');
});

test("an item's difference names each attribute once, keys first", () => {
  const before = {a: {N: "1"}, gone: {S: "x"}, id: {S: "k"}}, after = {a: {N: "2"}, id: {S: "k"}, new: {BOOL: true}};
  assert.deepEqual(difference(before, after, {id: {S: "k"}}).map(({name, before, after, change}) => [name, before, after, change]), [
    ["id", '"k"', '"k"', "same"], ["a", "1", "2", "changed"], ["gone", '"x"', undefined, "removed"], ["new", undefined, "true", "added"]]);
  assert.deepEqual(difference(null, after, {id: {S: "k"}}).map((one) => one.change), ["added", "added", "added"]);
});
