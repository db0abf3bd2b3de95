import assert from "node:assert/strict";
import {test} from "node:test";
import {drafts, settled, told, write} from "./drafts";
import type {Rule} from "./rule";

const rule = (sql: string) =>
  ({sql, awsIotSqlVersion: "2016-03-23", description: "", actions: [], ruleDisabled: false}) as unknown as Rule;
const draftOf = (name: string) => drafts.peek().get(name)?.draft;

test("what is written while it is saved is not taken for saved", () => {
  told("r", rule("SELECT 1 FROM 'a'"));
  write("r", {sql: "SELECT 2 FROM 'a'"});
  const sent = draftOf("r");
  assert.ok(sent);
  write("r", {sql: "SELECT 3 FROM 'a'"}); // while the call is under way
  settled("r", sent);
  told("r", rule("SELECT 2 FROM 'a'")); // the next look at croft
  assert.equal(draftOf("r")?.sql, "SELECT 3 FROM 'a'");
});

test("what croft has is shown where nothing was written over it", () => {
  assert.equal(told("s", rule("SELECT * FROM 'x/+/#'"))?.topic, "x/x/x");
  assert.equal(told("s", rule("SELECT 2 FROM 'a'")), undefined);
  assert.equal(draftOf("s")?.sql, "SELECT 2 FROM 'a'");
});
