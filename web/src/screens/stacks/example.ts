// A small template that deploys as it is: a rule that keeps who is connected in a table, without a function in between.
export const example = `AWSTemplateFormatVersion: "2010-09-09"
Description: Connection status of devices in a table
Resources:
  Status:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - AttributeName: clientId
          AttributeType: S
      KeySchema:
        - AttributeName: clientId
          KeyType: HASH
  WriteStatus:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: iot.amazonaws.com}
            Action: sts:AssumeRole
      Policies:
        - PolicyName: write
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: dynamodb:PutItem
                Resource: !GetAtt Status.Arn
  PresenceToTable:
    Type: AWS::IoT::TopicRule
    Properties:
      TopicRulePayload:
        AwsIotSqlVersion: "2016-03-23"
        Sql: SELECT clientId, eventType, timestamp FROM '$aws/events/presence/#'
        Actions:
          - DynamoDBv2:
              RoleArn: !GetAtt WriteStatus.Arn
              PutItem: {TableName: !Ref Status}
Outputs:
  Table:
    Description: One item for each device
    Value: !Ref Status
`;
