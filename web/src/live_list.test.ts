import assert from "node:assert/strict";
import {test} from "node:test";
import {LiveList} from "./live_list";

const list = () => new LiveList<number>((row) => row, 4);

// An answer that comes when it is told to.
function answer() {
  let give: (rows: number[]) => void = () => undefined, fail: () => void = () => undefined;
  const get = () => new Promise<number[]>((resolve, reject) => ([give, fail] = [resolve, () => reject(new Error("gone"))]));
  return {get, give: (rows: number[]) => give(rows), fail: () => fail()};
}

test("what the feed tells while the list is read is behind what was read", async () => {
  const rows = list(), slow = answer();
  const read = rows.read(slow.get);
  rows.add([3, 4]);
  assert.deepEqual(rows.rows, [3, 4]);
  slow.give([1, 2, 3]);
  assert.equal(await read, true);
  assert.deepEqual(rows.rows, [1, 2, 3, 4]);
});

test("a list read anew replaces what was told before, even if numbers began afresh", async () => {
  const rows = list();
  rows.add([7, 8]);
  const slow = answer();
  const read = rows.read(slow.get);
  rows.add([9]);
  slow.give([1]);
  await read;
  assert.deepEqual(rows.rows, [1, 9]);
});

test("an answer that was asked for anew meanwhile is not taken", async () => {
  const rows = list(), first = answer(), second = answer();
  const reads = [rows.read(first.get), rows.read(second.get)];
  second.give([5]);
  first.give([1]);
  assert.deepEqual(await Promise.all(reads), [false, true]);
  assert.deepEqual(rows.rows, [5]);
});

test("without an answer what is told is kept", async () => {
  const rows = list(), slow = answer();
  const read = rows.read(slow.get);
  rows.add([2]);
  slow.fail();
  assert.equal(await read, false);
  assert.deepEqual(rows.rows, [2]);
});

test("the newest are kept, and none twice", () => {
  const rows = list();
  rows.add([1, 2, 3]);
  rows.add([3, 4, 5]);
  assert.deepEqual(rows.rows, [2, 3, 4, 5]);
});

test("minor ones push out one another alone", () => {
  const rows = new LiveList<number>((row) => row, 20, (row) => row % 2 === 0);
  rows.add([1, 2, 4, 5, 6]);
  rows.add([8, 9]);
  assert.deepEqual(rows.rows, [1, 5, 6, 8, 9]);
});
