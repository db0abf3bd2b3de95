import assert from "node:assert/strict";
import {test} from "node:test";
import {jsonPlace} from "./json_place";

test("what is JSON has no wrong place", () => {
  for (const text of ["{}", "[]", " [1, -2.5e3, \"a\\u00e9\\n\", true, null, {\"a\": {\"b\": []}}]\n", "1", '"x"']) {
    assert.equal(jsonPlace(text), undefined, text);
    JSON.parse(text);
  }
});

test("the first token that may not stand there is found", () => {
  const places: [string, number][] = [
    ["", 0], ["{", 1], ["[1", 2], ['[{"a": }]', 7], ["[1 2]", 3], ["[1,]", 3], ['{"a":1,}', 7], ["{a:1}", 1], ['{"a" 1}', 5], ["[}", 1], ["{]", 1], ["01", 1], ["1 2", 2],
    ['"a\nb"', 0], ["tru", 0], [",", 0], ["[1}", 2],
  ];
  for (const [text, place] of places) {
    assert.equal(jsonPlace(text), place, text);
    assert.throws(() => JSON.parse(text), text);
  }
});
