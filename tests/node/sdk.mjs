// AWS SDK for JavaScript v3 against croft: tables, functions, rules. Prints one JSON line per check; throws on the first that fails.
import assert from "node:assert/strict";
import {CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand} from "@aws-sdk/client-dynamodb";
import {DescribeEndpointCommand, GetTopicRuleCommand, IoTClient, ListTopicRulesCommand} from "@aws-sdk/client-iot";
import {InvokeCommand, LambdaClient, ListFunctionsCommand} from "@aws-sdk/client-lambda";

const settings = {endpoint: process.env.AWS_ENDPOINT_URL, region: process.env.AWS_DEFAULT_REGION, maxAttempts: 1};

const dynamodb = new DynamoDBClient(settings);
await dynamodb.send(new CreateTableCommand({
  TableName: "from-node", BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: [{AttributeName: "id", AttributeType: "S"}], KeySchema: [{AttributeName: "id", KeyType: "HASH"}]}));
await dynamodb.send(new PutItemCommand({TableName: "from-node", Item: {id: {S: "x"}, n: {N: "1"}}}));
await dynamodb.send(new UpdateItemCommand({
  TableName: "from-node", Key: {id: {S: "x"}}, UpdateExpression: "ADD n :one", ExpressionAttributeValues: {":one": {N: "41"}}}));
const item = await dynamodb.send(new GetItemCommand({TableName: "from-node", Key: {id: {S: "x"}}}));
assert.equal(item.Item.n.N, "42");
await assert.rejects(dynamodb.send(new GetItemCommand({TableName: "absent", Key: {id: {S: "x"}}})), {name: "ResourceNotFoundException"});

const iot = new IoTClient(settings);
const endpoint = await iot.send(new DescribeEndpointCommand({endpointType: "iot:Data-ATS"}));
assert.ok(endpoint.endpointAddress);
const rules = await iot.send(new ListTopicRulesCommand({}));
assert.ok(rules.rules.length > 0);
const rule = await iot.send(new GetTopicRuleCommand({ruleName: rules.rules[0].ruleName}));
assert.match(rule.rule.sql, /SELECT/);

const lambda = new LambdaClient(settings);
const functions = await lambda.send(new ListFunctionsCommand({}));
const name = functions.Functions[0].FunctionName;
const answer = await lambda.send(new InvokeCommand({
  FunctionName: name, LogType: "Tail", Payload: JSON.stringify({clientId: "node", eventType: "connected"})}));
assert.equal(answer.FunctionError, undefined, Buffer.from(answer.LogResult ?? "", "base64").toString());
assert.match(Buffer.from(answer.LogResult, "base64").toString(), /REPORT RequestId/);
console.log("sdk ok");
