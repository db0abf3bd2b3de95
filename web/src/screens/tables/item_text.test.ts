import assert from "node:assert/strict";
import {test} from "node:test";
import {anyItem, randomOf} from "./hostile";
import {notPlain, plainLine, printItem, readItem} from "./item_text";
import {TextError} from "./json_tree";
import {canonicalItem, sameItem, type Item} from "./values";

const digits = "12345678901234567890123456789012345678";

function wrong(text: string, form: "plain" | "dynamo"): [string, string] {
  try {
    readItem(text, form);
  } catch (error) {
    assert.ok(error instanceof TextError, String(error));
    return [error.reason, text.slice(error.at, error.end)];
  }
  return ["", ""];
}

test("a number keeps its 38 digits through plain JSON", () => {
  const item: Item = {id: {S: "a"}, n: {N: digits}, small: {N: "1E-130"}};
  const text = printItem(item, "plain", ["id"]);
  assert.equal(text, `{\n  "id": "a",\n  "n": ${digits},\n  "small": 1E-130\n}`);
  assert.deepEqual(readItem(text, "plain"), item);
});

test("plain JSON says what it can, and what it cannot is named", () => {
  assert.deepEqual(readItem('{"a":null,"b":[1,"x",{"c":true}]}', "plain"),
    {a: {NULL: true}, b: {L: [{N: "1"}, {S: "x"}, {M: {c: {BOOL: true}}}]}});
  assert.deepEqual(notPlain({a: {S: ""}, m: {M: {l: {L: [{N: "1"}, {SS: ["x"]}]}}}}), {path: "m.l[1]", type: "SS"});
  assert.deepEqual(notPlain({a: {B: "AA=="}}), {path: "a", type: "B"});
  assert.equal(notPlain({a: {L: [{M: {}}]}}), undefined);
});

test("what is wrong is told with its place", () => {
  assert.deepEqual(wrong('{"a":1,"a":2}', "plain"), ["twice", '"a"']);
  assert.deepEqual(wrong(`{"a":${digits}9}`, "plain"), ["number", `${digits}9`]);
  assert.deepEqual(wrong("[1]", "plain"), ["object", "[1]"]);
  assert.deepEqual(wrong('{"a":1', "plain"), ["json", ""]);
  assert.deepEqual(wrong('{"a":01}', "plain"), ["json", "1"]);
  assert.deepEqual(wrong('{"a":"\\ud800"}', "plain"), ["surrogate", '"\\ud800"']);
  assert.deepEqual(wrong('{"a":"b"}', "dynamo"), ["type", '"b"']);
  assert.deepEqual(wrong('{"a":{"N":5}}', "dynamo"), ["text", "5"]);
  assert.deepEqual(wrong('{"a":{"N":"x"}}', "dynamo"), ["number", '"x"']);
  assert.deepEqual(wrong('{"a":{"X":"5"}}', "dynamo"), ["type", '"X"']);
  assert.deepEqual(wrong('{"a":{"S":"5","N":"5"}}', "dynamo"), ["type", '{"S":"5","N":"5"}']);
  assert.deepEqual(wrong('{"a":{"SS":[]}}', "dynamo"), ["empty", "[]"]);
  assert.deepEqual(wrong('{"a":{"B":"?"}}', "dynamo"), ["binary", '"?"']);
  assert.deepEqual(wrong('{"a":{"BOOL":"true"}}', "dynamo"), ["truth", '"true"']);
  assert.deepEqual(wrong('{"a":{"NULL":false}}', "dynamo"), ["null", "false"]);
  assert.deepEqual(wrong("[".repeat(200), "plain")[0], "deep");
});

test("any item goes through either text and comes back the same", () => {
  const random = randomOf(1);
  for (let n = 0; n < 500; ++n) {
    const item = anyItem(random, 3, false);
    assert.ok(sameItem(readItem(printItem(item, "dynamo", ["__proto__"]), "dynamo"), item), canonicalItem(item));
    const plain = anyItem(random, 3, true);
    assert.equal(notPlain(plain), undefined);
    assert.ok(sameItem(readItem(printItem(plain, "plain"), "plain"), plain), canonicalItem(plain));
    assert.ok(sameItem(readItem(plainLine({M: plain}), "plain"), plain));
    assert.equal(Object.getPrototypeOf(readItem(printItem(plain, "plain"), "plain")), Object.prototype);
  }
});
