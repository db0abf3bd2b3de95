import assert from "node:assert/strict";
import {test} from "node:test";
import {Metrics} from "./prometheus";

const text = `# HELP croft_a_total A.
# TYPE croft_a_total counter
croft_a_total{service="iot",status="2xx"} 3
croft_a_total{service="iot",status="4xx"} 1
croft_a_total{service="s{3},",status="2xx"} 1e3
croft_b 1.5 1700000000000
croft_c{path="a\\\\b\\n\\"c\\""} 7
croft_d_bucket{le="1"} 10
croft_d_bucket{le="5"} 90
croft_d_bucket{le="+Inf"} 100
croft_d_sum 1
croft_d_count 100
not a line
`;

test("samples are found by their name and labels", () => {
  const metrics = new Metrics(text);
  assert.equal(metrics.sum("croft_a_total"), 1004);
  assert.equal(metrics.sum("croft_a_total", {service: "iot"}), 4);
  assert.equal(metrics.sum("croft_a_total", {service: "iot", status: "4xx"}), 1);
  assert.equal(metrics.sum("croft_b"), 1.5);
  assert.equal(metrics.sum("croft_none"), 0);
  assert.deepEqual(metrics.all("croft_c"), [{labels: {path: 'a\\b\n"c"'}, value: 7}]);
  assert.deepEqual(metrics.all("croft_a_total")[2]?.labels, {service: "s{3},", status: "2xx"});
});

test("quantiles lie between the bounds of their bucket", () => {
  const histogram = new Metrics(text).histogram("croft_d");
  assert.equal(histogram.count, 100);
  assert.equal(histogram.quantile(0.5), 3);
  assert.equal(histogram.quantile(0.05), 0.5);
  assert.equal(histogram.quantile(0.99), 5); // in the bucket without end
  assert.equal(new Metrics("").histogram("croft_d").quantile(0.5), undefined);
});

test("what came between two pages", () => {
  const before = new Metrics('a_bucket{le="1"} 5\na_bucket{le="2"} 5\na_bucket{le="+Inf"} 5').histogram("a");
  const after = new Metrics('a_bucket{le="1"} 5\na_bucket{le="2"} 9\na_bucket{le="+Inf"} 9').histogram("a");
  assert.equal(after.since(before).count, 4);
  assert.equal(after.since(before).quantile(0.5), 1.5);
  assert.equal(before.since(after).count, 0);
});
