import assert from "node:assert/strict";
import {test} from "node:test";
import {BatchWriter, type Call, type Entry} from "./write";

type Requests = {RequestItems: {t: {PutRequest: {Item: {id: {S: string}}}}[]}};

const entry = (line: number, id: string): Entry => ({line, id, write: {put: {id: {S: id}}}});
const ids = (input: unknown) => {
  const one = input as {Item?: {id: {S: string}}};
  return one.Item ? [one.Item.id.S] : (input as Requests).RequestItems.t.map((one) => one.PutRequest.Item.id.S);
};

function fake(answer: (ids: string[], input: Requests, call: number) => unknown): {call: Call; batches: string[][]} {
  const batches: string[][] = [];
  const call = async (_: string, input: unknown): Promise<unknown> => {
    batches.push(ids(input));
    return answer(ids(input), input as Requests, batches.length);
  };
  return {call: call as Call, batches};
}

async function write(entries: Entry[], answer: Parameters<typeof fake>[0], stop = new AbortController()) {
  const {call, batches} = fake(answer);
  const pauses: number[] = [];
  const writer = new BatchWriter(call, "t", stop.signal, async (ms) => void pauses.push(ms));
  for (const one of entries) await writer.add(one);
  await writer.flush();
  return {batches, pauses, ...writer.progress};
}

test("25 at once, and one item never twice in a batch", async () => {
  const many = Array.from({length: 30}, (_, n) => entry(n, String(n)));
  const done = await write([...many, entry(99, "29")], () => ({}));
  assert.deepEqual(done.batches.map((batch) => batch.length), [25, 5, 1]);
  assert.equal(done.written, 31);
});

test("what was not processed is tried again, later and later", async () => {
  const done = await write([entry(1, "a"), entry(2, "b")],
    (_, input, n) => (n < 4 ? {UnprocessedItems: {t: input.RequestItems.t.slice(-1)}} : {}));
  assert.deepEqual(done.batches, [["a", "b"], ["b"], ["b"], ["b"]]);
  assert.deepEqual(done.pauses, [50, 100, 200]);
  assert.equal(done.written, 2);
});

test("an item that is refused is told with its line, and the others are written", async () => {
  const done = await write([entry(1, "a"), entry(2, "bad"), entry(3, "c")], (ids) => {
    if (ids.includes("bad")) throw Object.assign(new Error("no such key"), {code: "ValidationException"});
    return {};
  });
  assert.deepEqual(done.refused, [{line: 2, why: "no such key"}]);
  assert.equal(done.written, 2);
});

test("another error ends it; so does who asked for it", async () => {
  await assert.rejects(write([entry(1, "a")], () => {
    throw Object.assign(new Error("gone"), {code: "ResourceNotFoundException"});
  }), {message: "gone"});
  const stop = new AbortController();
  const done = await write([...Array.from({length: 60}, (_, n) => entry(n, String(n)))], () => (stop.abort(), {}), stop);
  assert.equal(done.batches.length, 1);
});
