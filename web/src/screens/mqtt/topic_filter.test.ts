import assert from "node:assert/strict";
import {test} from "node:test";
import {matches} from "./topic_filter";

test("filters match as MQTT says", () => {
  for (const [filter, topic] of [["a/b", "a/b"], ["a/#", "a"], ["a/#", "a/b/c"], ["+/b", "a/b"], ["#", "a/b"], ["$aws/events/#", "$aws/events/x"], ["$share/g/a/+", "a/b"], ["+", ""]])
    assert.equal(matches(filter as string, topic as string), true, `${filter} ${topic}`);
  for (const [filter, topic] of [["a/b", "a"], ["a/+", "a/b/c"], ["a/+", "a"], ["#", "$aws/x"], ["+/x", "$aws/x"], ["a", "a/"]])
    assert.equal(matches(filter as string, topic as string), false, `${filter} ${topic}`);
});
