#include "cfn/sam.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cfn/artifacts.h"
#include "cfn/graph.h"
#include "cfn/testing.h"

namespace croft::cfn {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const std::string transform = "Transform: AWS::Serverless-2016-10-31\n";
const std::string base = "Runtime: python3.12, Handler: a.b, CodeUri: s3://b/k";

json::object expanded(const std::string& yaml) {
  auto processed = expand_sam(document(transform + yaml), Instance());
  EXPECT_TRUE(processed) << refusal(processed);
  return processed ? *processed : json::object();
}

std::string refused(const std::string& yaml) {
  return refusal(expand_sam(document(transform + yaml), Instance()));
}

// A template with the one function F of these properties.
std::string function(const std::string& properties) {
  return "Resources: {F: {Type: AWS::Serverless::Function, Properties: {" + properties + "}}}\n";
}

std::string dumped(const json::object& d, std::string_view id) {
  return json::dump(d.at("Resources").at(boost::json::string_view(id.data(), id.size())));
}

std::string property(const json::object& d, std::string_view id, std::string_view name) {
  const json::value* v = json::find(d.at("Resources").as_object(), id);
  const json::value* properties = v ? json::find(v->as_object(), "Properties") : nullptr;
  const json::value* found = properties ? json::find(properties->as_object(), name) : nullptr;
  return found ? json::dump(*found) : "(absent)";
}

std::vector<std::string> ids(const json::object& d) {
  std::vector<std::string> found;
  for (const auto& [id, v] : d.at("Resources").as_object()) found.emplace_back(id.data(), id.size());
  return found;
}

// The article's template as `package` leaves it.
json::object packaged_article() {
  json::object d = document(article_file("sam.yml"));
  for (const Artifact& artifact : local_artifacts(d)) set_artifact(d, artifact, {.bucket = "b", .key = "k"});
  auto processed = expand_sam(d, Instance());
  EXPECT_TRUE(processed) << refusal(processed);
  return processed ? *processed : json::object();
}

TEST(Sam, ExpandsTheArticlesTemplate) {
  const json::object d = packaged_article();

  EXPECT_THAT(ids(d), ElementsAre("ConnectedTable", "LambdaExecuteRole", "UpdateConnected",
                                  "UpdateConnectedIoTPermission", "UpdateConnectedIoT", "UpdateDisconnected",
                                  "UpdateDisconnectedIoTPermission", "UpdateDisconnectedIoT"));
  EXPECT_EQ(dumped(d, "UpdateConnected"),
            R"({"Type":"AWS::Lambda::Function","Properties":{"Code":{"S3Bucket":"b","S3Key":"k"},)"
            R"("Role":{"Fn::GetAtt":["LambdaExecuteRole","Arn"]},"Handler":"handler.handler","Runtime":"python3.7",)"
            R"("Timeout":10,"Environment":{"Variables":{"CONNECTED_TBL":{"Ref":"ConnectedTable"}}},)"
            R"("Tags":[{"Key":"lambda:createdBy","Value":"SAM"}]}})");
  EXPECT_EQ(dumped(d, "UpdateConnectedIoT"),
            R"({"Type":"AWS::IoT::TopicRule","Properties":{"TopicRulePayload":{)"
            R"("Sql":"SELECT\n  *\nFROM\n  '$aws/events/presence/connected/#'","RuleDisabled":false,)"
            R"("Actions":[{"Lambda":{"FunctionArn":{"Fn::GetAtt":["UpdateConnected","Arn"]}}}],)"
            R"("AwsIotSqlVersion":"2016-03-23"}}})");
  EXPECT_EQ(dumped(d, "UpdateDisconnectedIoTPermission"),
            R"({"Type":"AWS::Lambda::Permission","Properties":{"Action":"lambda:InvokeFunction",)"
            R"("FunctionName":{"Ref":"UpdateDisconnected"},"Principal":"iot.amazonaws.com",)"
            R"("SourceAccount":{"Fn::Sub":"${AWS::AccountId}"},)"
            R"("SourceArn":{"Fn::Sub":["arn:aws:iot:${AWS::Region}:${AWS::AccountId}:rule/${RuleName}",)"
            R"({"RuleName":{"Ref":"UpdateDisconnectedIoT"}}]}}})");
}

TEST(Sam, LeavesTheArticlesTemplateDeployable) {
  auto t = parse_template(packaged_article());

  ASSERT_TRUE(t) << refusal(t);
  EXPECT_EQ(refusal(check_references(*t)), "(not refused)");
  EXPECT_THAT(required_capabilities(*t), ElementsAre("CAPABILITY_IAM"));
  auto graph = dependency_graph(*t, {});
  ASSERT_TRUE(graph);
  EXPECT_THAT(graph->levels,
              ElementsAre(ElementsAre("ConnectedTable", "LambdaExecuteRole"),
                          ElementsAre("UpdateConnected", "UpdateDisconnected"),
                          ElementsAre("UpdateConnectedIoT", "UpdateDisconnectedIoT"),
                          ElementsAre("UpdateConnectedIoTPermission", "UpdateDisconnectedIoTPermission")));
}

TEST(Sam, LeavesOtherTemplatesAlone) {
  const json::object d = document("Resources: {A: {Type: AWS::Serverless::Function}}\n");

  EXPECT_FALSE(wants_sam(d));
  EXPECT_EQ(*expand_sam(d, Instance()), d);
  EXPECT_TRUE(wants_sam(document("Transform: [AWS::Serverless-2016-10-31]\n")));
}

TEST(Sam, DropsTransformAndGlobals) {
  const json::object d = expanded("Description: d\nGlobals: {Function: {Timeout: 3}}\n" + function(base));

  EXPECT_FALSE(d.contains("Transform"));
  EXPECT_FALSE(d.contains("Globals"));
  EXPECT_TRUE(d.contains("Description"));
}

TEST(Sam, MergesGlobalsMapByMapAndListAfterList) {
  const json::object d = expanded(
      "Globals: {Function: {Timeout: 3, MemorySize: 128, Layers: [g], Tags: {a: 1, b: 2},"
      " Environment: {Variables: {A: g, B: g}}}}\n" +
      function(base +
               ", Timeout: 9, Layers: [l], Tags: {b: 3}, Environment: {Variables: {B: l, C: !Ref 'AWS::Region'}}"));

  EXPECT_EQ(property(d, "F", "Timeout"), "9");
  EXPECT_EQ(property(d, "F", "MemorySize"), "128");
  EXPECT_EQ(property(d, "F", "Layers"), R"(["g","l"])");
  EXPECT_EQ(property(d, "F", "Environment"), R"({"Variables":{"A":"g","B":"l","C":{"Ref":"AWS::Region"}}})");
  EXPECT_EQ(property(d, "F", "Tags"),
            R"([{"Key":"lambda:createdBy","Value":"SAM"},{"Key":"a","Value":1},{"Key":"b","Value":3}])");
}

TEST(Sam, ReplacesAGlobalThatMeetsAnIntrinsic) {
  const json::object d = expanded("Globals: {Function: {Environment: {Variables: {A: g}}}}\n" +
                                  function(base + ", Environment: !If [C, a, b]"));

  EXPECT_EQ(property(d, "F", "Environment"), R"({"Fn::If":["C","a","b"]})");
}

TEST(Sam, HonoursIgnoreGlobals) {
  const json::object d = expanded(
      "Globals: {Function: {Timeout: 3, MemorySize: 128}}\n"
      "Resources:\n"
      "  F: {Type: AWS::Serverless::Function, IgnoreGlobals: [Timeout], Properties: {" +
      base +
      "}}\n"
      "  G: {Type: AWS::Serverless::Function, IgnoreGlobals: '*', Properties: {" +
      base + "}}\n");

  EXPECT_EQ(property(d, "F", "Timeout"), "(absent)");
  EXPECT_EQ(property(d, "F", "MemorySize"), "128");
  EXPECT_EQ(property(d, "G", "MemorySize"), "(absent)");
  EXPECT_FALSE(d.at("Resources").at("F").as_object().contains("IgnoreGlobals"));
}

TEST(Sam, MakesARoleForAFunctionWithoutOne) {
  const json::object d = expanded(function(base));

  EXPECT_THAT(ids(d), ElementsAre("F", "FRole"));
  EXPECT_EQ(property(d, "F", "Role"), R"({"Fn::GetAtt":["FRole","Arn"]})");
  EXPECT_EQ(dumped(d, "FRole"),
            R"({"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{"Version":"2012-10-17",)"
            R"("Statement":[{"Action":["sts:AssumeRole"],"Effect":"Allow",)"
            R"("Principal":{"Service":["lambda.amazonaws.com"]}}]},)"
            R"("ManagedPolicyArns":["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],)"
            R"("Tags":[{"Key":"lambda:createdBy","Value":"SAM"}]}})");
}

