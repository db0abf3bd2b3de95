import assert from "node:assert/strict";
import {test} from "node:test";
import {containing} from "./words";

test("every word must be found, wherever it stands", () => {
  assert.equal(containing("")("anything"), true);
  assert.equal(containing("  PUMP hot ")("hot pump-7"), true);
  assert.equal(containing("pump cold")("hot pump-7"), false);
});
