import assert from "node:assert/strict";
import {test} from "node:test";
import {csvLine, readCsv} from "./csv";
import {FileWriter, guessForm, readFile, type FileForm} from "./files";
import {anyItem, hostileTexts, randomOf} from "./hostile";
import {canonicalItem, itemOf, type Item} from "./values";

const keys = [{name: "id", type: "S" as const}];
const items = (text: string, form: FileForm, typed = true) => [...readFile(text, form, keys, typed)];

function written(form: FileForm, columns: string[], all: Item[]): string {
  const file = new FileWriter(form, columns);
  return file.begin() + file.add(all.slice(0, 3)) + file.add(all.slice(3)) + file.end();
}

test("cells of CSV come back, whatever they hold", () => {
  const rows = hostileTexts.map((text) => [text, "x", text]);
  assert.deepEqual([...readCsv(rows.map(csvLine).join(""))].map((row) => row.cells), rows);
  assert.deepEqual([...readCsv('\ufeffa,b\n"1\r\n2",3\n\n,\nlast,""')], [
    {line: 1, cells: ["a", "b"]}, {line: 2, cells: ["1\r\n2", "3"]}, {line: 6, cells: ["last", ""]}]);
  assert.throws(() => [...readCsv('a\n"b')], {line: 2});
  assert.throws(() => [...readCsv('a\nb\n"c"d')], {line: 3});
});

test("each form comes back as it was written", () => {
  const random = randomOf(5);
  for (let n = 0; n < 100; ++n) {
    const plain = Array.from({length: 5}, (_, n) => itemOf([["id", {S: `${n}`}], ...Object.entries(anyItem(random, 2, true))]));
    const any = Array.from({length: 5},
      (_, n) => itemOf([["id", {S: `${n}`}], ...Object.entries(anyItem(random, 2, false)).filter(([name]) => name !== "")]));
    const columns = [...new Set(any.flatMap((item) => Object.keys(item)))];
    const check = (form: FileForm, all: Item[]) => {
      const text = written(form, columns, all);
      assert.deepEqual(items(text, form).map(({item, error}) => (item ? canonicalItem(item) : String(error))),
        all.map(canonicalItem), text);
    };
    check("plain", plain);
    check("dynamo", any);
    check("csv", any);
  }
  assert.equal(written("plain", [], []), "[]\n");
});

test("the form of a file is guessed", () => {
  assert.equal(guessForm("a.json", '{"Item":{"id":{"S":"a"}}}\n{"Item":{}}'), "dynamo");
  assert.equal(guessForm("a.json", '{"id":{"S":"a"}}\n'), "dynamo");
  assert.equal(guessForm("a.json", '{"id":"a"}\n{"id":"b"}'), "plain");
  assert.equal(guessForm("a.json", ' [{"id":"a"}]'), "plain");
  assert.equal(guessForm("a.csv", '{"id"'), "csv");
  assert.equal(guessForm("a.txt", "id,n\na,1"), "csv");
});

test("what is wrong is told with its line, and the rest is read", () => {
  const lines = items('{"id":{"S":"a"}}\n\n{"id":{"X":"b"}}\n{"Item":{"id":{"S":"c"}}}\n', "dynamo");
  assert.deepEqual(lines.map(({line, item, error}) => [line, item?.id, error instanceof Error]),
    [[1, {S: "a"}, false], [3, undefined, true], [4, {S: "c"}, false]]);
  const array = items('[\n{"id":"a"},\n{"id":"b",\n"n":1},\n5\n]', "plain");
  assert.deepEqual(array.map(({line, item}) => [line, item && Object.keys(item).length]), [[2, 1], [3, 2], [5, undefined]]);
  assert.deepEqual(items('[\n{"id":"a"},\n{"id":\n]', "plain").map(({line, item}) => [line, item]), [[4, undefined]]);
});

test("cells of CSV have the key's type, and others what they look like when that is wanted", () => {
  const text = 'id,n,on,text,none,set\n7,12,true,x,,"{""SS"":[""a""]}"\n';
  assert.deepEqual(items(text, "csv")[0]?.item, {id: {S: "7"}, n: {N: "12"}, on: {BOOL: true}, text: {S: "x"}, set: {SS: ["a"]}});
  assert.deepEqual(items(text, "csv", false)[0]?.item,
    {id: {S: "7"}, n: {S: "12"}, on: {S: "true"}, text: {S: "x"}, set: {S: '{"SS":["a"]}'}});
});
