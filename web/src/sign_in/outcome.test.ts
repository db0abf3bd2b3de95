import assert from "node:assert/strict";
import {test} from "node:test";
import {outcomeOf} from "./outcome";

test("what croft answers to a name and a password", () => {
  const about = {region: "us-east-1", account: "000000000000", who: "anna", role: "admin", signedIn: true};
  assert.deepEqual(outcomeOf(200, null, about as object), {kind: "signed in", about});
  assert.deepEqual(outcomeOf(401, null, {code: "WrongPassword"}), {kind: "wrong"});
  assert.deepEqual(outcomeOf(401, null, {code: "NoUsers"}), {kind: "nobody"});
  assert.deepEqual(outcomeOf(429, "8", {code: "TooManyTries"}), {kind: "wait", seconds: 8, busy: false});
  assert.deepEqual(outcomeOf(429, null, {code: "Busy"}), {kind: "wait", seconds: 1, busy: true});
  assert.deepEqual(outcomeOf(403, null, {message: "not so"}), {kind: "failed", why: "not so"});
  assert.deepEqual(outcomeOf(500, null, {}), {kind: "failed", why: "500"});
});
