import assert from "node:assert/strict";
import {test, type TestContext} from "node:test";
import {poll} from "./poll";

// A page that is seen or not, and answers that come when they are told to.
const page = Object.assign(new EventTarget(), {hidden: false});
(globalThis as {document?: unknown}).document = page;

// Time that passes when it is told to; Node 18's own mock has another shape than later ones.
function clock(t: TestContext): (ms: number) => void {
  const real = {setTimeout, clearTimeout};
  let now = 0, timers: {at: number; run: () => void}[] = [];
  const set = (run: () => void, ms: number) => {
    const timer = {at: now + ms, run};
    timers.push(timer);
    return timer;
  };
  const clear = (timer: unknown) => (timers = timers.filter((one) => one !== timer));
  Object.assign(globalThis, {setTimeout: set, clearTimeout: clear});
  t.after(() => Object.assign(globalThis, real));
  return (ms) => {
    now += ms;
    const due = timers.filter(({at}) => at <= now);
    timers = timers.filter(({at}) => at > now);
    for (const {run} of due) run();
  };
}

function polled(t: TestContext, pause = 100) {
  const questions: {give: (answer: string) => Promise<void>; stop: AbortSignal}[] = [];
  const taken: string[] = [];
  const {soon, end} = poll((stop) => new Promise((resolve) => {
    const give = async (answer: string) => {
      resolve(() => taken.push(answer));
      await new Promise((go) => setImmediate(go));
    };
    questions.push({give, stop});
  }), () => pause);
  t.after(end);
  const give = (answer: string) => questions.at(-1)?.give(answer);
  return {questions, taken, soon, end, give};
}

const show = (isSeen: boolean) => {
  page.hidden = !isSeen;
  page.dispatchEvent(new Event("visibilitychange"));
};

test("a slow answer keeps the next question back", async (t) => {
  const pass = clock(t);
  const one = polled(t);
  pass(10_000);
  assert.equal(one.questions.length, 1);
  await one.give("a");
  pass(99);
  assert.equal(one.questions.length, 1);
  pass(1);
  assert.equal(one.questions.length, 2);
  assert.deepEqual(one.taken, ["a"]);
});

test("an answer that was under way when something changed is not taken, and asked for anew at once", async (t) => {
  const pass = clock(t);
  const one = polled(t);
  await one.give("before");
  pass(100);
  one.soon();
  assert.equal(one.questions.length, 2);
  await one.give("old");
  assert.deepEqual(one.taken, ["before"]);
  assert.equal(one.questions.length, 3);
  await one.give("new");
  assert.deepEqual(one.taken, ["before", "new"]);
});

test("what changes all the time is shown all the same", async (t) => {
  const one = polled(t);
  for (const answer of ["a", "b", "c", "d"]) {
    one.soon();
    await one.give(answer);
  }
  assert.deepEqual(one.taken, ["a", "c"]);
  assert.equal(one.questions.length, 5);
});

test("soon does not wait for the pause", async (t) => {
  const pass = clock(t);
  const one = polled(t, Infinity);
  await one.give("a");
  one.soon();
  assert.equal(one.questions.length, 2);
  await one.give("b");
  pass(1e9);
  assert.deepEqual([one.taken, one.questions.length], [["a", "b"], 2], "a pause without an end asks no more");
});

test("what has ended takes nothing and asks nothing", async (t) => {
  const one = polled(t);
  one.end();
  assert.ok(one.questions[0]?.stop.aborted);
  await one.give("late");
  one.soon();
  show(true);
  assert.deepEqual([one.taken, one.questions.length], [[], 1]);
});

test("a page that nobody sees asks nothing, and at once when it is seen again", async (t) => {
  const pass = clock(t);
  const one = polled(t);
  show(false);
  await one.give("a");
  pass(10_000);
  assert.equal(one.questions.length, 1);
  show(true);
  assert.equal(one.questions.length, 2);
});
