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

// The row of the stack says that it was created this long before now.
void age(Store& store, std::int64_t minutes) {
  for (const Row& found : store.scan(Family::stacks, "h/", "h0", 10)) {
    json::object row = json::parse(found.value).value().as_object();
    row["created"] = Timestamp::now().ms - minutes * 60'000;
    Batch batch;
    batch.put(Family::stacks, found.key, json::dump(row));
    store.write(std::move(batch));
  }
}

TEST(Deployer, GivesACreationUpWhenItsTimeIsOver) {
  for (const std::int64_t minutes : {1, 3}) {
    Deployment croft;
    StackRequest wanted = request("s", three);
    wanted.timeout_minutes = 2;
    croft.api().troubled_change = 2;
    croft.api().trouble = FakeApi::Trouble::hang_before;
    croft.until_hung(croft.deployer().create_stack(std::move(wanted)));

    age(croft.store(), minutes);
    croft.restart(std::make_unique<FakeApi>());
    croft.until_at_rest("s");

    EXPECT_EQ(croft.status("s"), minutes < 2 ? "CREATE_COMPLETE" : "ROLLBACK_COMPLETE");
    if (minutes < 2) continue;
    EXPECT_THAT(croft.api().existing, IsEmpty());
    std::string reasons;
    for (const StackEvent& event : croft.events("s")) reasons += event.reason;
    EXPECT_THAT(reasons, testing::HasSubstr("Stack creation timed out."));
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
