#include "cfn/deployer.h"

#include <gmock/gmock.h>

#include "cfn/deployer_testing.h"

namespace croft::cfn {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;

TEST(Deployer, CreatesInTheOrderOfNeed) {
  Deployment croft;

  auto id = croft.wait(croft.deployer().create_stack(request("s", three)));

  ASSERT_TRUE(id) << id.error().message;
  EXPECT_THAT(*id, MatchesRegex("arn:aws:cloudformation:eu-west-1:000000000000:stack/s/[0-9a-f-]+"));
  EXPECT_EQ(croft.status("s"), "CREATE_COMPLETE");
  EXPECT_THAT(croft.api().calls,
              ElementsAre(StartsWith("CreateRole s-Role-"), "PutRolePolicy inline", StartsWith("CreateTable s-Table-"),
                          StartsWith("CreateFunction s-Function-")));
}

TEST(Deployer, TellsEveryStepInItsEvents) {
  Deployment croft;
  croft.wait(croft.deployer().create_stack(request("s", three))).value();

  EXPECT_THAT(croft.told("s"),
              ElementsAre("s CREATE_IN_PROGRESS", "Role CREATE_IN_PROGRESS", "Role CREATE_IN_PROGRESS",
                          "Role CREATE_COMPLETE", "Table CREATE_IN_PROGRESS", "Table CREATE_IN_PROGRESS",
                          "Table CREATE_COMPLETE", "Function CREATE_IN_PROGRESS", "Function CREATE_IN_PROGRESS",
                          "Function CREATE_COMPLETE", "s CREATE_COMPLETE"));
  const StackEvent newest = croft.events("s").front();
  EXPECT_EQ(newest.type, "AWS::CloudFormation::Stack");
  EXPECT_EQ(newest.physical_id, croft.stack("s").id);
}

TEST(Deployer, ResolvesPropertiesAndOutputs) {
  Deployment croft;
  croft.wait(croft.deployer().create_stack(request("s", three))).value();

  const Stack stack = croft.stack("s");
  const std::string table = stack.find_resource("Table")->now.physical_id;
  EXPECT_THAT(table, MatchesRegex("s-Table-[A-Z0-9]{12}"));
  ASSERT_EQ(stack.outputs.size(), 2u);
  EXPECT_EQ(stack.outputs[0].value, table);
  EXPECT_EQ(stack.outputs[1].value, "arn:function:" + stack.find_resource("Function")->now.physical_id);
  const json::object input = croft.api().inputs["Function " + stack.find_resource("Function")->now.physical_id];
  EXPECT_EQ(json::dump(input.at("Environment")), R"({"Variables":{"TABLE":")" + table + R"(","SIZE":"5"}})");
  EXPECT_EQ(str(input.at("Role").as_string()), "arn:role/" + stack.find_resource("Role")->now.physical_id);
}

TEST(Deployer, RollsBackACreationThatFailsAtAnyCall) {
  for (int n = 1; n <= 4; ++n) {
    Deployment croft;
    croft.api().troubled_change = n;
    croft.api().trouble = FakeApi::Trouble::fail;

    croft.wait(croft.deployer().create_stack(request("s", three))).value();

    EXPECT_EQ(croft.status("s"), "ROLLBACK_COMPLETE") << n;
    EXPECT_THAT(croft.api().existing, IsEmpty()) << n;
  }
}

TEST(Deployer, TellsWhyACreationFailed) {
  Deployment croft;
  croft.api().failing = {"CreateFunction"};
  croft.wait(croft.deployer().create_stack(request("s", three))).value();

  const std::vector<StackEvent> events = croft.events("s");
  auto failed = std::find_if(events.begin(), events.end(), [](auto& e) { return e.status == "CREATE_FAILED"; });
  ASSERT_NE(failed, events.end());
  EXPECT_THAT(failed->reason, StartsWith("Resource handler returned message: \"told to fail (Service: Lambda, "
                                         "Status Code: 500, Request ID: "));
  auto rollback = std::find_if(events.begin(), events.end(), [](auto& e) { return e.status == "ROLLBACK_IN_PROGRESS"; });
  EXPECT_EQ(rollback->reason,
            "The following resource(s) failed to create: [Function]. Rollback requested by user.");
}

TEST(Deployer, RemovesInTheReverseOrder) {
  Deployment croft;
  croft.wait(croft.deployer().create_stack(request("s", three))).value();
  croft.api().calls.clear();

  croft.wait(croft.deployer().delete_stack("s", {}, "")).value();

  EXPECT_EQ(croft.status("s"), "gone");
  EXPECT_THAT(croft.api().existing, IsEmpty());
  EXPECT_THAT(croft.api().calls, ElementsAre(StartsWith("DeleteFunction"), StartsWith("DeleteTable"),
                                             "DeleteRolePolicy inline", StartsWith("DeleteRole s-Role-")));
}

TEST(Deployer, LeavesAResourceAloneThatWasThereBefore) {
  constexpr std::string_view named = R"(
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties: {TableName: orders, KeySchema: [{AttributeName: id, KeyType: HASH}]}
)";
  Deployment croft;
  croft.api().existing = {"Table orders"};