TEST(Sam, SortsPoliciesIntoManagedAndInline) {
  const json::object d =
      expanded(function(
          base + ", Policies: [AmazonDynamoDBFullAccess, 'arn:p', !Ref P, {Statement: [s]},"
                 " {LambdaInvokePolicy: {FunctionName: !Ref G}}, !If [C, {Statement: [t]}, !Ref 'AWS::NoValue']]"));

  EXPECT_THAT(property(d, "FRole", "ManagedPolicyArns"),
              EndsWith(R"("arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess","arn:p",{"Ref":"P"}])"));
  EXPECT_EQ(property(d, "FRole", "Policies"),
            R"([{"PolicyName":"FRolePolicy3","PolicyDocument":{"Statement":["s"]}},)"
            R"({"PolicyName":"FRolePolicy4","PolicyDocument":{"Statement":[{"Action":["lambda:InvokeFunction"],)"
            R"("Effect":"Allow","Resource":{"Fn::Sub":[)"
            R"("arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${functionName}*",)"
            R"({"functionName":{"Ref":"G"}}]}}]}},)"
            R"({"Fn::If":["C",{"PolicyName":"FRolePolicy5","PolicyDocument":{"Statement":["t"]}},)"
            R"({"Ref":"AWS::NoValue"}]}])");
}

