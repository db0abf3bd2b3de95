#include "services/cloudformation/cloudformation.h"

#include <gmock/gmock.h>

#include "cfn/deployer_testing.h"
#include "services/cloudformation/operations.h"

namespace croft::services::cloudformation {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::string_view bucket = R"(
Description: one bucket
Parameters: {Name: {Type: String, Default: a, Description: its name, AllowedValues: [a, b]}}
Resources: {Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: !Ref Name}}}
Outputs: {Out: {Value: !GetAtt Bucket.Arn, Description: its ARN}}
)";

// The operations as the gateway calls them.
class Api {
 public:
  Api() : service_(cloudformation_service(croft_.deployer())) {}

  json::object call(std::string_view operation, json::object input) {
    auto answered = attempt(operation, std::move(input));
    EXPECT_TRUE(answered) << (answered ? "" : answered.error().message);
    return answered ? *answered : json::object();
  }
  Error refused(std::string_view operation, json::object input) {
    auto answered = attempt(operation, std::move(input));
    return answered ? Error("(not refused)", json::dump(*answered)) : answered.error();
  }
  cfn::FakeApi& services() { return croft_.api(); }

 private:
  Result<json::object> attempt(std::string_view operation, json::object input) {
    for (const gateway::Operation& row : service_.operations) {
      if (row.name == operation) return croft_.wait(answer(row.handler, std::move(input)));
    }
    return Error("(no such operation)", std::string(operation));
  }
  static Task<Result<json::object>> answer(gateway::Handler handler, json::object input) {
    Call call;
    call.input = std::move(input);
    try {
      Reply reply = co_await handler(call);
      co_return reply.output;
    } catch (const ApiError& refused) {
      co_return refused.error();
    }
  }

  cfn::Deployment croft_;
  gateway::Service service_;
};

json::array changed_name() {
  json::object parameter{{"ParameterKey", "Name"}, {"ParameterValue", "b"}};
  return json::array{json::value(std::move(parameter))};
}

std::string at(const json::value& value, std::string_view pointer) {
  boost::system::error_code fault;
  const json::value* found = value.find_pointer(pointer, fault);
  if (!found) return "(missing)";
  return found->is_string() ? cfn::str(found->get_string()) : json::dump(*found);
}

TEST(CloudFormation, DescribesAStack) {
  Api api;
  api.call("CreateStack", {{"StackName", "s"}, {"TemplateBody", bucket}});

  const json::value answer = api.call("DescribeStacks", {{"StackName", "s"}});

  EXPECT_EQ(at(answer, "/Stacks/0/StackStatus"), "CREATE_COMPLETE");
  EXPECT_EQ(at(answer, "/Stacks/0/Description"), "one bucket");
  EXPECT_EQ(at(answer, "/Stacks/0/Parameters"), R"([{"ParameterKey":"Name","ParameterValue":"a"}])");
  EXPECT_EQ(at(answer, "/Stacks/0/Outputs"),
            R"([{"OutputKey":"Out","OutputValue":"arn:aws:s3:::a","Description":"its ARN"}])");
  EXPECT_EQ(at(answer, "/NextToken"), "(missing)");
}

TEST(CloudFormation, SaysThatAStackDoesNotExist) {
  Api api;

  const Error error = api.refused("DescribeStacks", {{"StackName", "s"}});

  EXPECT_EQ(error.code, "ValidationError");
  EXPECT_EQ(error.message, "Stack with id s does not exist");
  EXPECT_EQ(error.http_status, 400);
  EXPECT_EQ(api.refused("DescribeStackEvents", {{"StackName", "s"}}).message, "Stack [s] does not exist");
  EXPECT_EQ(api.refused("UpdateStack", {{"StackName", "s"}, {"TemplateBody", bucket}}).message,
            "Stack [s] does not exist");
  EXPECT_THAT(api.call("DeleteStack", {{"StackName", "s"}}), IsEmpty());
  EXPECT_EQ(api.refused("DescribeStackEvents", {}).message,
            "1 validation error detected: Value null at 'stackName' failed to satisfy constraint: Member must not be "
            "null");
}

