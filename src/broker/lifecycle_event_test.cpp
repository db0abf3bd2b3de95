#include "broker/lifecycle_event.h"

#include <gtest/gtest.h>

#include "text/json.h"

namespace croft::broker {

namespace {

using Type = LifecycleEvent::Type;

LifecycleEvent event(Type type) {
  return {.type = type,
          .client_id = "186b5",
          .timestamp = {1573002230757},
          .session_identifier = "bab409a3-306a-40a4-9a63-8b817ddac9b9",
          .principal = "b39f",
          .ip_address = "192.0.2.0",
          .version = 3,
          .reason = type == Type::disconnected ? DisconnectReason::connection_lost : DisconnectReason::none,
          .topics = {"foo/bar", "device/data"}};
}

}  // namespace

// The five payloads are the samples of the AWS IoT developer guide, "Lifecycle events", in the order seen on the
// wire.
TEST(LifecycleEvent, ConnectedAsOnTheWire) {
  EXPECT_EQ(to_json(event(Type::connected)),
            R"({"clientId":"186b5","timestamp":1573002230757,"eventType":"connected",)"
            R"("sessionIdentifier":"bab409a3-306a-40a4-9a63-8b817ddac9b9","principalIdentifier":"b39f",)"
            R"("ipAddress":"192.0.2.0","versionNumber":3})");
}

TEST(LifecycleEvent, DisconnectedAsOnTheWire) {
  EXPECT_EQ(
      to_json(event(Type::disconnected)),
      R"({"clientId":"186b5","timestamp":1573002230757,"eventType":"disconnected","clientInitiatedDisconnect":false,)"
      R"("sessionIdentifier":"bab409a3-306a-40a4-9a63-8b817ddac9b9","principalIdentifier":"b39f",)"
      R"("disconnectReason":"CONNECTION_LOST","versionNumber":3})");
}

TEST(LifecycleEvent, ConnectFailedAsOnTheWire) {
  EXPECT_EQ(
      to_json(event(Type::connect_failed)),
      R"({"clientId":"186b5","timestamp":1573002230757,"eventType":"connect_failed",)"
      R"("connectFailureReason":"AUTHORIZATION_FAILED","sessionIdentifier":"bab409a3-306a-40a4-9a63-8b817ddac9b9",)"
      R"("principalIdentifier":"b39f","ipAddress":"192.0.2.0"})");
}

TEST(LifecycleEvent, SubscribedAndUnsubscribedAsOnTheWire) {
  const std::string tail =
      R"(","sessionIdentifier":"bab409a3-306a-40a4-9a63-8b817ddac9b9","principalIdentifier":"b39f",)"
      R"("topics":["foo/bar","device/data"]})";

  EXPECT_EQ(to_json(event(Type::subscribed)),
            R"({"clientId":"186b5","timestamp":1573002230757,"eventType":"subscribed)" + tail);
  EXPECT_EQ(to_json(event(Type::unsubscribed)),
            R"({"clientId":"186b5","timestamp":1573002230757,"eventType":"unsubscribed)" + tail);
}

TEST(LifecycleEvent, OnlyADisconnectByTheClientSaysSo) {
  for (int i = 1; i <= static_cast<int>(DisconnectReason::customauth_ttl_expiration); ++i) {
    LifecycleEvent gone = event(Type::disconnected);
    gone.reason = static_cast<DisconnectReason>(i);
    const auto document = json::parse(to_json(gone)).value();

    const bool by_client = gone.reason == DisconnectReason::client_initiated_disconnect;
    EXPECT_EQ(json::bool_or(document.get_object(), "clientInitiatedDisconnect", !by_client), by_client);
    EXPECT_EQ(json::string_or(document.get_object(), "disconnectReason", ""), name(gone.reason));
  }
}

TEST(LifecycleEvent, TheThingNameStandsBehindTheClientIdOnlyWhenThereIsOne) {
  LifecycleEvent named = event(Type::connected);
  named.thing_name = "lamp";

  EXPECT_TRUE(to_json(named).starts_with(R"({"clientId":"186b5","thingName":"lamp","timestamp":)"));
  EXPECT_EQ(to_json(event(Type::connected)).find("thingName"), std::string::npos);
}

TEST(LifecycleEvent, AnyClientIdMakesValidJson) {
  LifecycleEvent odd = event(Type::connected);
  odd.client_id = "a\"b\\c/\xC3\xA9\xF0\x9F\x98\x80";

  const auto document = json::parse(to_json(odd)).value();

  EXPECT_EQ(json::string_or(document.get_object(), "clientId", ""), odd.client_id);
}

TEST(LifecycleEvent, TopicsAreThoseOfAws) {
  EXPECT_EQ(topic_of(event(Type::connected)), "$aws/events/presence/connected/186b5");
  EXPECT_EQ(topic_of(event(Type::disconnected)), "$aws/events/presence/disconnected/186b5");
  EXPECT_EQ(topic_of(event(Type::connect_failed)), "$aws/events/presence/connect_failed/186b5");
  EXPECT_EQ(topic_of(event(Type::subscribed)), "$aws/events/subscriptions/subscribed/186b5");
  EXPECT_EQ(topic_of(event(Type::unsubscribed)), "$aws/events/subscriptions/unsubscribed/186b5");
}

TEST(LifecycleEvent, ReasonsAreReadByTheNamesTheyAreWrittenWith) {
  for (int i = 0; i <= static_cast<int>(DisconnectReason::customauth_ttl_expiration); ++i)
    EXPECT_EQ(disconnect_reason(name(static_cast<DisconnectReason>(i))), static_cast<DisconnectReason>(i));
  EXPECT_EQ(name(DisconnectReason::duplicate_clientid), "DUPLICATE_CLIENTID");
  EXPECT_EQ(disconnect_reason("something of tomorrow"), DisconnectReason::none);
}

}  // namespace croft::broker
