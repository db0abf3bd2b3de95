import assert from "node:assert/strict";
import {test} from "node:test";
import {hexDump, prettyJson} from "./json_tokens";

const pretty = (text: string) => prettyJson(text)?.map((token) => token.text).join("");

test("JSON is indented and keeps its spelling", () => {
  assert.equal(pretty('{"a":12345678901234567890,"b":[1.50,true,null],"c":{},"d":[],"a":"x, {y}"}'), `{
  "a": 12345678901234567890,
  "b": [
    1.50,
    true,
    null
  ],
  "c": {},
  "d": [],
  "a": "x, {y}"
}`);
  assert.equal(prettyJson('{"a": "b"}')?.find((token) => token.kind === "name")?.text, '"a"');
});

test("what is not JSON is not", () => {
  for (const text of ["", "hello", "{a:1}", "[1,", "12", '"x"', "<img src=x onerror=alert(1)>"]) assert.equal(prettyJson(text), undefined, text);
});

test("bytes are dumped", () => {
  assert.equal(hexDump(new Uint8Array([0, 65, 255, ...new Array<number>(14).fill(66)])),
    "0000  00 41 ff 42 42 42 42 42 42 42 42 42 42 42 42 42  ·A·BBBBBBBBBBBBB\n0010  42                                               B");
});
