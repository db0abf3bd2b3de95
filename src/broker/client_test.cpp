#include "broker/client.h"

#include <gtest/gtest.h>

namespace croft::broker {

namespace {

ClientState full() {
  return {.client_id = "alice",
          .version = 41,
          .session_identifier = text::Uuid("bab409a3-306a-40a4-9a63-8b817ddac9b9"),
          .principal = "principal \"quoted\"",
          .thing_name = "lamp",
          .address = "2001:db8::1",
          .since = {1573002230757},
          .reason = DisconnectReason::mqtt_keep_alive_timeout,
          .connected = true,
          .clean_start = false,
          .protocol = mqtt::Version::v5,
          .keep_alive_s = 1200,
          .session_expiry_s = 604'800,
          .subscriptions = {{{.filter = "a/\"b\"/#", .qos = mqtt::QoS::exactly_once, .no_local = true}, 268'435'455},
                            {{.filter = "+", .retain_as_published = true, .retain_handling = 2}, 0}}};
}

}  // namespace

TEST(ClientRow, ReadsBackAsItWasWritten) {
  const ClientState written = full();

  const ClientState read = from_row("alice", to_row(written)).value();

  EXPECT_EQ(to_row(read), to_row(written));
  EXPECT_EQ(read.client_id, "alice");
  EXPECT_TRUE(read.connected);
  EXPECT_EQ(read.version, 41u);
  EXPECT_EQ(read.session_identifier.text(), "bab409a3-306a-40a4-9a63-8b817ddac9b9");
  EXPECT_EQ(read.principal, "principal \"quoted\"");
  EXPECT_EQ(read.thing_name, "lamp");
  EXPECT_EQ(read.address, "2001:db8::1");
  EXPECT_EQ(read.since, Timestamp{1573002230757});
  EXPECT_EQ(read.reason, DisconnectReason::mqtt_keep_alive_timeout);
  EXPECT_EQ(read.keep_alive_s, 1200);
  EXPECT_EQ(read.protocol, mqtt::Version::v5);
  EXPECT_FALSE(read.clean_start);
  EXPECT_EQ(read.session_expiry_s, 604'800u);
  ASSERT_EQ(read.subscriptions.size(), 2u);
  EXPECT_EQ(read.subscriptions[0].subscription, written.subscriptions[0].subscription);
  EXPECT_EQ(read.subscriptions[0].identifier, 268'435'455u);
  EXPECT_EQ(read.subscriptions[1].subscription, written.subscriptions[1].subscription);
}

TEST(ClientRow, AStateWithNothingSpecialReadsBackToo) {
  const ClientState read = from_row("bob", to_row({.client_id = "bob"})).value();

  EXPECT_FALSE(read.connected);
  EXPECT_EQ(read.version, 0u);
  EXPECT_EQ(read.protocol, mqtt::Version::v3_1_1);
  EXPECT_TRUE(read.clean_start);
  EXPECT_TRUE(read.subscriptions.empty());
}

TEST(ClientRow, WhatIsAsUsualNeedNotBeSaid) {
  const std::string_view said = R"({"c":true,"v":7,"s":"bab409a3-306a-40a4-9a63-8b817ddac9b9","p":"anonymous","n":"","a":"::1",)"
                                R"("t":9,"r":"NONE","k":60,"m":4,"l":1,"e":0})";

  const std::string row = to_row(from_row("alice", said).value());

  EXPECT_EQ(row, R"({"c":true,"v":7,"s":"bab409a3-306a-40a4-9a63-8b817ddac9b9","p":"anonymous","a":"::1","t":9,"k":60})");
  EXPECT_EQ(to_row(from_row("alice", row).value()), row);
}

TEST(ClientRow, ADamagedRowIsAnError) {
  const std::string row = to_row(full());

  for (std::size_t cut = 0; cut < row.size(); ++cut)
    EXPECT_EQ(from_row("alice", row.substr(0, cut)).error().code, "StoreFailure");
  EXPECT_EQ(from_row("alice", "[]").error().code, "StoreFailure");
}

TEST(ClientRow, AForeignRowIsReadAsFarAsItCanBe) {
  const ClientState read = from_row("alice", R"({"c":1,"v":"x","f":[1,["a"],["a","b","c"],["ok",1,2]]})").value();

  EXPECT_FALSE(read.connected);
  ASSERT_EQ(read.subscriptions.size(), 1u);
  EXPECT_EQ(read.subscriptions[0].subscription.filter, "ok");
}

}  // namespace croft::broker
