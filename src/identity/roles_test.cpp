#include "identity/roles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::identity {

namespace {

const Instance instance{.account_id = "123456789012"};
constexpr Timestamp noon{1'000'000'000};
constexpr const char* trust = R"({"Version":"2012-10-17","Statement":[]})";
constexpr const char* basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

template <class T>
std::string code_of(const Result<T>& result) {
  return result ? "" : result.error().code;
}

class RolesTest : public testing::Test {
 protected:
  std::unique_ptr<Store> store = Store::open("", Store::Durability::os).value();
  Roles roles{*store, instance};
};

}  // namespace

TEST_F(RolesTest, ACreatedRoleIsFoundAgainWhole) {
  NewRole wanted{"writer", "/service/", trust, "writes", 7200, {{"team", "plant"}}};

  const Role created = roles.create(wanted, noon).value();
  const Role found = Roles(*store, instance).find("writer").value();

  EXPECT_THAT(created.id, testing::MatchesRegex("AROA[A-Z2-7]{16}"));
  EXPECT_EQ(found.arn, "arn:aws:iam::123456789012:role/service/writer");
  EXPECT_EQ(found.id, created.id);
  EXPECT_EQ(found.trust_policy, trust);
  EXPECT_EQ(found.description, "writes");
  EXPECT_EQ(found.max_session_duration_s, 7200);
  EXPECT_EQ(found.created, noon);
  ASSERT_EQ(found.tags.size(), 1u);
  EXPECT_EQ(found.tags[0].value, "plant");
}

TEST_F(RolesTest, ArnsFindTheirRoleOnlyWhole) {
  roles.create({"writer", "/service/", trust}, noon).value();

  EXPECT_TRUE(roles.find_by_arn("arn:aws:iam::123456789012:role/service/writer"));
  EXPECT_EQ(code_of(roles.find_by_arn("arn:aws:iam::123456789012:role/writer")), "NoSuchEntity");
  EXPECT_EQ(code_of(roles.find_by_arn("arn:aws:iam::000000000000:role/service/writer")), "NoSuchEntity");
  EXPECT_EQ(code_of(roles.find_by_arn("writer")), "NoSuchEntity");
}

TEST_F(RolesTest, WhatIsNotARoleIsRefused) {
  roles.create({"r", "/", trust}, noon).value();

  EXPECT_EQ(code_of(roles.create({"r", "/", trust}, noon)), "EntityAlreadyExists");
  EXPECT_EQ(code_of(roles.create({"a b", "/", trust}, noon)), "ValidationError");
  EXPECT_EQ(code_of(roles.create({"", "/", trust}, noon)), "ValidationError");
  EXPECT_EQ(code_of(roles.create({std::string(65, 'a'), "/", trust}, noon)), "ValidationError");
  EXPECT_EQ(code_of(roles.create({"a", "path", trust}, noon)), "ValidationError");
  EXPECT_EQ(code_of(roles.create({"a", "/", "no json"}, noon)), "MalformedPolicyDocument");
  EXPECT_EQ(code_of(roles.create({"a", "/", "{}"}, noon)), "MalformedPolicyDocument");
  EXPECT_EQ(code_of(roles.create({"a", "/", trust, "", 60}, noon)), "ValidationError");
  EXPECT_EQ(roles.find("none").error().message, "The role with name none cannot be found.");
}

TEST_F(RolesTest, ARoleWithPoliciesStays) {
  roles.create({"r", "/", trust}, noon).value();
  roles.put_policy("r", "p", trust).value();
  roles.attach_policy("r", basic).value();

  EXPECT_EQ(roles.erase("r").error().message, "Cannot delete entity, must detach all policies first.");
  roles.detach_policy("r", basic).value();
  EXPECT_EQ(roles.erase("r").error().message, "Cannot delete entity, must delete policies first.");
  roles.erase_policy("r", "p").value();
  EXPECT_TRUE(roles.erase("r"));
  EXPECT_EQ(code_of(roles.erase("r")), "NoSuchEntity");
}

TEST_F(RolesTest, PoliciesAreKeptByName) {
  roles.create({"r", "/", trust}, noon).value();
  roles.put_policy("r", "p", trust).value();

  EXPECT_EQ(roles.policy("r", "p").value(), trust);
  EXPECT_EQ(roles.policy("r", "q").error().message, "The role policy with name q cannot be found.");
  EXPECT_EQ(code_of(roles.erase_policy("r", "q")), "NoSuchEntity");
  EXPECT_EQ(code_of(roles.put_policy("r", "p", std::string(11'000, 'x'))), "LimitExceeded");
}

TEST_F(RolesTest, ManagedPoliciesAttachOnce) {
  roles.create({"r", "/", trust}, noon).value();

  roles.attach_policy("r", basic).value();
  roles.attach_policy("r", basic).value();

  EXPECT_THAT(roles.find("r")->attached_policies, testing::ElementsAre(basic));
  EXPECT_EQ(code_of(roles.attach_policy("r", "AdministratorAccess")), "InvalidInput");
  EXPECT_EQ(code_of(roles.attach_policy("r", "arn:aws:iam::123456789012:policy/mine")), "NoSuchEntity");
  EXPECT_EQ(code_of(roles.detach_policy("r", "arn:aws:iam::aws:policy/Other")), "NoSuchEntity");
}

TEST_F(RolesTest, ListsInOrderAfterAName) {
  for (const char* name : {"c", "a", "b"}) roles.create({name, "/", trust}, noon).value();
  roles.create({"d", "/other/", trust}, noon).value();

  const auto names = [](const std::vector<Role>& list) {
    std::string all;
    for (const Role& role : list) all += role.name;
    return all;
  };
  EXPECT_EQ(names(roles.list("/", "", 10)), "abcd");
  EXPECT_EQ(names(roles.list("/", "a", 2)), "bc");
  EXPECT_EQ(names(roles.list("/other/", "", 10)), "d");
}

}  // namespace croft::identity
