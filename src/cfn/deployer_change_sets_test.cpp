#include "cfn/deployer.h"

#include <gmock/gmock.h>

#include "cfn/deployer_testing.h"

namespace croft::cfn {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

TEST(ChangeSets, MakeAStackAndAnUpdate) {
  Deployment croft;
  auto first = croft.wait(croft.deployer().create_change_set(change_set("s", three, true)));
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(croft.status("s"), "REVIEW_IN_PROGRESS");
  EXPECT_THAT(croft.told("s"), ElementsAre("s REVIEW_IN_PROGRESS"));
  EXPECT_EQ(first->changes.size(), 3u);
  EXPECT_THAT(croft.api().calls, IsEmpty());

  croft.wait(croft.deployer().execute_change_set(first->id, "", false, "")).value();
  EXPECT_EQ(croft.status("s"), "CREATE_COMPLETE");
  EXPECT_EQ(croft.stack("s").change_set_id, first->id);

  ChangeSetRequest update = change_set("s", three_changed, false);
  update.name = "second";
  auto second = croft.wait(croft.deployer().create_change_set(update));
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->changes.size(), 4u);
  croft.wait(croft.deployer().execute_change_set("second", "s", false, "")).value();
  EXPECT_EQ(croft.status("s"), "UPDATE_COMPLETE");
  EXPECT_EQ(refusal(croft.wait(croft.deployer().execute_change_set("second", "s", false, ""))),
            "ChangeSet [" + second->id + "] cannot be executed in its current execution status of [EXECUTE_COMPLETE]");
}

TEST(ChangeSets, FailWithoutChanges) {
  Deployment croft;
  croft.wait(croft.deployer().create_stack(request("s", three))).value();

  auto made = croft.wait(croft.deployer().create_change_set(change_set("s", three, false)));

  ASSERT_TRUE(made);
  EXPECT_EQ(to_text(made->status), "FAILED");
  EXPECT_EQ(made->status_reason,
            "The submitted information didn't contain changes. Submit different information to create a change set.");
  EXPECT_EQ(refusal(croft.wait(croft.deployer().execute_change_set("changes", "s", false, ""))),
            "ChangeSet [" + made->id + "] cannot be executed in its current status of [FAILED]");
}

TEST(ChangeSets, FailWhereTheTransformFails) {
  constexpr std::string_view body = R"(
Transform: AWS::Serverless-2016-10-31
Resources: {F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.12, Handler: a.b, CodeUri: ./src}}}
)";
  Deployment croft;

  auto made = croft.wait(croft.deployer().create_change_set(change_set("s", body, true)));

  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(to_text(made->execution), "UNAVAILABLE");
  EXPECT_THAT(made->status_reason,
              StartsWith("Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application "
                         "Specification document. Number of errors found: 1. Resource with id [F] is invalid. "));
}

TEST(ChangeSets, TellOfMissingCapabilitiesAtOnceOrAfterTheTransform) {
  Deployment croft;
  ChangeSetRequest plain = change_set("s", three, true);
  plain.stack.capabilities = {};
  EXPECT_EQ(refusal(croft.wait(croft.deployer().create_change_set(plain))), "Requires capabilities : [CAPABILITY_IAM]");

  ChangeSetRequest sam = change_set("s", R"(
Transform: AWS::Serverless-2016-10-31
Resources: {F: {Type: AWS::Serverless::Function, Properties: {Runtime: python3.12, Handler: a.b, InlineCode: x}}}
)",
                                    true);
  sam.stack.capabilities = {};
  auto made = croft.wait(croft.deployer().create_change_set(sam));
  ASSERT_TRUE(made);
  EXPECT_EQ(made->status_reason, "Requires capabilities : [CAPABILITY_IAM]");
}

TEST(ChangeSets, OutliveARestart) {
  Deployment croft;
  auto made = croft.wait(croft.deployer().create_change_set(change_set("s", three, true)));
  ASSERT_TRUE(made);

  croft.restart();
  croft.wait(croft.deployer().execute_change_set(made->id, "s", false, "")).value();

  EXPECT_EQ(croft.status("s"), "CREATE_COMPLETE");
}

TEST(ChangeSets, DeployTheArticle) {
  std::string body = article_file("sam.yml");
  for (std::size_t at = body.find("Handler:"); at != std::string::npos; at = body.find("Handler:", at + 60)) {
    body.insert(at, "CodeUri: s3://artifacts/code\n      ");
    at += 40;
  }
  Deployment croft;
  auto made = croft.wait(croft.deployer().create_change_set(change_set("article", body, true)));
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_EQ(made->status_reason, "");

  const MonoTime begin = MonoTime::now();
  croft.wait(croft.deployer().execute_change_set(made->id, "", false, "")).value();

  EXPECT_EQ(croft.status("article"), "CREATE_COMPLETE");
  EXPECT_THAT(kinds(croft.api()), ElementsAre("Function", "Function", "Permission", "Permission", "Role", "RolePolicy",
                                              "Table", "TopicRule", "TopicRule"));
  EXPECT_LT(MonoTime::now().ms - begin.ms, 2000);
}

}  // namespace
}  // namespace croft::cfn