TEST(CloudFormation, DeploysAsTheCliDoes) {
  Api api;
  json::object request{{"StackName", "s"},
                       {"ChangeSetName", "awscli-cloudformation-package-deploy-1"},
                       {"ChangeSetType", "CREATE"},
                       {"TemplateBody", bucket},
                       {"Parameters", changed_name()},
                       {"Description", "Created by AWS CLI"}};
  const json::value made = api.call("CreateChangeSet", request);
  const std::string id = at(made, "/Id");
  EXPECT_THAT(at(made, "/StackId"), HasSubstr(":stack/s/"));

  const json::value described = api.call("DescribeChangeSet", {{"ChangeSetName", id}, {"StackName", "s"}});
  EXPECT_EQ(at(described, "/Status"), "CREATE_COMPLETE");
  EXPECT_EQ(at(described, "/ExecutionStatus"), "AVAILABLE");
  EXPECT_EQ(at(described, "/Changes/0/ResourceChange/Action"), "Add");
  EXPECT_EQ(at(described, "/Changes/0/ResourceChange/LogicalResourceId"), "Bucket");
  EXPECT_EQ(at(described, "/Changes/0/ResourceChange/Replacement"), "(missing)");

  api.call("ExecuteChangeSet", {{"ChangeSetName", id}, {"StackName", "s"}, {"DisableRollback", "false"}});
  EXPECT_EQ(at(api.call("DescribeStacks", {{"StackName", "s"}}), "/Stacks/0/StackStatus"), "CREATE_COMPLETE");

  request["ChangeSetType"] = "UPDATE";
  request["ChangeSetName"] = "awscli-cloudformation-package-deploy-2";
  const std::string second = at(api.call("CreateChangeSet", request), "/Id");
  const json::value empty = api.call("DescribeChangeSet", {{"ChangeSetName", second}});
  EXPECT_EQ(at(empty, "/Status"), "FAILED");
  EXPECT_THAT(at(empty, "/StatusReason"), StartsWith("The submitted information didn't contain changes."));
}

TEST(CloudFormation, DescribesAReplacement) {
  Api api;
  api.call("CreateStack", {{"StackName", "s"}, {"TemplateBody", bucket}});
  api.call("CreateChangeSet",
           {{"StackName", "s"}, {"ChangeSetName", "c"}, {"UsePreviousTemplate", "true"}, {"Parameters", changed_name()}});

  const json::value described = api.call("DescribeChangeSet", {{"ChangeSetName", "c"}, {"StackName", "s"}});

  EXPECT_EQ(at(described, "/Changes/0/ResourceChange"),
            R"({"Action":"Modify","LogicalResourceId":"Bucket","PhysicalResourceId":"a","ResourceType":"AWS::S3::Bucket",)"
            R"("Replacement":"True","Scope":["Properties"],"Details":[{"Target":{"Attribute":"Properties","Name":)"
            R"("BucketName","RequiresRecreation":"Always"},"Evaluation":"Static","ChangeSource":"DirectModification"}]})");
}

TEST(CloudFormation, ForgetsAChangeSet) {
  Api api;
  api.call("CreateChangeSet",
           {{"StackName", "s"}, {"ChangeSetName", "c"}, {"ChangeSetType", "CREATE"}, {"TemplateBody", bucket}});
  EXPECT_EQ(at(api.call("ListChangeSets", {{"StackName", "s"}}), "/Summaries/0/ChangeSetName"), "c");

  api.call("DeleteChangeSet", {{"StackName", "s"}, {"ChangeSetName", "c"}});

  const Error error = api.refused("DescribeChangeSet", {{"StackName", "s"}, {"ChangeSetName", "c"}});
  EXPECT_EQ(error.code, "ChangeSetNotFound");
  EXPECT_EQ(error.message, "ChangeSet [c] does not exist");
  EXPECT_EQ(error.http_status, 404);
}

TEST(CloudFormation, TellsEventsNewestFirstInPages) {
  Api api;
  std::string body = "Resources:\n";
  for (int i = 0; i < 40; ++i) body += "  H" + std::to_string(i) + ": {Type: AWS::CloudFormation::WaitConditionHandle}\n";
  api.call("CreateStack", {{"StackName", "s"}, {"TemplateBody", body}});

  const json::value first = api.call("DescribeStackEvents", {{"StackName", "s"}});
  const json::value second =
      api.call("DescribeStackEvents", {{"StackName", "s"}, {"NextToken", at(first, "/NextToken")}});

  EXPECT_EQ(at(first, "/StackEvents/0/ResourceStatus"), "CREATE_COMPLETE");
  EXPECT_EQ(at(first, "/StackEvents/0/LogicalResourceId"), "s");
  EXPECT_EQ(first.at("StackEvents").as_array().size(), 100u);
  EXPECT_EQ(second.at("StackEvents").as_array().size(), 22u);
  EXPECT_EQ(at(second, "/StackEvents/21/ResourceStatusReason"), "User Initiated");
  EXPECT_EQ(at(second, "/NextToken"), "(missing)");
}

