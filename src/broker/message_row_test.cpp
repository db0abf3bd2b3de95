#include "broker/message_row.h"

#include <gtest/gtest.h>

namespace croft::broker {

TEST(MessageRow, GivesBackTheWholeMessage) {
  Message::Content content{.topic = "a/b",
                           .payload = {"\0\xff\n", 3},
                           .qos = mqtt::QoS::exactly_once,
                           .retain = true,
                           .expires_at = Timestamp{1'800'000'000'123},
                           .source = make_source("alice", "p", "192.0.2.1"),
                           .published_at = Timestamp{1'800'000'000'001}};
  content.properties.edit().content_type = "text/plain";
  content.properties.edit().user_properties = {{"k", "v"}, {"k", "w"}};
  const MessagePtr message = make_message(content);

  const MessagePtr back = message_from_row(to_row(*message)).value();

  EXPECT_EQ(back->topic(), "a/b");
  EXPECT_EQ(back->payload(), message->payload());
  EXPECT_EQ(back->qos(), mqtt::QoS::exactly_once);
  EXPECT_TRUE(back->retain());
  EXPECT_EQ(back->expires_at(), content.expires_at);
  EXPECT_EQ(back->published_at(), Timestamp{1'800'000'000'001});
  EXPECT_EQ(back->client_id(), "alice");
  EXPECT_EQ(back->source()->principal, "p");
  EXPECT_EQ(back->source()->source_ip, "192.0.2.1");
  EXPECT_EQ(back->properties(), message->properties());
}

TEST(MessageRow, KeepsTheTraceOfAMessageThatHasOne) {
  const trace::Id id = *trace::Id::parse("1-5759e988-bd862e3fe1be46a994272793");
  const std::string row = to_row(*make_message({.topic = "a", .payload = "xyz", .source = make_source("c", "", ""), .trace = id}));

  const MessagePtr back = message_from_row(row).value();

  EXPECT_EQ(back->trace(), id);
  EXPECT_EQ(back->payload(), "xyz");
  EXPECT_EQ(back->client_id(), "c");
  EXPECT_FALSE(message_from_row(std::string_view(row).substr(0, 30)));
  EXPECT_FALSE(message_from_row(to_row(*make_message({.topic = "a"}))).value()->trace());
}

TEST(MessageRow, ADamagedRowIsRefusedWhereverItIsCut) {
  const std::string row = to_row(*make_message({.topic = "a", .payload = "xyz", .source = make_source("c", "", "")}));
  for (std::size_t length = 0; length < row.size(); ++length)
    EXPECT_FALSE(message_from_row(std::string_view(row).substr(0, length))) << length;
  EXPECT_FALSE(message_from_row("\x04" + row.substr(1)));

  const MessagePtr old = message_from_row("\x01" + row.substr(1, 8) + row.substr(17)).value();  // before it had a time
  EXPECT_EQ(old->payload(), "xyz");
  EXPECT_EQ(old->published_at().ms, 0);
}

}  // namespace croft::broker
