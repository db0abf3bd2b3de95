import assert from "node:assert/strict";
import {test} from "node:test";
import {createInput, newIndex, newTable} from "./definition";

test("a table with indexes of both kinds, each attribute defined once", () => {
  const wanted = {
    ...newTable, name: "todo", partition: {name: "user", type: "S" as const}, sort: {name: "n", type: "N" as const},
      provisioned: true, stream: "NEW_IMAGE" as const,
    indexes: [
      {...newIndex, name: "by-due", partition: {name: "user", type: "S" as const}, sort: {name: "due", type: "S" as const},
        projection: "INCLUDE" as const, attributes: "title, note ,"},
      {...newIndex, local: true, name: "by-age", sort: {name: "age", type: "N" as const}, projection: "KEYS_ONLY" as const},
    ],
  };
  assert.deepEqual(createInput(wanted), {
    TableName: "todo",
    AttributeDefinitions: [
      {AttributeName: "user", AttributeType: "S"}, {AttributeName: "n", AttributeType: "N"},
        {AttributeName: "due", AttributeType: "S"}, {AttributeName: "age", AttributeType: "N"}],
    KeySchema: [{AttributeName: "user", KeyType: "HASH"}, {AttributeName: "n", KeyType: "RANGE"}],
    BillingMode: "PROVISIONED",
    ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 5},
    GlobalSecondaryIndexes: [{
      IndexName: "by-due", KeySchema: [{AttributeName: "user", KeyType: "HASH"}, {AttributeName: "due", KeyType: "RANGE"}],
      Projection: {ProjectionType: "INCLUDE", NonKeyAttributes: ["title", "note"]},
        ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 5}}],
    LocalSecondaryIndexes: [{
      IndexName: "by-age", KeySchema: [{AttributeName: "user", KeyType: "HASH"}, {AttributeName: "age", KeyType: "RANGE"}],
      Projection: {ProjectionType: "KEYS_ONLY"}}],
    StreamSpecification: {StreamEnabled: true, StreamViewType: "NEW_IMAGE"},
  });
});
