#include "text/json.h"

#include <gtest/gtest.h>

namespace croft::json {

TEST(Json, KeepsMembersInOrderAndPrintsCompactly) {
  auto v = parse(R"( {"b":1,"a":[true,null,2.5,"x\n"]} )");

  ASSERT_TRUE(v);
  EXPECT_EQ(dump(*v), R"({"b":1,"a":[true,null,2.5,"x\n"]})");
}

TEST(Json, SaysWhereItWentWrong) {
  auto v = parse("{\"a\":}");

  ASSERT_FALSE(v);
  EXPECT_EQ(v.error().code, "SerializationException");
  EXPECT_NE(v.error().message.find("byte 5"), std::string::npos) << v.error().message;
}

TEST(Json, RefusesTrailingTextAndDeepNesting) {
  EXPECT_FALSE(parse("{} x"));
  EXPECT_FALSE(parse(std::string(10000, '[')));
  EXPECT_FALSE(parse("\"\xFF\""));
}

// Text is looked at eight bytes at a time: each byte value at each place of such a group, and before and behind it.
TEST(Json, WritesEveryByteAtEveryPlaceAsItReadsBack) {
  for (int byte = 0; byte < 0x80; ++byte) {
    for (std::size_t at = 0; at < 20; ++at) {
      std::string text = "abcdefgh\xc3\xa4ijklmno\xe2\x82\xac";
      text.insert(at < 9 ? at : at < 17 ? at + 1 : 20, 1, static_cast<char>(byte));
      std::string out;
      append_string(out, text);
      auto back = parse(out);
      ASSERT_TRUE(back) << byte << " at " << at;
      EXPECT_EQ(std::string(back->get_string().c_str(), back->get_string().size()), text);
      if (byte < 0x20 || byte == '"' || byte == '\\') EXPECT_GT(out.size(), text.size() + 2);
      else EXPECT_EQ(out.size(), text.size() + 2);
    }
  }
}

TEST(Json, PrettyIndentsByTwo) {
  EXPECT_EQ(pretty(*parse(R"({"a":{"b":[]}})")), "{\n  \"a\": {\n    \"b\": []\n  }\n}");
}

}  // namespace croft::json
