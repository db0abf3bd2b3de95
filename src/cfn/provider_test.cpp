// What the providers say to the services, seen through whole deployments.
#include "cfn/provider.h"

#include <gmock/gmock.h>

#include "cfn/deployer_testing.h"

namespace croft::cfn {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;

// The input of the last call about the only thing of that kind.
json::object input_of(FakeApi& api, std::string_view kind) {
  for (const auto& [key, input] : api.inputs) {
    if (key.starts_with(std::string(kind) + " ")) return input;
  }
  return {};
}

void deploy(Deployment& croft, std::string_view body) {
  auto made = croft.wait(croft.deployer().create_stack(request("My-Stack", body)));
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_EQ(croft.status("My-Stack"), "CREATE_COMPLETE") << croft.events("My-Stack").at(2).reason;
}

void update(Deployment& croft, std::string_view body) {
  auto done = croft.wait(croft.deployer().update_stack(request("My-Stack", body)));
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_EQ(croft.status("My-Stack"), "UPDATE_COMPLETE");
}

TEST(Providers, SpellTopicRulesAsTheApiDoes) {
  Deployment croft;
  deploy(croft, R"(
Resources:
  Rule:
    Type: AWS::IoT::TopicRule
    Properties:
      TopicRulePayload:
        Sql: SELECT * FROM 'a'
        AwsIotSqlVersion: '2016-03-23'
        RuleDisabled: 'false'
        Actions:
          - DynamoDBv2: {RoleArn: r, PutItem: {TableName: t}}
          - DynamoDB: {RoleArn: r, TableName: t, HashKeyField: id, HashKeyValue: 5}
          - Republish: {RoleArn: r, Topic: b, Qos: '1'}
        ErrorAction: {Lambda: {FunctionArn: f}}
)");

  EXPECT_EQ(json::dump(input_of(croft.api(), "TopicRule").at("topicRulePayload")),
            R"({"sql":"SELECT * FROM 'a'","awsIotSqlVersion":"2016-03-23","ruleDisabled":false,"actions":[)"
            R"({"dynamoDBv2":{"roleArn":"r","putItem":{"tableName":"t"}}},)"
            R"({"dynamoDB":{"roleArn":"r","tableName":"t","hashKeyField":"id","hashKeyValue":"5"}},)"
            R"({"republish":{"roleArn":"r","topic":"b","qos":1}}],"errorAction":{"lambda":{"functionArn":"f"}}})");
  EXPECT_THAT(croft.stack("My-Stack").find_resource("Rule")->now.physical_id,
              MatchesRegex("My_Stack_Rule_[A-Z0-9]{12}"));
}

TEST(Providers, TakeNumbersAndBooleansFromParameters) {
  Deployment croft;
  deploy(croft, R"(
Parameters: {Seconds: {Type: Number, Default: 7}, Units: {Type: Number, Default: 3}}
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties: {Role: r, Runtime: python3.12, Handler: index.f, Code: {ZipFile: pass}, Timeout: !Ref Seconds}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      ProvisionedThroughput: {ReadCapacityUnits: !Ref Units, WriteCapacityUnits: 1}
      StreamSpecification: {StreamViewType: NEW_IMAGE}
)");

  EXPECT_EQ(input_of(croft.api(), "Function").at("Timeout"), 7);
  const json::object table = input_of(croft.api(), "Table");
  EXPECT_EQ(json::dump(table.at("ProvisionedThroughput")), R"({"ReadCapacityUnits":3,"WriteCapacityUnits":1})");
  EXPECT_EQ(json::dump(table.at("StreamSpecification")), R"({"StreamViewType":"NEW_IMAGE","StreamEnabled":true})");
  EXPECT_EQ(table.at("BillingMode"), "PROVISIONED");
}

TEST(Providers, ZipInlineCode) {
  Deployment croft;
  deploy(croft, R"(
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties: {Role: r, Runtime: python3.12, Handler: index.f, Code: {ZipFile: pass}, Tags: [{Key: k, Value: 1}]}
)");

  const json::object input = input_of(croft.api(), "Function");
  EXPECT_THAT(str(input.at("Code").at("ZipFile").as_string()), StartsWith("UEsDB"));  // "PK" and what follows
  EXPECT_EQ(json::dump(input.at("Tags")), R"({"k":"1"})");
}

TEST(Providers, ResetWhatAFunctionNoLongerSays) {
  Deployment croft;
  deploy(croft, R"(
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties: {Role: r, Code: {ZipFile: x}, Runtime: python3.12, Handler: h, MemorySize: 512, Environment: {Variables: {A: 1}}}
)");

  update(croft, R"(
Resources: {F: {Type: AWS::Lambda::Function, Properties: {Role: r, Code: {ZipFile: x}, Runtime: python3.12, Handler: h}}}
)");

  const json::object input = input_of(croft.api(), "UpdateFunctionConfiguration");
  EXPECT_EQ(input.at("MemorySize"), 128);
  EXPECT_EQ(json::dump(input.at("Environment")), R"({"Variables":{}})");
}

TEST(Providers, KeepARolesPoliciesAsTheTemplateHasThem) {
  Deployment croft;
  deploy(croft, R"(
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      ManagedPolicyArns: [arn:a, arn:b]
      Policies: [{PolicyName: one, PolicyDocument: {}}, {PolicyName: two, PolicyDocument: {}}]
)");
  croft.api().calls.clear();

  update(croft, R"(
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
      ManagedPolicyArns: [arn:b, arn:c]
      Policies: [{PolicyName: two, PolicyDocument: {}}, {PolicyName: three, PolicyDocument: {}}]
)");

  EXPECT_THAT(croft.api().calls, ElementsAre("PutRolePolicy three", "DeleteRolePolicy one",
                                             StartsWith("AttachRolePolicy My-Stack-Role-"),
                                             StartsWith("DetachRolePolicy My-Stack-Role-")));
}

TEST(Providers, PermitInvocationsUnderAnIdOfTheirOwn) {
  Deployment croft;
  deploy(croft, R"(
Resources:
  P:
    Type: AWS::Lambda::Permission
    Properties: {Action: 'lambda:InvokeFunction', FunctionName: f, Principal: iot.amazonaws.com, SourceArn: a}
)");

  const json::object input = input_of(croft.api(), "Permission");
  EXPECT_THAT(str(input.at("StatementId").as_string()), MatchesRegex("My-Stack-P-[A-Z0-9]{12}"));
  EXPECT_EQ(input.at("FunctionName"), "f");
}

TEST(Providers, SayWhatCroftDoesNotHave) {
  Deployment croft;
  auto made = croft.wait(croft.deployer().create_stack(request("My-Stack", R"(
Resources: {B: {Type: AWS::S3::Bucket, Properties: {WebsiteConfiguration: {IndexDocument: i}}}}
)")));
  ASSERT_TRUE(made);

  EXPECT_EQ(croft.status("My-Stack"), "ROLLBACK_COMPLETE");
  EXPECT_THAT(croft.api().existing, IsEmpty());
  std::string reasons;
  for (const StackEvent& event : croft.events("My-Stack")) reasons += event.reason + "\n";
  EXPECT_THAT(reasons, HasSubstr("AWS::S3::Bucket property WebsiteConfiguration is not supported by croft"));
}

TEST(Providers, HaveSchemasForEverythingTheyName) {
  const ProviderSet providers;
  for (std::string_view type : {"AWS::DynamoDB::Table", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::Role",
                                "AWS::IoT::Policy", "AWS::IoT::Thing", "AWS::IoT::TopicRule", "AWS::Lambda::Function",
                                "AWS::Lambda::Permission", "AWS::S3::Bucket", "AWS::S3::BucketPolicy",
                                "AWS::CloudFormation::WaitConditionHandle"}) {
    const ResourceProvider* provider = providers.find(type);
    ASSERT_NE(provider, nullptr) << type;
    const std::string_view name = provider->schema().name_property;
    EXPECT_TRUE(name.empty() || provider->schema().find_property(name)) << type;
  }
}

TEST(Validation, NamesWhatIsWrong) {
  const ResourceSchema schema = {.type = "T",
                                 .service = "S",
                                 .name_property = "",
                                 .name_rule = {},
                                 .properties = {{"N", Kind::integer, Replacement::no, true}, {"L", Kind::list}},
                                 .attributes = {}};
  const auto refused = [&](const json::object& properties) { return refusal(validated(schema, "X", properties)); };
  const std::string start = "Properties validation failed for resource X with message: ";

  EXPECT_EQ(refused({{"N", 1}, {"Foo", 1}}), start + "#: extraneous key [Foo] is not permitted");
  EXPECT_EQ(refused({{"L", json::array()}}), start + "#: required key [N] not found");
  EXPECT_EQ(refused({{"N", "many"}}), start + "#/N: expected type: Integer, found: String");
  EXPECT_EQ(refused({{"N", 1}, {"L", json::object()}}), start + "#/L: expected type: JSONArray, found: JSONObject");
  EXPECT_EQ(validated(schema, "X", {{"N", "12"}})->at("N"), 12);
}

TEST(PhysicalNames, FitTheirService) {
  const std::string random(16, '\0');
  EXPECT_EQ(physical_name({}, "stack", "Logical", random), "stack-Logical-AAAAAAAAAAAA");
  EXPECT_EQ(physical_name({.letters = NameRule::Letters::lower_case}, "Stack", "Logical", random),
            "stack-logical-aaaaaaaaaaaa");
  EXPECT_EQ(physical_name({.letters = NameRule::Letters::word}, "my-stack", "Logical", random),
            "my_stack_Logical_AAAAAAAAAAAA");
  const std::string cut = physical_name({.length_max = 64}, std::string(128, 's'), std::string(255, 'l'), random);
  EXPECT_EQ(cut, std::string(25, 's') + "-" + std::string(25, 'l') + "-AAAAAAAAAAAA");
}

}  // namespace
}  // namespace croft::cfn
