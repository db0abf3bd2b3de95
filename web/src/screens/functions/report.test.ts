import assert from "node:assert/strict";
import {test} from "node:test";
import {errorOf, kindOf, reportOf, sourceOf} from "./report";

test("a REPORT line says what an invocation took", () => {
  const warm = "REPORT RequestId: a-1\tDuration: 6.68 ms\tBilled Duration: 7 ms\tMemory Size: 128 MB\tMax Memory Used: 37 MB";
  assert.deepEqual(reportOf(`START RequestId: a-1 Version: $LATEST\n${warm}\n`), {requestId: "a-1", durationMs: 6.68, billedMs: 7, memoryMb: 128, usedMb: 37, initMs: undefined});
  assert.equal(reportOf(`${warm}\tInit Duration: 265.00 ms`)?.initMs, 265);
  assert.equal(reportOf("print REPORT RequestId: x"), undefined);
});

test("lines are told apart", () => {
  const kinds = ["INIT_START Runtime Version: python:3.11", "START RequestId: x Version: $LATEST", "END RequestId: x", "REPORT RequestId: x\tDuration: 1.00 ms", "[ERROR] ValueError: no", "2026-11-23T00:00:00.000Z x Task timed out after 3.00 seconds", "hello START"];
  assert.deepEqual(kinds.map(kindOf), ["init", "start", "end", "report", "error", "error", "own"]);
});

test("error documents of both runtimes have their stack", () => {
  assert.deepEqual(errorOf('{"errorMessage":"no","errorType":"ValueError","requestId":"x","stackTrace":["  File \\"/a.py\\", line 2\\n"]}'),
    {errorType: "ValueError", errorMessage: "no", stack: ['  File "/a.py", line 2']});
  assert.deepEqual(errorOf('{"errorType":"Error","errorMessage":"no","trace":["Error: no","    at f"]}')?.stack, ["Error: no", "    at f"]);
  for (const other of ["null", "1", "{}", '{"message":"no"}', "{", ""]) assert.equal(errorOf(other), undefined);
});

test("who asked is where it is shown", () => {
  assert.deepEqual(sourceOf("rule hot"), {kind: "rule", name: "hot", link: {screen: "rules", query: {rule: "hot"}}});
  assert.deepEqual(sourceOf("arn:aws:sqs:us-east-1:000000000000:q").link, {screen: "queues", query: {queue: "q"}});
  assert.deepEqual(sourceOf("arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/2026-01-01T00:00:00.000").link, {screen: "tables", query: {table: "t"}});
  assert.deepEqual(sourceOf("authorizer tokens"), {kind: "authorizer", name: "tokens"});
  assert.deepEqual(sourceOf(""), {kind: "api", name: ""});
});
