import assert from "node:assert/strict";
import {test} from "node:test";
import {matches, readSearch} from "./thing_query";

test("some words are for AWS and the others for the list", () => {
  assert.deepEqual(readSearch(" Pump type:pump attribute:site=north=1 -old group: "), {
    asked: {type: "pump", group: "", attribute: "site", value: "north=1"},
    words: ["pump", "-old", "group:"],
  });
  assert.deepEqual(readSearch("group:plant-7").asked, {type: "", group: "plant-7", attribute: "", value: ""});
});

test("all words are found in a thing, but for those that must not be", () => {
  const thing = {thingName: "Pump-7", thingArn: "", thingTypeName: "pump", attributes: {site: "North"}, version: 1};
  assert.ok(matches(thing, ["pump-7", "site=north"]));
  assert.ok(matches(thing, ["-south"]));
  assert.ok(!matches(thing, ["pump", "-north"]));
  assert.ok(!matches(thing, ["pump-8"]));
});
