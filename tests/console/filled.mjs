// What the screens of stacks and queues are filled with, by way of the console's own calls. What is there already stays.
import {aws, sqs} from "./aws.mjs";

const template = `
Description: Presence in a table and in a queue
Resources:
  Status:
    Type: AWS::DynamoDB::Table
    Properties: {BillingMode: PAY_PER_REQUEST, AttributeDefinitions: [{AttributeName: id, AttributeType: S}],
      KeySchema: [{AttributeName: id, KeyType: HASH}]}
  Dead: {Type: AWS::SQS::Queue}
  Events: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}}}
  Rights:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Version: "2012-10-17",
      Statement: [{Effect: Allow, Principal: {Service: iot.amazonaws.com}, Action: "sts:AssumeRole"}]}}
  Presence:
    Type: AWS::IoT::TopicRule
    Properties:
      TopicRulePayload:
        AwsIotSqlVersion: "2016-03-23"
        Sql: SELECT clientId as id FROM '$aws/events/presence/#'
        Actions:
          - DynamoDBv2: {RoleArn: !GetAtt Rights.Arn, PutItem: {TableName: !Ref Status}}
          - Sqs: {RoleArn: !GetAtt Rights.Arn, QueueUrl: !Ref Events, UseBase64: false}
  Alone: {Type: AWS::IoT::Thing}
Outputs:
  Table: {Value: !Ref Status}
`;

export async function makeStack(name) {
  const form = {Action: "CreateStack", Version: "2010-05-15", StackName: name, TemplateBody: template,
    "Capabilities.member.1": "CAPABILITY_IAM"};
  const headers = {"content-type": "application/x-www-form-urlencoded"};
  await aws("cloudformation", "POST", "", new URLSearchParams(form).toString(), headers)
    .catch((error) => /AlreadyExistsException/.test(error.message) || Promise.reject(error));
}

export async function makeQueue(name) {
  const {QueueUrl: url} = await sqs("CreateQueue", {QueueName: name});
  const input = {QueueUrl: url, MessageBody: '{"clientId":"pump-3","eventType":"connected"}',
    MessageAttributes: {kind: {DataType: "String", StringValue: "presence"}}};
  await sqs("SendMessage", input);
  await sqs("SendMessage", {...input, DelaySeconds: 900});
}
