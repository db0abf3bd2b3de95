import assert from "node:assert/strict";
import {test} from "node:test";
import {hostileTexts} from "./hostile";
import {everything, finds, placeOf, readSearch, requestOf, SearchError, shownOf, writeSearch, type Filter, type Search} from "./search";
import type {Table} from "./table";
import type {Item} from "./values";

const table: Table = {
  TableName: "status", TableStatus: "ACTIVE", TableArn: "arn", CreationDateTime: 0, ItemCount: 0, TableSizeBytes: 0,
  KeySchema: [{AttributeName: "id", KeyType: "HASH"}, {AttributeName: "n", KeyType: "RANGE"}],
  AttributeDefinitions: [{AttributeName: "id", AttributeType: "S"}, {AttributeName: "n", AttributeType: "N"},
    {AttributeName: "due", AttributeType: "S"}],
  GlobalSecondaryIndexes: [{IndexName: "by-due", KeySchema: [{AttributeName: "due", KeyType: "HASH"}],
    Projection: {ProjectionType: "INCLUDE", NonKeyAttributes: ["title"]}}],
};
const search = (parts: Partial<Search>): Search => ({...everything, ...parts});
const filter = (name: string, operator: Filter["operator"], type: Filter["type"] = "S", value = "",
  second = ""): Filter => ({name, operator, type, value, second});

test("a key makes a Query, no key a Scan, and all names are placeholders", () => {
  assert.deepEqual(requestOf(table, everything),
    {operation: "Scan", input: {TableName: "status", ReturnConsumedCapacity: "TOTAL"}});
  const wanted = search({partition: "a", sort: "1", sortSecond: "5", sortOperator: "between", down: true, limit: 10,
    consistent: true, attributes: ["size"],
    filters: [filter("size", ">=", "N", "3"), filter("id", "not contains", "S", "x"), filter("id", "exists")]});
  assert.deepEqual(requestOf(table, wanted), {
    operation: "Query",
    input: {
      TableName: "status",
      KeyConditionExpression: "#n0 = :v0 AND #n1 BETWEEN :v1 AND :v2",
      FilterExpression: "#n2 >= :v3 AND NOT contains(#n0, :v4) AND attribute_exists(#n0)",
      ProjectionExpression: "#n0, #n1, #n2",
      ExpressionAttributeNames: {"#n0": "id", "#n1": "n", "#n2": "size"},
      ExpressionAttributeValues: {":v0": {S: "a"}, ":v1": {N: "1"}, ":v2": {N: "5"}, ":v3": {N: "3"}, ":v4": {S: "x"}},
      Limit: 10, ScanIndexForward: false, ConsistentRead: true, ReturnConsumedCapacity: "TOTAL",
    },
  });
});

test("a global index is not read consistently", () => {
  const {operation, input} = requestOf(table, search({index: "by-due", partition: "today", consistent: true}));
  assert.equal(operation, "Query");
  assert.equal(input.IndexName, "by-due");
  assert.ok(!("ConsistentRead" in input));
  assert.throws(() => requestOf(table, search({index: "gone"})), SearchError);
});

test("what is no value of its type is refused here", () => {
  assert.throws(() => requestOf(table, search({partition: "a", sort: "x"})), new SearchError("number", "n"));
  assert.throws(() => requestOf(table, search({filters: [filter("on", "=", "BOOL", "yes")]})), new SearchError("truth", "on"));
  assert.throws(() => requestOf(table, search({filters: [filter("b", "=", "B", "?")]})), new SearchError("binary", "b"));
  assert.throws(() => requestOf(table, search({filters: [filter("", "exists")]})), new SearchError("name", ""));
});

test("any search lies in the URL and comes back", () => {
  for (const text of hostileTexts) {
    const wanted = search({index: text, partition: text || "p", sortOperator: "between", sort: "1", sortSecond: text,
      attributes: text ? [text] : [], limit: 7, down: true, consistent: true,
      filters: [filter(text, "between", "S", text, text), filter(text, "exists", "N", text)]});
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(writeSearch(wanted))) for (const one of [value].flat()) if (one !== "") query.append(name, one);
    assert.deepEqual(readSearch(new URLSearchParams(query.toString())), wanted, JSON.stringify(text));
  }
  assert.deepEqual(readSearch(new URLSearchParams("f=x&f=[1]&f=[%22a%22,%22drop%22,%22S%22]&limit=-1&op=or")), everything);
});

test("a changed item is judged as DynamoDB would", () => {
  const item: Item = {id: {S: "a"}, n: {N: "2"}, tags: {SS: ["x", "y"]}, on: {BOOL: true}, text: {S: "hello"},
    list: {L: [{N: "1"}]}};
  const yes = (parts: Partial<Search>) => assert.ok(finds(table, search(parts), item), JSON.stringify(parts));
  const no = (parts: Partial<Search>) => assert.ok(!finds(table, search(parts), item), JSON.stringify(parts));
  const filtered = (...args: Parameters<typeof filter>) => ({filters: [filter(...args)]});
  yes({});
  yes({partition: "a", sort: "2.0"});
  no({partition: "b"});
  yes({partition: "a", sortOperator: "between", sort: "1", sortSecond: "10"});
  no({partition: "a", sortOperator: ">", sort: "2"});
  yes(filtered("tags", "contains", "S", "x"));
  no(filtered("tags", "contains", "N", "1"));
  yes(filtered("list", "contains", "N", "1"));
  yes(filtered("text", "begins_with", "S", "he"));
  yes(filtered("on", "=", "BOOL", "true"));
  yes(filtered("gone", "<>", "S", "x"));
  no(filtered("gone", "=", "S", "x"));
  yes(filtered("gone", "not exists"));
  yes(filtered("text", "type", "S"));
  no(filtered("toString", "exists"));
  no(filtered("text", ">", "N", "1"));
  no({index: "by-due"});
});

test("an index shows what it holds", () => {
  const item: Item = {id: {S: "a"}, n: {N: "2"}, due: {S: "d"}, title: {S: "t"}, other: {S: "o"}};
  assert.deepEqual(shownOf(table, search({index: "by-due"}), item), {id: {S: "a"}, n: {N: "2"}, due: {S: "d"}, title: {S: "t"}});
  assert.deepEqual(shownOf(table, search({attributes: ["other"]}), item), {id: {S: "a"}, n: {N: "2"}, other: {S: "o"}});
});

test("a new item comes where a Query would have it", () => {
  const items: Item[] = ["1", "3", "10"].map((n) => ({id: {S: "a"}, n: {N: n}}));
  assert.equal(placeOf(table, search({partition: "a"}), items, {id: {S: "a"}, n: {N: "2"}}), 1);
  assert.equal(placeOf(table, search({partition: "a", down: true}), [...items].reverse(), {id: {S: "a"}, n: {N: "2"}}), 2);
  assert.equal(placeOf(table, everything, items, {id: {S: "a"}, n: {N: "2"}}), 3);
});
