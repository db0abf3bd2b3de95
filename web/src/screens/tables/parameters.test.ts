import assert from "node:assert/strict";
import {test} from "node:test";
import {parseParameters} from "./parameters";

test("parameters are plain values or values with types", () => {
  assert.deepEqual(parseParameters(' ["a", 12345678901234567890, true, null, {"SS":["x"]}, {"x":1}] '), [
    {S: "a"}, {N: "12345678901234567890"}, {BOOL: true}, {NULL: true}, {SS: ["x"]}, {M: {x: {N: "1"}}}]);
  assert.deepEqual(parseParameters("  "), []);
  assert.throws(() => parseParameters('"a"'), {reason: "array"});
  assert.throws(() => parseParameters('[{"N":"x"}]'), {reason: "number", at: 6});
});