  croft.wait(croft.deployer().create_stack(request("s", named))).value();

  EXPECT_EQ(croft.status("s"), "ROLLBACK_COMPLETE");
  EXPECT_THAT(croft.api().existing, ElementsAre("Table orders"));
  std::vector<std::string> reasons;
  for (const StackEvent& event : croft.events("s")) reasons.push_back(event.reason);
  EXPECT_THAT(reasons, Contains(StartsWith("Resource of type 'AWS::DynamoDB::Table' with identifier 'orders' already "
                                           "exists.")));
}

TEST(Deployer, KeepsWhatFailedWhenAskedTo) {
  Deployment croft;
  croft.api().failing = {"CreateFunction"};
  StackRequest kept = request("s", three);
  kept.on_failure = OnFailure::keep;
  croft.wait(croft.deployer().create_stack(kept)).value();
  EXPECT_EQ(croft.status("s"), "CREATE_FAILED");
  EXPECT_THAT(kinds(croft.api()), ElementsAre("Role", "RolePolicy", "Table"));

  croft.api().failing.clear();
  croft.wait(croft.deployer().update_stack(request("s", three))).value();

  EXPECT_EQ(croft.status("s"), "UPDATE_COMPLETE");
  EXPECT_THAT(kinds(croft.api()), ElementsAre("Function", "Role", "RolePolicy", "Table"));
}

TEST(Deployer, RetainsWhatItsPolicySays) {
  constexpr std::string_view retained = R"(
Resources:
  Kept: {Type: AWS::S3::Bucket, DeletionPolicy: Retain}
  Gone: {Type: AWS::S3::Bucket}
)";
  Deployment croft;
  croft.wait(croft.deployer().create_stack(request("s", retained))).value();
  const std::string id = croft.stack("s").id;

  croft.wait(croft.deployer().delete_stack("s", {}, "")).value();

  EXPECT_THAT(croft.api().existing, ElementsAre(MatchesRegex("Bucket s-kept-[a-z0-9]{12}")));
  EXPECT_THAT(croft.told(id), Contains("Kept DELETE_SKIPPED"));
  EXPECT_EQ(croft.status(id), "DELETE_COMPLETE");
}

TEST(Deployer, HoldsWhatARemainingResourceNeeds) {
  Deployment croft;
  croft.wait(croft.deployer().create_stack(request("s", three))).value();
  croft.api().failing = {"DeleteFunction"};

  croft.wait(croft.deployer().delete_stack("s", {}, "")).value();

  EXPECT_EQ(croft.status("s"), "DELETE_FAILED");
  EXPECT_EQ(croft.stack("s").status_reason, "The following resource(s) failed to delete: [Function].");
  EXPECT_THAT(kinds(croft.api()), ElementsAre("Function", "Role", "RolePolicy", "Table"));

  croft.wait(croft.deployer().delete_stack("s", {"Function"}, "")).value();

  EXPECT_EQ(croft.status("s"), "gone");
  EXPECT_THAT(kinds(croft.api()), ElementsAre("Function"));
}

TEST(Deployer, UpdatesInPlaceReplacesAndRemoves) {
  Deployment croft;
  croft.wait(croft.deployer().create_stack(request("s", three))).value();
  const std::string old_table = croft.stack("s").find_resource("Table")->now.physical_id;
  const std::string function = croft.stack("s").find_resource("Function")->now.physical_id;
  croft.api().calls.clear();

  croft.wait(croft.deployer().update_stack(request("s", three_changed))).value();

  EXPECT_EQ(croft.status("s"), "UPDATE_COMPLETE");
  EXPECT_THAT(croft.api().calls,
              ElementsAre("DeleteRolePolicy inline", StartsWith("CreateTable s-Table-"), "UpdateFunctionCode " + function,
                          "UpdateFunctionConfiguration " + function, StartsWith("CreateTopicRule s_Rule_"),
                          "DeleteTable " + old_table));
  EXPECT_THAT(croft.stack("s").outputs, IsEmpty());
  EXPECT_THAT(croft.told("s"), Contains("Table DELETE_COMPLETE"));
  const Made rule = croft.stack("s").find_resource("Rule")->now;
  EXPECT_EQ(str(rule.attributes.at("Arn").as_string()), "arn:aws:iot:eu-west-1:000000000000:rule/" + rule.physical_id);
}