TEST(Sam, NamesAManagedPolicyOnce) {
  const json::object d = expanded(function(base + ", Policies: AWSLambdaBasicExecutionRole"));

  EXPECT_EQ(property(d, "FRole", "ManagedPolicyArns"),
            R"(["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"])");
}

TEST(Sam, ReadsEveryFormOfCode) {
  EXPECT_EQ(property(expanded(function("Runtime: r, Handler: h, CodeUri: 's3://b/k/2?versionId=7'")), "F", "Code"),
            R"({"S3Bucket":"b","S3Key":"k/2","S3ObjectVersion":"7"})");
  EXPECT_EQ(property(expanded(function("Runtime: r, Handler: h, CodeUri: {Bucket: b, Key: !Ref K, Version: v}")), "F",
                     "Code"),
            R"({"S3Bucket":"b","S3Key":{"Ref":"K"},"S3ObjectVersion":"v"})");
  EXPECT_EQ(property(expanded(function("Runtime: r, Handler: h, InlineCode: 'x=1'")), "F", "Code"),
            R"({"ZipFile":"x=1"})");
  EXPECT_EQ(property(expanded(function("Runtime: r, Handler: h, CodeUri: ./src")), "F", "Code"), R"("./src")");
}

TEST(Sam, PassesAttributesOnToWhatItGenerates) {
  const json::object d = expanded(
      "Resources:\n"
      "  F:\n"
      "    Type: AWS::Serverless::Function\n"
      "    Condition: C\n"
      "    DependsOn: X\n"
      "    DeletionPolicy: Retain\n"
      "    Properties: {" +
      base + ", Events: {E: {Type: IoTRule, Properties: {Sql: s}}}}\n");

  EXPECT_THAT(ids(d), ElementsAre("F", "FRole", "FEPermission", "FE"));
  EXPECT_THAT(dumped(d, "F"), HasSubstr(R"("Condition":"C","DeletionPolicy":"Retain","DependsOn":"X")"));
  EXPECT_THAT(dumped(d, "FE"),
              StartsWith(R"({"Type":"AWS::IoT::TopicRule","Condition":"C","DeletionPolicy":"Retain","Pro)"));
  EXPECT_THAT(dumped(d, "FEPermission"), HasSubstr(R"("Condition":"C")"));
}

TEST(Sam, AddsWhatDeadLetterQueuesAndTracingNeed) {
  const json::object d =
      expanded(function(base + ", Tracing: Active, DeadLetterQueue: {Type: SQS, TargetArn: !GetAtt Q.Arn}"));

  EXPECT_EQ(property(d, "F", "TracingConfig"), R"({"Mode":"Active"})");
  EXPECT_EQ(property(d, "F", "DeadLetterConfig"), R"({"TargetArn":{"Fn::GetAtt":["Q","Arn"]}})");
  EXPECT_THAT(property(d, "FRole", "ManagedPolicyArns"), HasSubstr("AWSXrayWriteOnlyAccess"));
  EXPECT_THAT(property(d, "FRole", "Policies"), HasSubstr(R"("PolicyName":"DeadLetterQueuePolicy")"));
}

TEST(Sam, MakesTablesOfSimpleTables) {
  const json::object d = expanded(
      "Resources:\n"
      "  T: {Type: AWS::Serverless::SimpleTable}\n"
      "  U: {Type: AWS::Serverless::SimpleTable, Properties: {PrimaryKey: {Name: n, Type: Number}, TableName: t,"
      " Tags: {a: b}, ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 2}}}\n");

  EXPECT_EQ(dumped(d, "T"),
            R"({"Type":"AWS::DynamoDB::Table","Properties":{"AttributeDefinitions":[{"AttributeName":"id",)"
            R"("AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],)"
            R"("BillingMode":"PAY_PER_REQUEST"}})");
  EXPECT_EQ(property(d, "U", "AttributeDefinitions"), R"([{"AttributeName":"n","AttributeType":"N"}])");
  EXPECT_EQ(property(d, "U", "BillingMode"), "(absent)");
  EXPECT_EQ(property(d, "U", "Tags"), R"([{"Key":"a","Value":"b"}])");
}

