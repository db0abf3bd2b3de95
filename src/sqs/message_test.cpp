#include "sqs/message.h"

#include <gmock/gmock.h>

#include "sqs/message_rules.h"
#include "sqs/receipt.h"
#include "sqs/rows.h"

namespace croft::sqs {

namespace {

// The digests are AWS's: recorded answers of SendMessage.
TEST(MessageDigest, OfTheBodyAndOfAttributes) {
  EXPECT_EQ(md5_of("msg"), "6e2baaf3b97dbeef01c0043275f9a0e7");
  EXPECT_EQ(md5_of(std::vector<MessageAttribute>{{"Foo", "String", false, "Bar"}}),
            "ae7155c6026991b6d54b11589678bf9c");
  EXPECT_EQ(md5_of(std::vector<MessageAttribute>{{"Help.Me", "String", false, "Me"},
                                                 {"Hello", "String", false, "There"},
                                                 {"General", "String", false, "Kenobi"}}),
            "4c360f3fdafd970e05fae2f149d997f5");
  EXPECT_EQ(md5_of(std::vector<MessageAttribute>{{"attr1", "Binary", true,
                                                  "traceparent\x1e"
                                                  "00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01"}}),
            "8cbe4db156db8a94db8b801b7addb984");
  EXPECT_EQ(md5_of(std::vector<MessageAttribute>{}), "");
}

TEST(MessageRow, KeepsEverything) {
  const Message message{
      .id = "id",
      .body = std::string("body\0with a zero", 16),
      .sender_id = "sender",
      .attributes = {{"a", "Binary.png", true, std::string("\0\xff", 2)}, {"b", "Number", false, "1"}},
      .trace_header = "Root=1",
      .group_id = "group",
      .deduplication_id = "once",
      .source = "other",
      .first_visible_ms = 1'800'000'000'123};

  EXPECT_EQ(decoded_message(encoded(message)), message);
}

TEST(MessageRow, OneThatIsCutIsNoMessage) {
  const std::string row =
      encoded(Message{.id = "id", .body = "", .sender_id = "s", .attributes = {{"a", "String", false, "v"}}});
  for (std::size_t size = 0; size < row.size(); ++size) EXPECT_FALSE(decoded_message(row.substr(0, size))) << size;
}

TEST(Receipt, ReadsBackAndNothingElseDoes) {
  const Receipt receipt{"0011223344556677", 0x1234567890abcdef, 42};
  const std::string handle = receipt.handle();

  EXPECT_EQ(Receipt::parse(handle), receipt);
  EXPECT_EQ(Receipt::parse(""), std::nullopt);
  EXPECT_EQ(Receipt::parse(handle.substr(4)), std::nullopt);
  for (std::size_t i = 0; i + 1 < handle.size(); ++i) {
    std::string changed = handle;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(Receipt::parse(changed), std::nullopt) << i;
  }
}

TEST(SequenceNumber, HasTwentyDigitsAndRises) {
  EXPECT_EQ(sequence_number(sequence_at(1'800'000'000'000)), "11887436800000000000");
  EXPECT_EQ(sequence_number(7), "10000000000000000007");
}

TEST(PlaceRow, KeysAreOrderedByTimeThenNumber) {
  const Rows rows(1);
  EXPECT_LT(rows.place({5, 900}), rows.place({6, 1}));
  EXPECT_LT(rows.place({6, 1}), rows.place({6, 2}));
  EXPECT_EQ(Rows::place_in(rows.place({1'800'000'000'000, 3})), (Place{1'800'000'000'000, 3}));
  EXPECT_LT(rows.place({INT64_MAX, UINT64_MAX}), rows.end(Rows::Kind::place));
  EXPECT_LT(rows.end(Rows::Kind::received), Rows(2).begin());
}

Message with_attribute(MessageAttribute attribute) {
  return {.body = "b", .attributes = {std::move(attribute)}};
}

TEST(MessageRules, AllowedCharacters) {
  EXPECT_TRUE(
      has_allowed_characters("\t\n\r ~\xc3\xa9\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbd\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
  for (const char* text : {"\x01", "\x1f", "\xef\xbf\xbe", "\xef\xbf\xbf", "\xff", "\xed\xa0\x80", "a\xc3"})
    EXPECT_FALSE(has_allowed_characters(text)) << text;
  EXPECT_FALSE(has_allowed_characters(std::string_view("\0", 1)));
}

TEST(MessageRules, TheBodyMustBeThere) {
  EXPECT_EQ(check_content({}).error().message, "The request must contain the parameter MessageBody.");
  EXPECT_EQ(check_content({.body = "\x01"}).error().code, "InvalidMessageContents");
}

TEST(MessageRules, Attributes) {
  const auto refusal = [](MessageAttribute attribute) {
    return check_content(with_attribute(std::move(attribute))).error().message;
  };

  EXPECT_TRUE(check_content(with_attribute({"a.b-c_1", "Number.int", false, "-12.5e+3"})));
  EXPECT_TRUE(check_content(with_attribute({"a", "Binary.png", true, std::string(1, '\0')})));
  EXPECT_EQ(refusal({"Hello", "Number", false, "world"}),
            "Can't cast the value of message (user) attribute 'Hello' to a number.");
  EXPECT_EQ(refusal({"Hello", "Number", false, "1e"}),
            "Can't cast the value of message (user) attribute 'Hello' to a number.");
  EXPECT_EQ(refusal({"Hello", "Number", false, std::string(39, '1')}),
            "Can't cast the value of message (user) attribute 'Hello' to a number.");
  EXPECT_EQ(refusal({"ErrorDetails", "String", false, ""}),
            "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.");
  EXPECT_EQ(refusal({"x", "Strange", false, "v"}),
            "The type of message (user) attribute 'x' is invalid. You must use only the following supported type "
            "prefixes: Binary, "
            "Number, String.");
  EXPECT_EQ(refusal({"x", "", false, "v"}),
            "The message (user) attribute 'x' must contain a non-empty message attribute type.");
  for (const char* name : {".a", "a.", "a..b", "AWS.x", "amazon.y"})
    EXPECT_THAT(refusal({name, "String", false, "v"}), testing::StartsWith("You can't use message attribute names"))
        << name;
  EXPECT_THAT(refusal({"a b", "String", false, "v"}),
              testing::StartsWith("Message (user) attributes name can only contain"));
  Message many{.body = "b"};
  for (int i = 0; i < 11; ++i) many.attributes.push_back({"n" + std::to_string(i), "String", false, "v"});
  EXPECT_EQ(check_content(many).error().message,
            "Number of message attributes [11] exceeds the allowed maximum [10].");
}

TEST(MessageRules, SizeCountsNamesTypesAndValues) {
  QueueSettings settings;
  settings.message_bytes = 1'024;
  Message message{.body = std::string(1'024 - 8, 'x'), .attributes = {{"n", "String", false, "v"}}};
  EXPECT_TRUE(check_for_queue(message, {}, settings));
  message.body += 'x';
  EXPECT_EQ(check_for_queue(message, {}, settings).error().message,
            "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.");
}

TEST(MessageRules, WhatStandardQueuesDoNotTake) {
  Message message{.body = "b", .group_id = "fair", .deduplication_id = "once"};
  EXPECT_EQ(check_for_queue(message, {}, {}).error().message,
            "Value once for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that "
            "is not valid for "
            "this queue type.");
  message.deduplication_id.clear();
  EXPECT_TRUE(check_for_queue(message, 900, {}));  // a group is for fair queues
  EXPECT_EQ(check_for_queue(message, 901, {}).error().message,
            "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.");
}

TEST(MessageRules, WhatFifoQueuesAskFor) {
  QueueSettings settings;
  settings.fifo = true;
  Message message{.body = "b"};
  EXPECT_EQ(check_for_queue(message, {}, settings).error().message,
            "The request must contain the parameter MessageGroupId.");
  message.group_id = "g";
  EXPECT_EQ(
      check_for_queue(message, {}, settings).error().message,
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly");
  EXPECT_EQ(check_for_queue(message, 2, settings).error().message,
            "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid "
            "for this queue type.");
  settings.content_deduplication = true;
  EXPECT_TRUE(check_for_queue(message, 0, settings));
  EXPECT_EQ(message.deduplication_id, "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d");
  for (const std::string& id : {std::string("a b"), std::string("\xc3\xa9"), std::string(129, 'x')}) {
    EXPECT_EQ(
        check_content({.body = "b", .group_id = id}).error().message,
        "Value " + id +
            " for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and "
            "punctuation characters. 1 to 128 in length.");
  }
}

}  // namespace

}  // namespace croft::sqs
