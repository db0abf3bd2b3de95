// Wills that wait for their delay.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/core_script.h"

namespace croft::broker {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

mqtt::Connect with_delayed_will(std::uint32_t delay_s, std::uint32_t session_expiry_s, bool clean_start = false) {
  mqtt::Connect packet = resume_v5("alice", session_expiry_s);
  packet.clean_start = clean_start;
  packet.will = mqtt::Will{.topic = "gone", .payload = "alice"};
  packet.will->properties.edit().will_delay_interval = delay_s;
  return packet;
}

}  // namespace

TEST(CoreWills, ADelayedWillIsPublishedWhenItsDelayIsOver) {
  Script script;
  script.lose(script.connect(with_delayed_will(10, 60)));

  script.pass(9);
  EXPECT_THAT(script.topics_published(), IsEmpty());
  script.pass(1);
  EXPECT_THAT(script.topics_published(), ElementsAre("gone"));
  script.pass(60);
  EXPECT_THAT(script.topics_published(), IsEmpty());
}

TEST(CoreWills, AClientThatComesBackInTimeTakesItsWillBack) {
  Script script;
  script.lose(script.connect(with_delayed_will(10, 60)));
  script.pass(5);

  script.connect(resume_v5("alice", 60));
  script.pass(20);

  EXPECT_THAT(script.topics_published(), IsEmpty());
}

TEST(CoreWills, ATakeoverOfTheSessionIsNoReasonToSayIt) {
  Script script;
  script.connect(with_delayed_will(10, 60));

  script.connect(with_delayed_will(10, 60));
  script.pass(20);

  EXPECT_THAT(script.topics_published(), IsEmpty());
}

TEST(CoreWills, TheEndOfTheSessionEndsTheDelay) {
  Script clean;
  clean.lose(clean.connect(with_delayed_will(10, 60)));
  clean.connect(with_delayed_will(10, 60, true));
  EXPECT_THAT(clean.topics_published(), ElementsAre("gone"));

  Script short_session;
  short_session.lose(short_session.connect(with_delayed_will(100, 5)));
  short_session.pass(5);
  EXPECT_THAT(short_session.topics_published(), ElementsAre("gone"));

  Script no_session;
  no_session.lose(no_session.connect(with_delayed_will(100, 0)));
  EXPECT_THAT(no_session.topics_published(), ElementsAre("gone"));
}

TEST(CoreWills, AWebSocketsCloseFrameTakesTheWillBack) {
  Script script;
  const auto with_will = [] {
    mqtt::Connect packet = connect_v3("alice");
    packet.will = mqtt::Will{.topic = "gone", .payload = "alice"};
    return packet;
  };

  script.lose(script.connect(with_will()), DisconnectReason::client_initiated_disconnect);
  EXPECT_THAT(script.topics_published(), IsEmpty());
  script.lose(script.connect(with_will()), DisconnectReason::client_error);
  EXPECT_THAT(script.topics_published(), ElementsAre("gone"));
  EXPECT_THAT(script.events(), ElementsAre("connected alice 0", "disconnected alice 0 CLIENT_INITIATED_DISCONNECT",
                                           "connected alice 1", "disconnected alice 1 CLIENT_ERROR"));
}

TEST(CoreWills, AServerThatStopsSaysWhatWaits) {
  Script script;
  script.lose(script.connect(with_delayed_will(10, 60)));

  script.core().stop(script.now);

  EXPECT_THAT(script.topics_published(), ElementsAre("gone"));
}

TEST(CoreWills, TheLaterOfTwoDelaysCounts) {
  Script script;
  script.lose(script.connect(with_delayed_will(10, 60)));
  script.pass(8);
  script.lose(script.connect(with_delayed_will(10, 60)));

  script.pass(5);
  EXPECT_THAT(script.topics_published(), IsEmpty());
  script.pass(5);
  EXPECT_THAT(script.topics_published(), ElementsAre("gone"));
}

std::string answer_to_will(const Settings& settings, const std::string& topic, bool retain = false) {
  Script script(settings);
  mqtt::Connect packet = connect_v5("alice");
  packet.will = mqtt::Will{.topic = topic, .payload = "gone", .retain = retain};
  const std::vector<std::string> answers = script.sent(script.connect(packet));
  return answers.empty() ? "" : answers.front();
}

TEST(CoreWills, OnReservedTopicsTheyAreTakenButForWhatTheServiceSays) {
  const std::string served = "CONNACK", refused = "CONNACK topic_name_invalid";
  const Settings aws, oasis = Settings::oasis();
  for (const char* topic : {"$aws/things/t/shadow/update", "$aws/rules/Building/a/b", "$aws/rules/B/1/2/3/4/5/6/7/8"}) {
    EXPECT_EQ(answer_to_will(aws, topic), served) << topic;
    EXPECT_EQ(answer_to_will(oasis, topic), served) << topic;
    EXPECT_EQ(answer_to_will(aws, topic, true), refused) << topic;
    EXPECT_EQ(answer_to_will(oasis, topic, true), refused) << topic;
  }
  for (const char* topic : {"$aws/x", "$aws/things/t/shadow/update/delta", "$own/topic", "$aws/eventsx/y"}) {
    EXPECT_EQ(answer_to_will(aws, topic), served) << topic;
    EXPECT_EQ(answer_to_will(oasis, topic), refused) << topic;
  }
  for (const char* topic : {"$aws/events/presence/connected/bob", "$aws/events/presence/disconnected/bob", "$aws/events/x",
                            "$aws/events", "$SYS/broker/uptime", "$aws/1/2/3/4/5/6/7/8"}) {
    EXPECT_EQ(answer_to_will(aws, topic), refused) << topic;
    if (std::string_view(topic) != "$aws/1/2/3/4/5/6/7/8") EXPECT_EQ(answer_to_will(oasis, topic), refused) << topic;
  }
}

TEST(CoreWills, OnAReservedTopicReachesItsSubscribersAndIsMarked) {
  Script script{Settings{}};
  const ConnectionId bob = script.connect(connect_v5("bob"));
  script.subscribe(bob, "$aws/things/t/shadow/update");
  mqtt::Connect packet = connect_v5("alice");
  packet.will = mqtt::Will{.topic = "$aws/things/t/shadow/update", .payload = "gone"};
  script.lose(script.connect(packet));

  EXPECT_THAT(script.sent(bob), ElementsAre("PUBLISH $aws/things/t/shadow/update 'gone'"));
  ASSERT_EQ(script.messages.size(), 1u);
  EXPECT_TRUE(script.messages.front()->is_will());
  script.publish(bob, "$aws/things/t/shadow/get", "");
  EXPECT_FALSE(script.messages.back()->is_will());
}

}  // namespace croft::broker
