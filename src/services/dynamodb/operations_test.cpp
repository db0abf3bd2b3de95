#include "services/dynamodb/operations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dynamo/testing.h"

namespace croft::services::dynamodb {

using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace {

std::string with_double_quotes(std::string text) {
  for (char& c : text) c = c == '\'' ? '"' : c;
  return text;
}

class DynamodbService : public ::testing::Test {
 protected:
  // The answer's document in single quotes, or "Code: message".
  std::string ask(std::string_view operation, std::string input) {
    gateway::Call call;
    call.input = json::parse(with_double_quotes(std::move(input))).value().as_object();
    for (const gateway::Operation& known : service.operations) {
      if (known.name == operation) return answer(known.handler(call));
    }
    return "no such operation";
  }
  void create(const char* name) {
    ask("CreateTable",
        std::string("{'TableName':'") + name +
            "','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[{'AttributeName':'id','AttributeType':'S'}],"
            "'KeySchema':[{'AttributeName':'id','KeyType':'HASH'}]}");
  }

  std::unique_ptr<Store> store = Store::open("", Store::Durability::os).value();
  dynamo::Tables tables{*store, Instance{}};
  gateway::Service service = dynamodb_service(tables, Instance{});
  dynamo::testing::TaskRunner await;

 private:
  std::string answer(Task<gateway::Reply> task) {
    try {
      gateway::Reply reply = await(std::move(task));
      std::string text = reply.body ? *reply.body : json::dump(reply.output);
      EXPECT_TRUE(json::parse(text)) << text;
      for (char& c : text) c = c == '"' ? '\'' : c;
      return text;
    } catch (const ApiError& refusal) {
      return refusal.error().code + ": " + refusal.error().message;
    }
  }
};

const std::string invalid = "ValidationException: ";

}  // namespace

TEST_F(DynamodbService, ItemsGoInAndComeOut) {
  create("tab");
  EXPECT_EQ(ask("PutItem", "{'TableName':'tab','Item':{'id':{'S':'a'},'n':{'N':'1'}}}"), "{}");
  EXPECT_EQ(ask("GetItem", "{'TableName':'tab','Key':{'id':{'S':'a'}}}"), "{'Item':{'id':{'S':'a'},'n':{'N':'1'}}}");
  EXPECT_EQ(ask("GetItem", "{'TableName':'tab','Key':{'id':{'S':'b'}}}"), "{}");
  EXPECT_EQ(ask("GetItem", "{'TableName':'arn:aws:dynamodb:us-east-1:000000000000:table/tab','Key':{'id':{'S':'a'}},"
                           "'ProjectionExpression':'n','ReturnConsumedCapacity':'TOTAL'}"),
            "{'Item':{'n':{'N':'1'}},'ConsumedCapacity':{'TableName':'arn:aws:dynamodb:us-east-1:000000000000:table/tab',"
            "'CapacityUnits':0.5}}");
  EXPECT_EQ(ask("UpdateItem", "{'TableName':'tab','Key':{'id':{'S':'a'}},'UpdateExpression':'set is_connected = :i',"
                              "'ExpressionAttributeValues':{':i':{'BOOL':true}},'ReturnValues':'UPDATED_NEW'}"),
            "{'Attributes':{'is_connected':{'BOOL':true}}}");
  EXPECT_EQ(ask("DeleteItem", "{'TableName':'tab','Key':{'id':{'S':'a'}},'ReturnValues':'ALL_OLD'}"),
            "{'Attributes':{'id':{'S':'a'},'is_connected':{'BOOL':true},'n':{'N':'1'}}}");
}

TEST_F(DynamodbService, QueriesAndScansTellCountsAndLastKeys) {
  create("tab");
  ask("BatchWriteItem",
      "{'RequestItems':{'tab':[{'PutRequest':{'Item':{'id':{'S':'a'}}}},{'PutRequest':{'Item':{'id':{'S':'b'}}}}]}}");
  EXPECT_EQ(
      ask("Query",
          "{'TableName':'tab','KeyConditionExpression':'id = :i','ExpressionAttributeValues':{':i':{'S':'a'}}}"),
      "{'Items':[{'id':{'S':'a'}}],'Count':1,'ScannedCount':1}");
  EXPECT_EQ(ask("Scan", "{'TableName':'tab','Select':'COUNT'}"), "{'Count':2,'ScannedCount':2}");
  EXPECT_THAT(ask("Scan", "{'TableName':'tab','Limit':1}"), HasSubstr("'LastEvaluatedKey':{'id':{'S':'"));
  EXPECT_EQ(
      ask("BatchGetItem",
          "{'RequestItems':{'tab':{'Keys':[{'id':{'S':'a'}},{'id':{'S':'z'}}]}},'ReturnConsumedCapacity':'TOTAL'}"),
      "{'Responses':{'tab':[{'id':{'S':'a'}}]},'UnprocessedKeys':{},'ConsumedCapacity':[{'TableName':'tab','"
      "CapacityUnits':1}]}");
}

TEST_F(DynamodbService, TablesAreDescribed) {
  const std::string created = ask(
      "CreateTable",
      "{'TableName':'full','AttributeDefinitions':[{'AttributeName':'p','AttributeType':'S'},{'AttributeName':'s',"
      "'AttributeType':'N'},{'AttributeName':'g','AttributeType':'B'}],'KeySchema':[{'AttributeName':'p','KeyType':'"
      "HASH'},"
      "{'AttributeName':'s','KeyType':'RANGE'}],'ProvisionedThroughput':{'ReadCapacityUnits':5,'WriteCapacityUnits':"
      "6},"
      "'GlobalSecondaryIndexes':[{'IndexName':'byg','KeySchema':[{'AttributeName':'g','KeyType':'HASH'}],'Projection'"
      ":"
      "{'ProjectionType':'INCLUDE','NonKeyAttributes':['x']},'ProvisionedThroughput':{'ReadCapacityUnits':1,"
      "'WriteCapacityUnits':1}}],'Tags':[{'Key':'k','Value':'v'}]}");
  EXPECT_THAT(created, StartsWith("{'TableDescription':{'AttributeDefinitions':"));
  EXPECT_THAT(created, HasSubstr("'TableStatus':'ACTIVE'"));
  EXPECT_THAT(
      created,
      HasSubstr("'ProvisionedThroughput':{'NumberOfDecreasesToday':0,'ReadCapacityUnits':5,'WriteCapacityUnits':6}"));
  EXPECT_THAT(created, HasSubstr("'IndexArn':'arn:aws:dynamodb:us-east-1:000000000000:table/full/index/byg'"));
  EXPECT_THAT(created, HasSubstr("'Projection':{'ProjectionType':'INCLUDE','NonKeyAttributes':['x']}"));
  EXPECT_THAT(ask("DescribeTable", "{'TableName':'full'}"), HasSubstr("'ItemCount':0"));
  EXPECT_EQ(ask("ListTagsOfResource", "{'ResourceArn':'arn:aws:dynamodb:us-east-1:000000000000:table/full'}"),
            "{'Tags':[{'Key':'k','Value':'v'}]}");
  EXPECT_THAT(ask("UpdateTable", "{'TableName':'full','BillingMode':'PAY_PER_REQUEST'}"),
              HasSubstr("PAY_PER_REQUEST"));
  EXPECT_THAT(
      ask("UpdateTable", "{'TableName':'full','GlobalSecondaryIndexUpdates':[{'Delete':{'IndexName':'byg'}}]}"),
      HasSubstr("'IndexStatus':'DELETING'"));
  EXPECT_THAT(ask("DescribeTable", "{'TableName':'full'}"), ::testing::Not(HasSubstr("byg")));
  EXPECT_THAT(ask("DeleteTable", "{'TableName':'full'}"), HasSubstr("'TableStatus':'DELETING'"));
}

TEST_F(DynamodbService, TablesAreListedInPages) {
  for (const char* name : {"aaa", "bbb", "ccc"}) create(name);
  EXPECT_EQ(ask("ListTables", "{}"), "{'TableNames':['aaa','bbb','ccc']}");
  EXPECT_EQ(ask("ListTables", "{'Limit':2}"), "{'LastEvaluatedTableName':'bbb','TableNames':['aaa','bbb']}");
  EXPECT_EQ(ask("ListTables", "{'Limit':2,'ExclusiveStartTableName':'bbb'}"), "{'TableNames':['ccc']}");
}

TEST_F(DynamodbService, MissingTablesAreToldAsAwsDoes) {
  EXPECT_EQ(ask("GetItem", "{'TableName':'none','Key':{'id':{'S':'a'}}}"),
            "ResourceNotFoundException: Requested resource not found");
  EXPECT_EQ(ask("DescribeTable", "{'TableName':'none'}"),
            "ResourceNotFoundException: Requested resource not found: Table: none not found");
  create("twice");
  EXPECT_THAT(
      ask("CreateTable",
          "{'TableName':'twice','BillingMode':'PAY_PER_REQUEST','AttributeDefinitions':[{'AttributeName':'id',"
          "'AttributeType':'S'}],'KeySchema':[{'AttributeName':'id','KeyType':'HASH'}]}"),
      "ResourceInUseException: Table already exists: twice");
}

TEST_F(DynamodbService, MembersAreCheckedAsAwsFrontEndDoes) {
  EXPECT_EQ(ask("GetItem", "{'Key':{'id':{'S':'a'}}}"), invalid +
                                                            "1 validation error detected: Value null at 'tableName' "
                                                            "failed to satisfy constraint: Member must not be null");
  EXPECT_EQ(ask("GetItem", "{}"), invalid +
                                      "2 validation errors detected: Value null at 'tableName' failed to satisfy "
                                      "constraint: Member must not be null; "
                                      "Value null at 'key' failed to satisfy constraint: Member must not be null");
  EXPECT_EQ(
      ask("GetItem", "{'TableName':'a b','Key':{}}"),
      invalid +
          "1 validation error detected: Value 'a b' at 'tableName' failed to satisfy constraint: Member must satisfy "
          "regular expression pattern: [a-zA-Z0-9_.-]+");
  EXPECT_EQ(
      ask("Scan", "{'TableName':'tab','Limit':0}"),
      invalid +
          "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value "
          "greater than or equal to 1");
  EXPECT_EQ(ask("Scan", "{'TableName':'tab','Select':'X'}"),
            invalid +
                "1 validation error detected: Value 'X' at 'select' failed to satisfy constraint: Member must "
                "satisfy enum value "
                "set: [SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES]");
  EXPECT_EQ(ask("GetItem", "{'TableName':5}"), "SerializationException: NUMBER_VALUE cannot be converted to String");
  EXPECT_EQ(ask("PutItem", "{'TableName':'tab','Item':{'id':{'S':'a'}},'ReturnValues':'ALL_NEW'}"),
            invalid + "ReturnValues can only be ALL_OLD or NONE");
}

TEST_F(DynamodbService, ExpressionParametersBelongTogether) {
  EXPECT_EQ(
      ask("PutItem", "{'TableName':'tab','Item':{},'ExpressionAttributeValues':{':a':{'S':''}}}"),
      invalid +
          "ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null");
  EXPECT_EQ(ask("UpdateItem", "{'TableName':'tab','Key':{},'ExpressionAttributeValues':{':a':{'S':''}}}"),
            invalid + "ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and "
                      "ConditionExpression are null");
  EXPECT_EQ(ask("GetItem", "{'TableName':'tab','Key':{},'ExpressionAttributeNames':{'#a':'a'}}"),
            invalid + "ExpressionAttributeNames can only be specified when using expressions");
  EXPECT_EQ(
      ask("UpdateItem",
          "{'TableName':'tab','Key':{},'UpdateExpression':'SET a = :a','ExpressionAttributeValues':{':a':{'S':''},"
          "':b':{'S':''}}}"),
      invalid + "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b}");
  EXPECT_EQ(
      ask("PutItem", "{'TableName':'tab','Item':{},'Expected':{},'ConditionExpression':'a = a'}"),
      invalid +
          "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
          "{Expected} Expression parameters: {ConditionExpression}");
  EXPECT_EQ(
      ask("Query", "{'TableName':'tab'}"),
      invalid + "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.");
  EXPECT_EQ(ask("Scan", "{'TableName':'tab','Segment':0}"),
            invalid +
                "The TotalSegments parameter is required but was not present in the request when Segment parameter "
                "is present");
  EXPECT_EQ(ask("Scan", "{'TableName':'tab','Segment':2,'TotalSegments':2}"),
            invalid +
                "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 2 is "
                "not less than "
                "TotalSegments: 2");
}

TEST_F(DynamodbService, NewTablesAreChecked) {
  const auto refusal = [&](const std::string& members) {
    return ask("CreateTable", "{'TableName':'new'," + members + "}").substr(invalid.size());
  };
  const std::string key = "'KeySchema':[{'AttributeName':'id','KeyType':'HASH'}]";
  const std::string attribute = "'AttributeDefinitions':[{'AttributeName':'id','AttributeType':'S'}]";
  EXPECT_THAT(refusal("'KeySchema':[]"),
              StartsWith("2 validation errors detected: Value null at 'attributeDefinitions'"));
  EXPECT_THAT(refusal("'AttributeDefinitions':[{'AttributeName':'id','AttributeType':'X'}]," + key),
              HasSubstr("Value 'X' at 'attributeDefinitions.1.member.attributeType' failed to satisfy constraint: "
                        "Member must satisfy "
                        "enum value set: [B, N, S]"));
  EXPECT_EQ(refusal(attribute + "," + key),
            "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be "
            "specified when "
            "BillingMode is PROVISIONED");
  EXPECT_EQ(refusal("'BillingMode':'PAY_PER_REQUEST'," + attribute +
                    ",'KeySchema':[{'AttributeName':'other','KeyType':'HASH'}]"),
            "One or more parameter values were invalid: Some index key attributes are not defined in "
            "AttributeDefinitions. Keys: "
            "[other], AttributeDefinitions: [id]");
  EXPECT_EQ(refusal("'BillingMode':'PAY_PER_REQUEST'," + attribute +
                    ",'KeySchema':[{'AttributeName':'id','KeyType':'RANGE'}]"),
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  EXPECT_THAT(ask("CreateTable", "{'TableName':'ab','BillingMode':'PAY_PER_REQUEST'," + attribute + "," + key + "}"),
              HasSubstr("Member must have length greater than or equal to 3"));
}

TEST_F(DynamodbService, BatchesAreLimited) {
  create("tab");
  std::string requests, keys;
  for (int i = 0; i < 101; ++i) {
    const std::string key = "{'id':{'S':'" + std::to_string(i) + "'}}";
    if (i < 26) requests += (i ? "," : "") + ("{'PutRequest':{'Item':" + key + "}}");
    keys += (i ? "," : "") + key;
  }
  const std::string too_many = ask("BatchWriteItem", "{'RequestItems':{'tab':[" + requests + "]}}");
  EXPECT_THAT(too_many, StartsWith(invalid + "1 validation error detected: Value '{tab=["));
  EXPECT_THAT(too_many, HasSubstr("' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: "
                                  "[Member must have length less than or equal to 25, Member must have length greater "
                                  "than or equal to 1]"));
  EXPECT_THAT(ask("BatchGetItem", "{'RequestItems':{'tab':{'Keys':[" + keys + "]}}}"),
              HasSubstr("Member must have length less than or equal to 100"));
  EXPECT_EQ(ask("BatchGetItem", "{'RequestItems':{}}"),
            invalid + "The requestItems parameter is required for BatchGetItem");
}

TEST_F(DynamodbService, SmallOperationsAnswer) {
  create("tab");
  EXPECT_EQ(ask("DescribeTimeToLive", "{'TableName':'tab'}"),
            "{'TimeToLiveDescription':{'TimeToLiveStatus':'DISABLED'}}");
  EXPECT_THAT(ask("DescribeLimits", "{}"), HasSubstr("'AccountMaxReadCapacityUnits':80000"));
  EXPECT_THAT(ask("DescribeEndpoints", "{}"), HasSubstr("dynamodb.us-east-1.amazonaws.com"));
  const std::string arn = "'ResourceArn':'arn:aws:dynamodb:us-east-1:000000000000:table/tab'";
  EXPECT_EQ(ask("TagResource", "{" + arn + ",'Tags':[{'Key':'a','Value':'1'},{'Key':'b','Value':'2'}]}"), "{}");
  EXPECT_EQ(ask("UntagResource", "{" + arn + ",'TagKeys':['a']}"), "{}");
  EXPECT_EQ(ask("ListTagsOfResource", "{" + arn + "}"), "{'Tags':[{'Key':'b','Value':'2'}]}");
}

}  // namespace croft::services::dynamodb