TEST(Deployer, RemovesWhatTheTemplateNoLongerHas) {
  Deployment croft;
  croft.wait(croft.deployer().create_stack(request("s", three_changed))).value();

  croft.wait(croft.deployer().update_stack(request("s", "Resources: {Only: {Type: AWS::S3::Bucket}}\n"))).value();

  EXPECT_EQ(croft.status("s"), "UPDATE_COMPLETE");
  EXPECT_THAT(kinds(croft.api()), ElementsAre("Bucket"));
  EXPECT_EQ(croft.stack("s").resources.size(), 1u);
}

TEST(Deployer, GoesBackWhenAnUpdateFailsAtAnyCall) {
  for (int n = 1; n <= 5; ++n) {
    Deployment croft;
    croft.wait(croft.deployer().create_stack(request("s", three))).value();
    const std::set<std::string> before = croft.api().existing;
    const std::string table = croft.stack("s").find_resource("Table")->now.physical_id;
    const std::string configuration =
        "UpdateFunctionConfiguration " + croft.stack("s").find_resource("Function")->now.physical_id;
    croft.api().troubled_change = croft.api().changes() + n;
    croft.api().trouble = FakeApi::Trouble::fail;

    croft.wait(croft.deployer().update_stack(request("s", three_changed))).value();

    EXPECT_EQ(croft.status("s"), "UPDATE_ROLLBACK_COMPLETE") << n;
    EXPECT_EQ(croft.api().existing, before) << n;
    EXPECT_EQ(croft.stack("s").find_resource("Table")->now.physical_id, table) << n;
    EXPECT_EQ(croft.stack("s").find_resource("Rule"), nullptr) << n;
    EXPECT_EQ(croft.stack("s").outputs.size(), 2u) << n;
    if (n >= 4) {
      EXPECT_EQ(croft.api().inputs[configuration].at("Timeout"), 3) << n;
    }
    EXPECT_EQ(croft.wait(croft.deployer().update_stack(request("s", three))).error().message,
              "No updates are to be performed.");
  }
}

TEST(Deployer, RefusesToReplaceWhatTheTemplateNames) {
  constexpr std::string_view named = R"(
Parameters: {Key: {Type: String}}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties: {TableName: orders, KeySchema: [{AttributeName: !Ref Key, KeyType: HASH}]}
)";
  Deployment croft;
  StackRequest first = request("s", named);
  first.parameters = {{.key = "Key", .value = "a"}};
  croft.wait(croft.deployer().create_stack(first)).value();

  first.parameters = {{.key = "Key", .value = "b"}};
  croft.wait(croft.deployer().update_stack(first)).value();

  EXPECT_EQ(croft.status("s"), "UPDATE_ROLLBACK_COMPLETE");
  EXPECT_THAT(croft.api().existing, ElementsAre("Table orders"));
  std::vector<std::string> reasons;
  for (const StackEvent& event : croft.events("s")) reasons.push_back(event.reason);
  EXPECT_THAT(reasons, Contains("CloudFormation cannot update a stack when a custom-named resource requires "
                                "replacing. Rename orders and update the stack again."));
  EXPECT_EQ(croft.stack("s").shown_parameters[0].value, "a");
}

TEST(Deployer, RefusesUnknownPropertiesWhenTheResourceIsMade) {
  Deployment croft;
  croft.wait(croft.deployer().create_stack(request("s", "Resources: {B: {Type: AWS::S3::Bucket, Properties: {Foo: 1}}}\n")))
      .value();

  EXPECT_EQ(croft.status("s"), "ROLLBACK_COMPLETE");
  std::vector<std::string> reasons;
  for (const StackEvent& event : croft.events("s")) reasons.push_back(event.reason);
  EXPECT_THAT(reasons, Contains("Properties validation failed for resource B with message: #: extraneous key [Foo] is "
                                "not permitted"));
}

TEST(Deployer, RefusesBeforeAnythingIsMade) {
  Deployment croft;
  const auto refusal_of = [&](std::string_view body) {
    return refusal(croft.wait(croft.deployer().create_stack(request("s", body))));
  };

  EXPECT_EQ(refusal_of("Resources: {A: {Type: AWS::Logs::LogGroup}}\n"),
            "Template format error: Unrecognized resource types: [AWS::Logs::LogGroup]");
  EXPECT_EQ(refusal_of("Resources: {A: {Type: AWS::S3::Bucket}, B: {Type: AWS::S3::Bucket, Properties: {BucketName: "
                       "!GetAtt A.Nothing}}}\n"),
            "Template error: resource A does not support attribute type Nothing in Fn::GetAtt");
  EXPECT_EQ(refusal_of("Resources: {A: {Type: AWS::S3::Bucket, Properties: {BucketName: !ImportValue x}}}\n"),
            "No export named x found");
  EXPECT_EQ(refusal(croft.wait(croft.deployer().create_stack(request("s_1", three)))),
            "1 validation error detected: Value 's_1' at 'stackName' failed to satisfy constraint: Member must satisfy "
            "regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*");
  EXPECT_EQ(croft.status("s"), "gone");
}

