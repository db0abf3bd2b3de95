// AWS SDK for JavaScript v3 against croft's tables: the client, the document client, paginators, waiters, errors.
import assert from "node:assert/strict";
import {
  BatchWriteItemCommand, ConditionalCheckFailedException, CreateTableCommand, DeleteTableCommand, DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand, ListTablesCommand, paginateListTables, paginateScan, PutItemCommand, ResourceNotFoundException,
  TransactionCanceledException, UpdateTableCommand, waitUntilTableExists, waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import {
  BatchGetCommand, BatchWriteCommand, DeleteCommand, DynamoDBDocumentClient, ExecuteStatementCommand, GetCommand, NumberValue,
  paginateQuery, PutCommand, QueryCommand, ScanCommand, TransactGetCommand, TransactWriteCommand, UpdateCommand,
} from "@aws-sdk/lib-dynamodb";

const settings = {endpoint: process.env.AWS_ENDPOINT_URL, region: process.env.AWS_DEFAULT_REGION, maxAttempts: 1};
const client = new DynamoDBClient(settings);
const documents = DynamoDBDocumentClient.from(client, {marshallOptions: {removeUndefinedValues: true}});
const exact = DynamoDBDocumentClient.from(new DynamoDBClient(settings), {unmarshallOptions: {wrapNumbers: true}});
const waiting = {client, maxWaitTime: 10, minDelay: 1, maxDelay: 1};

const key = (name, type) => ({AttributeName: name, KeyType: type});
const attributes = (...pairs) => pairs.map(([AttributeName, AttributeType]) => ({AttributeName, AttributeType}));
async function all(pages) {
  const out = [];
  for await (const page of pages) out.push(page);
  return out;
}

async function tables() {
  for (const TableName of ["node-b", "node-a"]) {
    await client.send(new CreateTableCommand({
      TableName, BillingMode: "PAY_PER_REQUEST", KeySchema: [key("id", "HASH")], AttributeDefinitions: attributes(["id", "S"])}));
    const ready = await waitUntilTableExists(waiting, {TableName});
    assert.equal(ready.state, "SUCCESS");
  }
  const pages = await all(paginateListTables({client, pageSize: 1}, {ExclusiveStartTableName: "node"}));
  assert.deepEqual(pages.flatMap((page) => page.TableNames).filter((name) => name.startsWith("node-")), ["node-a", "node-b"]);
  await client.send(new DeleteTableCommand({TableName: "node-b"}));
  assert.equal((await waitUntilTableNotExists(waiting, {TableName: "node-b"})).state, "SUCCESS");
  await assert.rejects(client.send(new DescribeTableCommand({TableName: "node-b"})), (error) =>
    error instanceof ResourceNotFoundException && error.$metadata.httpStatusCode === 400 &&
    error.message === "Requested resource not found: Table: node-b not found");
  const {Table} = await client.send(new DescribeTableCommand({TableName: "node-a"}));
  assert.ok(Table.CreationDateTime instanceof Date && Math.abs(Date.now() - Table.CreationDateTime) < 60_000);
  assert.equal(Table.ItemCount, 0);
}

async function values() {
  const item = {
    id: "all", text: "héllo 😀", empty: "", n: -1.5, big: 9007199254740991n, nothing: null, yes: true,
    bytes: Uint8Array.of(0, 255),
    list: [1, "a", [null, {deep: []}]], map: {a: {b: {}}}, texts: new Set(["a", "b"]), numbers: new Set([1, 2]),
    binaries: new Set([Uint8Array.of(1)]), gone: undefined};
  await documents.send(new PutCommand({TableName: "node-a", Item: item}));
  const {Item} = await documents.send(new GetCommand({TableName: "node-a", Key: {id: "all"}, ConsistentRead: true}));
  const {gone, big, ...rest} = item;
  assert.deepEqual(Item, {...rest, big: 9007199254740991});
  await exact.send(new PutCommand({TableName: "node-a", Item: {
    id: "exact", n: NumberValue.from("12345678901234567890123456789012345678")}}));
  const found = await exact.send(new GetCommand({TableName: "node-a", Key: {id: "exact"}}));
  assert.equal(found.Item.n.toString(), "12345678901234567890123456789012345678");
  const typed = await client.send(new GetItemCommand({TableName: "node-a", Key: {id: {S: "all"}},
                                                      ProjectionExpression: "bytes, #m.a",
                                                      ExpressionAttributeNames: {"#m": "map"}}));
  assert.deepEqual(typed.Item, {bytes: {B: Uint8Array.of(0, 255)}, map: {M: {a: {M: {b: {M: {}}}}}}});
  assert.equal((await documents.send(new GetCommand({TableName: "node-a", Key: {id: "none"}}))).Item, undefined);
}

async function conditions() {
  const put = (Item, more) => documents.send(new PutCommand({TableName: "node-a", Item, ...more}));
  const once = {ConditionExpression: "attribute_not_exists(id)", ReturnValuesOnConditionCheckFailure: "ALL_OLD"};
  await put({id: "once", v: 1}, once);
  await assert.rejects(put({id: "once", v: 2}, once), (error) => {
    assert.ok(error instanceof ConditionalCheckFailedException);
    assert.equal(error.message, "The conditional request failed");
    assert.deepEqual(error.Item, {id: {S: "once"}, v: {N: "1"}});
    return true;
  });
  const update = await documents.send(new UpdateCommand({
    TableName: "node-a", Key: {id: "once"}, UpdateExpression: "SET v = v + :one, tags = :tags", ConditionExpression: "v = :one",
    ExpressionAttributeValues: {":one": 1, ":tags": new Set(["x"])}, ReturnValues: "ALL_NEW"}));
  assert.deepEqual(update.Attributes, {id: "once", v: 2, tags: new Set(["x"])});
  const {Attributes} = await documents.send(new DeleteCommand({TableName: "node-a", Key: {id: "once"}, ReturnValues: "ALL_OLD"}));
  assert.deepEqual(Attributes, {id: "once", v: 2, tags: new Set(["x"])});
  await assert.rejects(put({}), {name: "ValidationException",
                                message: "One or more parameter values were invalid: Missing the key id in the item"});
}

// Messages of rooms, newest first, with an index by author that is added later.
async function chat() {
  const TableName = "node-chat";
  await client.send(new CreateTableCommand({
    TableName, BillingMode: "PAY_PER_REQUEST", KeySchema: [key("room", "HASH"), key("at", "RANGE")],
    AttributeDefinitions: attributes(["room", "S"], ["at", "N"])}));
  const messages = Array.from({length: 90}, (_, n) => ({room: `r${n % 2}`, at: n, author: n % 3 ? "ann" : "bob",
                                                        text: "x".repeat(n)}));
  for (let i = 0; i < messages.length; i += 25) {
    const puts = messages.slice(i, i + 25).map((Item) => ({PutRequest: {Item}}));
    const {UnprocessedItems} = await documents.send(new BatchWriteCommand({RequestItems: {[TableName]: puts}}));
    assert.deepEqual(UnprocessedItems, {});
  }
  const request = {TableName, KeyConditionExpression: "room = :r AND #at >= :from", ScanIndexForward: false,
                   ExpressionAttributeNames: {"#at": "at"}, ExpressionAttributeValues: {":r": "r1", ":from": 11}};
  const pages = await all(paginateQuery({client: documents, pageSize: 7}, request));
  assert.deepEqual(pages.flatMap((page) => page.Items.map((item) => item.at)), Array.from({length: 40}, (_, n) => 89 - 2 * n));
  assert.deepEqual(pages.map((page) => page.Count), [7, 7, 7, 7, 7, 5]);
  assert.deepEqual(pages[0].LastEvaluatedKey, {room: "r1", at: 77});

  await client.send(new UpdateTableCommand({
    TableName, AttributeDefinitions: attributes(["author", "S"], ["at", "N"]), GlobalSecondaryIndexUpdates: [{Create: {
      IndexName: "by-author", KeySchema: [key("author", "HASH"), key("at", "RANGE")],
      Projection: {ProjectionType: "KEYS_ONLY"}}}]}));
  for (;;) {
    const {Table} = await client.send(new DescribeTableCommand({TableName}));
    if (Table.GlobalSecondaryIndexes[0].IndexStatus === "ACTIVE") break;
  }
  const byBob = await documents.send(new QueryCommand({
    TableName, IndexName: "by-author", KeyConditionExpression: "author = :a AND #at BETWEEN :x AND :y",
    FilterExpression: "room = :r",
    ExpressionAttributeNames: {"#at": "at"}, ExpressionAttributeValues: {":a": "bob", ":x": 30, ":y": 60, ":r": "r0"}}));
  assert.deepEqual(byBob.Items.map((item) => item.at), [30, 36, 42, 48, 54, 60]);
  assert.equal(byBob.ScannedCount, 11);

  const segments = await Promise.all([0, 1, 2, 3].map((Segment) =>
    all(paginateScan({client, pageSize: 10}, {TableName, Segment, TotalSegments: 4}))));
  const seen = segments.flat().flatMap((page) => page.Items.map((item) => Number(item.at.N)));
  assert.deepEqual(seen.sort((a, b) => a - b), messages.map((message) => message.at));
  const counted = await documents.send(new ScanCommand({TableName, Select: "COUNT", FilterExpression: "size(#t) < :n",
                                                        ExpressionAttributeNames: {"#t": "text"},
                                                        ExpressionAttributeValues: {":n": 10}}));
  assert.deepEqual([counted.Count, counted.ScannedCount, counted.Items], [10, 90, undefined]);
  const got = await documents.send(new BatchGetCommand({RequestItems: {[TableName]: {
    Keys: [{room: "r0", at: 4}, {room: "r1", at: 4}], ProjectionExpression: "author"}}}));
  assert.deepEqual(got.Responses, {[TableName]: [{author: "ann"}]});
  await assert.rejects(client.send(new BatchWriteItemCommand({RequestItems: {}})), {name: "ValidationException"});
}

async function manyAtOnce() {
  const add = () => documents.send(new UpdateCommand({
    TableName: "node-a", Key: {id: "counter"}, UpdateExpression: "ADD n :one", ExpressionAttributeValues: {":one": 1},
    ReturnValues: "UPDATED_NEW"}));
  const answers = await Promise.all(Array.from({length: 200}, add));
  assert.deepEqual(answers.map((answer) => answer.Attributes.n).sort((a, b) => a - b),
                   Array.from({length: 200}, (_, n) => n + 1));
  await client.send(new PutItemCommand({TableName: "node-a", Item: {id: {S: "last"}}}));
  assert.ok((await client.send(new ListTablesCommand({Limit: 100}))).TableNames.includes("node-chat"));
}

async function transactions() {
  const move = (from, to, amount) => documents.send(new TransactWriteCommand({TransactItems: [
    {Update: {TableName: "node-a", Key: {id: from}, UpdateExpression: "SET amount = amount - :n",
              ConditionExpression: "amount >= :n",
              ExpressionAttributeValues: {":n": amount}, ReturnValuesOnConditionCheckFailure: "ALL_OLD"}},
    {Update: {TableName: "node-a", Key: {id: to}, UpdateExpression: "ADD amount :n",
              ExpressionAttributeValues: {":n": amount}}}]}));
  await documents.send(new PutCommand({TableName: "node-a", Item: {id: "purse", amount: 10}}));
  await move("purse", "box", 7);
  await assert.rejects(move("purse", "box", 4), (error) => {
    assert.ok(error instanceof TransactionCanceledException);
    assert.equal(error.message, "Transaction cancelled, please refer cancellation reasons for specific reasons " +
                                "[ConditionalCheckFailed, None]");
    assert.deepEqual(error.CancellationReasons, [
      {Code: "ConditionalCheckFailed", Message: "The conditional request failed", Item: {id: {S: "purse"}, amount: {N: "3"}}},
      {Code: "None"}]);
    return true;
  });
  const {Responses} = await documents.send(new TransactGetCommand({TransactItems: ["purse", "box", "none"].map((id) =>
    ({Get: {TableName: "node-a", Key: {id}}}))}));
  assert.deepEqual(Responses.map((one) => one.Item?.amount), [3, 7, undefined]);
  const selected = await documents.send(new ExecuteStatementCommand({
    Statement: 'SELECT amount FROM "node-a" WHERE id = ?', Parameters: ["box"]}));
  assert.deepEqual(selected.Items, [{amount: 7}]);
}

await tables();
await values();
await conditions();
await chat();
await transactions();
await manyAtOnce();
console.log("tables ok");
