import assert from "node:assert/strict";
import {test} from "node:test";
import {bytes, duration, keep, lately, milliseconds, quantiles, rate, rates, timesOf, toneOf, type Reading} from "./figures";
import {Metrics} from "./prometheus";

const reading = (second: number, text: string): Reading => ({at: second * 1000, metrics: new Metrics(text)});
const of = (metrics: Metrics) => metrics.sum("a");
const waiting = (values: number[]) => values.map((value, second) => reading(second, `a ${value}`));

test("rates are what was added a second", () => {
  const readings = [reading(0, "a 10"), reading(1, "a 15"), reading(3, "a 35"), reading(4, "a 0")];
  assert.deepEqual(rates(readings, of), [0, 5, 10, 0]);
  assert.equal(rate(readings.slice(0, 3), of), 10);
  assert.equal(rate([], of), 0);
});

test("a minute back, not further", () => {
  const readings = Array.from({length: 100}, (_, second) => reading(second, `a ${second}`));
  assert.equal(lately(readings, "a"), 60);
  assert.equal(lately(readings.slice(0, 1), "a"), 0);
});

test("ten minutes are kept, of the same process", () => {
  const text = (started: number) => `croft_process_start_time_seconds ${started}`;
  let readings: Reading[] = [];
  for (let second = 0; second < 700; ++second) readings = keep(readings, reading(second, text(50)));
  assert.equal(readings.length, 601);
  assert.equal(keep(readings, reading(700, text(50.2))).length, 601);
  assert.equal(keep(readings, reading(700, text(690))).length, 1);
});

test("what should be empty and is not gets warm, what also grows gets bad", () => {
  assert.equal(toneOf(waiting([0, 0, 0, 0, 0, 5]), of), "good");
  assert.equal(toneOf(waiting([0, 5, 5, 5, 5, 5]), of), "warm");
  assert.equal(toneOf(waiting([5, 5, 5, 5, 0]), of), "good");
  assert.equal(toneOf(waiting(Array.from({length: 20}, (_, n) => n + 1)), of), "bad");
  assert.equal(toneOf(waiting(Array.from({length: 20}, () => 7)), of), "warm");
  assert.equal(toneOf([], of), "good");
});

test("times of the last minute", () => {
  const text = (n: number) => `t_bucket{le="0.001"} ${n}\nt_bucket{le="+Inf"} ${n}`;
  const readings = [reading(0, text(0)), reading(1, text(100))];
  assert.deepEqual(timesOf(readings, "t"), {count: 100, p50: 0.5, p99: 0.99});
  assert.deepEqual(quantiles(readings, "t", 0.5), [0, 0.5]);
  assert.deepEqual(timesOf([], "t"), {count: 0, p50: undefined, p99: undefined});
});

test("numbers as people read them", () => {
  assert.deepEqual([0, 1023, 1536, 300 * 1024 * 1024].map(bytes), ["0 B", "1023 B", "1.5 KB", "300 MB"]);
  assert.deepEqual([undefined, 0.123, 12.34, 1234.5].map(milliseconds), ["–", "0.12 ms", "12.3 ms", "1235 ms"]);
  assert.deepEqual([0, 59, 61, 3600, 90_000].map(duration), ["0 s", "59 s", "1 min 1 s", "1 h 0 min", "1 d 1 h"]);
});
