import assert from "node:assert/strict";
import {test} from "node:test";
import {Echoes} from "./echoes";

test("what was told comes back once, late or with some left out", () => {
  const echoes = new Echoes();
  for (const text of ["a", "ab", "abc"]) echoes.told(text, 0);
  assert.equal(echoes.isOne("a", 1), true);
  assert.equal(echoes.isOne("abc", 2), true);
  assert.equal(echoes.isOne("ab", 3), false, "it was left out, so this is the owner's wish");
  assert.equal(echoes.isOne("abc", 4), false);
});

test("the owner's wish ends all expectations, and so does time", () => {
  const echoes = new Echoes();
  echoes.told("a", 0);
  assert.equal(echoes.isOne("other", 1), false);
  assert.equal(echoes.isOne("a", 2), false);
  echoes.told("b", 3);
  assert.equal(echoes.isOne("b", 5000), false);
});