TEST(CloudFormation, DescribesResources) {
  Api api;
  api.call("CreateStack", {{"StackName", "s"}, {"TemplateBody", bucket}});

  EXPECT_EQ(at(api.call("ListStackResources", {{"StackName", "s"}}), "/StackResourceSummaries/0/ResourceStatus"),
            "CREATE_COMPLETE");
  EXPECT_EQ(at(api.call("DescribeStackResources", {{"PhysicalResourceId", "a"}}), "/StackResources/0/StackName"), "s");
  EXPECT_EQ(at(api.call("DescribeStackResource", {{"StackName", "s"}, {"LogicalResourceId", "Bucket"}}),
               "/StackResourceDetail/PhysicalResourceId"),
            "a");
  EXPECT_EQ(api.refused("DescribeStackResource", {{"StackName", "s"}, {"LogicalResourceId", "X"}}).message,
            "Resource X does not exist for stack s");
}

TEST(CloudFormation, GivesTheTemplateBack) {
  constexpr std::string_view sam = R"(
Transform: AWS::Serverless-2016-10-31
Resources: {T: {Type: AWS::Serverless::SimpleTable}}
)";
  Api api;
  api.call("CreateStack", {{"StackName", "s"},
                           {"TemplateBody", sam},
                           {"Capabilities", json::array{"CAPABILITY_AUTO_EXPAND"}}});

  EXPECT_EQ(at(api.call("GetTemplate", {{"StackName", "s"}}), "/TemplateBody"), sam);
  EXPECT_THAT(at(api.call("GetTemplate", {{"StackName", "s"}, {"TemplateStage", "Processed"}}), "/TemplateBody"),
              HasSubstr(R"("T":{"Type":"AWS::DynamoDB::Table")"));
}

TEST(CloudFormation, DemandsAutoExpandWithoutAChangeSet) {
  Api api;

  const Error error = api.refused("CreateStack", {{"StackName", "s"},
                                                  {"TemplateBody", "Transform: AWS::Serverless-2016-10-31\nResources: "
                                                                   "{T: {Type: AWS::Serverless::SimpleTable}}\n"}});

  EXPECT_EQ(error.code, "InsufficientCapabilitiesException");
  EXPECT_EQ(error.message, "Requires capabilities : [CAPABILITY_AUTO_EXPAND]");
}

TEST(CloudFormation, SummarisesATemplate) {
  Api api;

  const json::value summary = api.call("GetTemplateSummary", {{"TemplateBody", bucket}});

  EXPECT_EQ(at(summary, "/Parameters/0"),
            R"({"ParameterKey":"Name","DefaultValue":"a","ParameterType":"String","NoEcho":false,"Description":"its name",)"
            R"("ParameterConstraints":{"AllowedValues":["a","b"]}})");
  EXPECT_EQ(at(summary, "/ResourceTypes"), R"(["AWS::S3::Bucket"])");
  EXPECT_EQ(at(api.call("ValidateTemplate", {{"TemplateBody", bucket}}), "/Description"), "one bucket");
  EXPECT_THAT(api.refused("ValidateTemplate", {{"TemplateBody", "Resources: {}\nFoo: 1\n"}}).message,
              "Invalid template property or properties [Foo]");
}

TEST(CloudFormation, ProtectsAStack) {
  Api api;
  api.call("CreateStack", {{"StackName", "s"}, {"TemplateBody", bucket}, {"EnableTerminationProtection", "true"}});

  EXPECT_EQ(api.refused("DeleteStack", {{"StackName", "s"}}).message,
            "Stack [s] cannot be deleted while TerminationProtection is enabled");

  api.call("UpdateTerminationProtection", {{"StackName", "s"}, {"EnableTerminationProtection", "false"}});
  api.call("DeleteStack", {{"StackName", "s"}});
  EXPECT_THAT(api.services().existing, IsEmpty());
  EXPECT_EQ(at(api.call("ListStacks", {{"StackStatusFilter", json::array{"DELETE_COMPLETE"}}}),
               "/StackSummaries/0/StackName"),
            "s");
}

TEST(CloudFormation, RefusesATemplateBodyThatIsTooLarge) {
  Api api;
  const std::string body = std::string(bucket) + "# " + std::string(51'200, 'x');

  EXPECT_THAT(api.refused("CreateStack", {{"StackName", "s"}, {"TemplateBody", body}}).message,
              HasSubstr("Member must have length less than or equal to 51200"));
}

}  // namespace
}  // namespace croft::services::cloudformation
