#include "cfn/deployer.h"

#include <gmock/gmock.h>

#include "cfn/deployer_testing.h"

namespace croft::cfn {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Deployer, GoesOnWhereACreationWasCutOff) {
  for (auto trouble : {FakeApi::Trouble::hang_before, FakeApi::Trouble::hang_after}) {
    for (int n = 1; n <= 4; ++n) {
      Deployment croft;
      croft.api().troubled_change = n;
      croft.api().trouble = trouble;
      croft.until_hung(croft.deployer().create_stack(request("s", three)));

      croft.restart(std::make_unique<FakeApi>());
      croft.until_at_rest("s");

      EXPECT_EQ(croft.status("s"), "CREATE_COMPLETE") << n;
      EXPECT_THAT(kinds(croft.api()), ElementsAre("Function", "Role", "RolePolicy", "Table")) << n;
    }
  }
}

TEST(Deployer, GoesOnWhereAnUpdateWasCutOff) {
  for (auto trouble : {FakeApi::Trouble::hang_before, FakeApi::Trouble::hang_after}) {
    for (int n = 1; n <= 6; ++n) {
      Deployment croft;
      croft.wait(croft.deployer().create_stack(request("s", three))).value();
      const std::string configuration =
          "UpdateFunctionConfiguration " + croft.stack("s").find_resource("Function")->now.physical_id;
      croft.api().troubled_change = croft.api().changes() + n;
      croft.api().trouble = trouble;
      croft.until_hung(croft.deployer().update_stack(request("s", three_changed)));

      croft.restart(std::make_unique<FakeApi>());
      croft.until_at_rest("s");

      EXPECT_EQ(croft.status("s"), "UPDATE_COMPLETE") << n;
      EXPECT_THAT(kinds(croft.api()), ElementsAre("Function", "Role", "Table", "TopicRule")) << n;
      EXPECT_EQ(croft.api().inputs[configuration].at("Timeout"), 10) << n;
    }
  }
}

TEST(Deployer, GoesOnWhereARollbackOfAnUpdateWasCutOff) {
  for (auto trouble : {FakeApi::Trouble::hang_before, FakeApi::Trouble::hang_after}) {
    for (int n = 6; n <= 9; ++n) {
      Deployment croft;
      croft.wait(croft.deployer().create_stack(request("s", three))).value();
      const std::set<std::string> before = croft.api().existing;
      croft.api().failing = {"CreateTopicRule"};  // the fifth change of the update
      croft.api().troubled_change = croft.api().changes() + n;
      croft.api().trouble = trouble;
      croft.until_hung(croft.deployer().update_stack(request("s", three_changed)));

      croft.restart(std::make_unique<FakeApi>());
      croft.until_at_rest("s");

      EXPECT_EQ(croft.status("s"), "UPDATE_ROLLBACK_COMPLETE") << n;
      EXPECT_EQ(croft.api().existing, before) << n;
    }
  }
}

TEST(Deployer, GoesOnWhereADeletionWasCutOff) {
  for (auto trouble : {FakeApi::Trouble::hang_before, FakeApi::Trouble::hang_after}) {
    for (int n = 1; n <= 4; ++n) {
      Deployment croft;
      croft.wait(croft.deployer().create_stack(request("s", three))).value();
      croft.api().troubled_change = croft.api().changes() + n;
      croft.api().trouble = trouble;
      croft.until_hung(croft.deployer().delete_stack("s", {}, ""));

      croft.restart(std::make_unique<FakeApi>());
      croft.until_at_rest("s");

      EXPECT_EQ(croft.status("s"), "gone") << n;
      EXPECT_THAT(croft.api().existing, IsEmpty()) << n;
    }
  }
}

TEST(Deployer, TakesADeletionWhileItCreates) {
  Deployment croft;
  croft.api().troubled_change = 3;
  croft.api().trouble = FakeApi::Trouble::hang_after;
  croft.until_hung(croft.deployer().create_stack(request("s", three)));
  croft.begin(croft.deployer().delete_stack("s", {}, ""));

  croft.restart(std::make_unique<FakeApi>());
  croft.until_at_rest("s");

  EXPECT_EQ(croft.status("s"), "gone");
  EXPECT_THAT(croft.api().existing, IsEmpty());
}

}  // namespace
}  // namespace croft::cfn