TEST(Deployer, AsksForCapabilities) {
  Deployment croft;
  StackRequest bare = request("s", three);
  bare.capabilities = {};

  auto refused = croft.wait(croft.deployer().create_stack(bare));

  EXPECT_EQ(refused.error().code, "InsufficientCapabilitiesException");
  EXPECT_EQ(refused.error().message, "Requires capabilities : [CAPABILITY_IAM]");
}

TEST(Deployer, RefusesASecondStackOfTheName) {
  Deployment croft;
  croft.wait(croft.deployer().create_stack(request("s", three))).value();

  auto refused = croft.wait(croft.deployer().create_stack(request("s", three)));

  EXPECT_EQ(refused.error().code, "AlreadyExistsException");
  EXPECT_EQ(refused.error().message, "Stack [s] already exists");
}

TEST(Deployer, RefusesToUpdateWhatWasRolledBack) {
  Deployment croft;
  croft.api().failing = {"CreateTable"};
  croft.wait(croft.deployer().create_stack(request("s", three))).value();

  EXPECT_THAT(refusal(croft.wait(croft.deployer().update_stack(request("s", three)))),
              AllOf(StartsWith("Stack:arn:"), EndsWith(" is in ROLLBACK_COMPLETE state and can not be updated.")));
  EXPECT_EQ(refusal(croft.wait(croft.deployer().update_stack(request("t", three)))), "Stack [t] does not exist");
}

TEST(Deployer, KeepsValuesOfParametersWhenAskedTo) {
  constexpr std::string_view body = R"(
Parameters: {A: {Type: String, Default: x}, B: {Type: String, NoEcho: true}}
Resources: {Bucket: {Type: AWS::S3::Bucket, Properties: {Tags: [{Key: k, Value: !Sub '${A}${B}'}]}}}
)";
  Deployment croft;
  StackRequest first = request("s", body);
  first.parameters = {{.key = "B", .value = "1"}};
  croft.wait(croft.deployer().create_stack(first)).value();

  StackRequest second = request("s", "");
  second.choice = {.use_previous = true};
  second.parameters = {{.key = "A", .value = "y"}, {.key = "B", .use_previous = true}};
  croft.wait(croft.deployer().update_stack(second)).value();

  const Stack stack = croft.stack("s");
  EXPECT_EQ(json::dump(stack.find_resource("Bucket")->now.properties), R"({"Tags":[{"Key":"k","Value":"y1"}]})");
  EXPECT_EQ(stack.shown_parameters[1].value, "****");
}

TEST(Deployer, ExportsAndImports) {
  constexpr std::string_view exporting = R"(
Resources: {Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: shared}}}
Outputs: {Out: {Value: !Ref Bucket, Export: {Name: the-bucket}}}
)";
  constexpr std::string_view importing = R"(
Resources: {P: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !ImportValue the-bucket, PolicyDocument: {}}}}
)";
  Deployment croft;
  croft.wait(croft.deployer().create_stack(request("from", exporting))).value();
  croft.wait(croft.deployer().create_stack(request("to", importing))).value();
  EXPECT_EQ(croft.stack("to").find_resource("P")->now.physical_id, "shared");

  croft.wait(croft.deployer().delete_stack("from", {}, "")).value();
  EXPECT_EQ(croft.stack("from").status_reason, "Export the-bucket cannot be deleted as it is in use by to");

  croft.wait(croft.deployer().delete_stack("to", {}, "")).value();
  croft.wait(croft.deployer().delete_stack("from", {}, "")).value();
  EXPECT_EQ(croft.status("from"), "gone");
}

TEST(Deployer, ReadsTheTemplateThatAUrlNames) {
  Deployment croft;
  croft.api().objects["artifacts/dir/t.template"] = std::string(three);
  StackRequest by_url = request("s", "");
  by_url.choice = {.url = "http://127.0.0.1:4566/artifacts/dir/t.template"};

  EXPECT_TRUE(croft.wait(croft.deployer().create_stack(by_url)));
  by_url.stack_name = "t";
  by_url.choice = {.url = "http://127.0.0.1:4566/artifacts/other"};
  EXPECT_THAT(refusal(croft.wait(croft.deployer().create_stack(by_url))),
              StartsWith("S3 error: The specified key does not exist.\nFor more information check "));
}

}  // namespace
}  // namespace croft::cfn
