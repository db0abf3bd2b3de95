import assert from "node:assert/strict";
import {test} from "node:test";
import {readState, showState, updateTo} from "./shadow_text";

test("members that were taken out are named with null, at every depth", () => {
  const before = {a: 1, gone: true, deep: {kept: 1, gone: 2}, list: [1, 2], was: {object: 1}};
  const wanted = {a: 2, deep: {kept: 1, more: "x"}, list: [3], was: "text", empty: {}};
  assert.deepEqual(updateTo(wanted, before), {
    a: 2, deep: {kept: 1, more: "x", gone: null}, list: [3], was: "text", empty: {}, gone: null,
  });
  assert.deepEqual(updateTo({a: 1}, undefined), {a: 1});
});

test("only objects are states", () => {
  assert.deepEqual(readState(""), {});
  assert.deepEqual(readState(' {"a":[1]} '), {a: [1]});
  for (const text of ["[]", "1", "null", "{", '"x"']) assert.equal(readState(text), undefined, text);
  assert.equal(showState(undefined), "{}");
});
