import assert from "node:assert/strict";
import {test} from "node:test";
import {randomOf} from "./hostile";
import {compareNumbers, decimal, isNumber} from "./numbers";

test("what DynamoDB takes for a number", () => {
  for (const text of ["0", "-0", "1", "+1", "007", ".5", "5.", "1e5", "1E-130", "9.9999999999999999999999999999999999999E125",
    "1" + "0".repeat(125)])
    assert.ok(isNumber(text), text);
  for (const text of ["", "+", ".", "e5", "1e", "0x1", "1 ", "NaN", "Infinity", "1,5", "1e126", "1e-131", "1".repeat(39),
    "1e9999999999", "１"])
    assert.ok(!isNumber(text), text);
});

test("numbers are compared to their last digit", () => {
  const big = "12345678901234567890123456789012345678";
  assert.ok(compareNumbers(big, "12345678901234567890123456789012345679") < 0);
  assert.equal(compareNumbers("1.0", "1"), 0);
  assert.equal(compareNumbers("-0", "0e7"), 0);
  assert.equal(compareNumbers("1e2", "100"), 0);
  assert.ok(compareNumbers("-2", "-10") > 0);
  assert.ok(compareNumbers("0.09", "0.1") < 0);
  assert.ok(compareNumbers("-1", "0") < 0 && compareNumbers("0", "0.001") < 0);
});

test("numbers that JavaScript has are in its order", () => {
  const random = randomOf(7);
  for (let n = 0; n < 2000; ++n) {
    const [a, b] = [0, 0].map(() => Math.fround((random() - 0.5) * 10 ** Math.floor(random() * 20 - 10))) as [number, number];
    assert.equal(Math.sign(compareNumbers(String(a), String(b))), Math.sign(a - b), `${a} and ${b}`);
  }
  assert.deepEqual(decimal("-0012.50e1"), {negative: true, digits: "125", exponent: 2});
});