TEST(Sam, ListsEveryBrokenResource) {
  EXPECT_EQ(
      refused("Resources:\n"
              "  A: {Type: AWS::Serverless::Function, Properties: {Handler: a.b}}\n"
              "  B: {Type: AWS::Serverless::SimpleTable, Properties: {PrimaryKey: {Name: a}}}\n"),
      "Invalid Serverless Application Specification document. Number of errors found: 2. Resource with id [A] is "
      "invalid. Runtime and Handler needs to be present when PackageType is of type `Zip` Resource with id [B] is "
      "invalid. Property 'PrimaryKey.Type' is required.");
}

TEST(Sam, RefusesWhatItDoesNotKnowByName) {
  EXPECT_THAT(
      refused("Resources: {A: {Type: AWS::Serverless::Api}}\n"),
      HasSubstr("Resource with id [A] is invalid. Resources of type AWS::Serverless::Api are not supported."));
  EXPECT_THAT(
      refused(function(base + ", Events: {E: {Type: Api, Properties: {}}}")),
      HasSubstr("Resource with id [F] is invalid. Event with id [E] is invalid. Event type Api is not supported."));
  EXPECT_THAT(refused(function(base + ", Events: {E: {Type: Foo}}")), HasSubstr("Event Type is: Foo."));
  EXPECT_THAT(refused(function(base + ", AutoPublishAlias: live")),
              HasSubstr("Property 'AutoPublishAlias' is not supported."));
  EXPECT_THAT(refused(function(base + ", Foo: 1")),
              HasSubstr("property Foo not defined for resource of type AWS::Serverless::Function"));
  EXPECT_THAT(refused("Globals: {Function: {Foo: 1}}\n" + function(base)),
              HasSubstr("'Globals' section is invalid. 'Foo' is not a supported property of 'Function'."));
  EXPECT_THAT(refused("Globals: {Foo: {}}\n" + function(base)), HasSubstr("'Foo' is not supported. Must be one of"));
}

TEST(Sam, RefusesMalformedParts) {
  EXPECT_THAT(refused(function(base + ", Events: {E: {Type: IoTRule}}")),
              HasSubstr("Resource with id [FE] is invalid. Missing required property 'Sql'."));
  EXPECT_THAT(refused(function(base + ", Events: {E: {Type: IoTRule, Properties: {Sql: s, Topic: t}}}")),
              HasSubstr("Resource with id [FE] is invalid. property Topic not defined for resource of type IoTRule"));
  EXPECT_THAT(refused(function(base + ", Environment: 5")), HasSubstr("Type of property 'Environment' is invalid."));
  EXPECT_THAT(refused(function(base + ", Policies: [{Foo: 1}]")), HasSubstr("Policy at index 0 in the 'Policies'"));
  EXPECT_THAT(refused(function(base + ", Policies: [{DynamoDBCrudPolicy: {Foo: x}}]")),
              HasSubstr("parameters of template 'DynamoDBCrudPolicy' don't have values: ['TableName']"));
  EXPECT_THAT(refused(function("Runtime: r, Handler: h")),
              HasSubstr("Only one of 'InlineCode' or 'CodeUri' can be set."));
  EXPECT_THAT(refused(function("Runtime: r, Handler: h, CodeUri: s3://b")),
              HasSubstr("'CodeUri' is not a valid S3 Uri"));
  EXPECT_THAT(refused(function("Runtime: r, Handler: h, CodeUri: {Bucket: b}")),
              HasSubstr("requires Bucket and Key"));
  EXPECT_THAT(refused(function(base + ", Role: !If [C, r, !Ref 'AWS::NoValue']")), HasSubstr("AWS::NoValue"));
}

TEST(Sam, RefusesAGeneratedNameThatIsTaken) {
  EXPECT_THAT(
      refused("Resources: {FRole: {Type: AWS::SNS::Topic}, F: {Type: AWS::Serverless::Function, Properties: {" +
              base + "}}}\n"),
      HasSubstr("Transforming resource with id [F] attempts to create a new resource with id [FRole] and type "
                "\"AWS::IAM::Role\"."));
  EXPECT_THAT(refused(function(base + ", Events: {a-b: {Type: IoTRule, Properties: {Sql: s}}}")),
              HasSubstr("Resource with id [Fa-b] is invalid. Logical ids must be alphanumeric."));
}

}  // namespace
}  // namespace croft::cfn
