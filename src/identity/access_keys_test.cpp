#include "identity/access_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace croft::identity {

namespace {

using testing::MatchesRegex;

const Instance instance{.account_id = "123456789012"};
constexpr Timestamp noon{1'000'000'000};

SessionRequest worker_session() {
  return {.role_arn = "arn:aws:iam::123456789012:role/service/writer",
          .session_name = "on-connect",
          .lifetime = std::chrono::seconds(60)};
}

}  // namespace

TEST(AccessKeys, AnEmptyStoreGetsTheAccountsKeyWhichStays) {
  auto store = Store::open("", Store::Durability::os).value();

  const Credentials first = AccessKeys(*store, instance).root();
  const Credentials second = AccessKeys(*store, instance).root();

  EXPECT_THAT(first.access_key_id, MatchesRegex("AKIA[A-Z2-7]{16}"));
  EXPECT_EQ(first.secret_access_key.size(), 40u);
  EXPECT_EQ(first.access_key_id, second.access_key_id);
  EXPECT_EQ(first.secret_access_key, second.secret_access_key);
}

TEST(AccessKeys, TheAccountsKeyStandsForRoot) {
  auto store = Store::open("", Store::Durability::os).value();
  AccessKeys keys(*store, instance);

  const auto known = keys.find(keys.root().access_key_id, "", noon);

  ASSERT_TRUE(known);
  EXPECT_EQ(known->principal.arn, "arn:aws:iam::123456789012:root");
  EXPECT_EQ(known->principal.user_id, "123456789012");
  EXPECT_FALSE(keys.find(keys.root().access_key_id, "a token", noon));
}

TEST(AccessKeys, ASessionStandsForItsRoleUntilItExpires) {
  auto store = Store::open("", Store::Durability::os).value();
  AccessKeys keys(*store, instance);

  const Session session = keys.issue_session(worker_session(), noon);
  const std::string id = session.credentials.access_key_id, token = session.credentials.session_token;

  EXPECT_THAT(id, MatchesRegex("ASIA[A-Z2-7]{16}"));
  EXPECT_EQ(session.principal.arn, "arn:aws:sts::123456789012:assumed-role/writer/on-connect");
  EXPECT_THAT(session.principal.user_id, MatchesRegex("AROA[A-Z2-7]{16}:on-connect"));
  EXPECT_TRUE(keys.find(id, token, noon));
  EXPECT_FALSE(keys.find(id, "", noon));
  EXPECT_FALSE(keys.find(id, token + "x", noon));
  EXPECT_FALSE(keys.find(id, token, {noon.ms + 60'000}));
}

TEST(AccessKeys, TheSameRoleKeepsItsId) {
  auto store = Store::open("", Store::Durability::os).value();
  AccessKeys keys(*store, instance);

  const std::string first = keys.issue_session(worker_session(), noon).principal.user_id;
  const std::string second = keys.issue_session(worker_session(), noon).principal.user_id;

  EXPECT_EQ(first, second);
}

TEST(AccessKeys, ExpiredSessionsMakeRoom) {
  auto store = Store::open("", Store::Durability::os).value();
  AccessKeys keys(*store, instance);

  const std::string old = keys.issue_session(worker_session(), noon).credentials.access_key_id;
  keys.issue_session(worker_session(), {noon.ms + 61'000});

  EXPECT_FALSE(keys.find(old));
}

}  // namespace croft::identity
