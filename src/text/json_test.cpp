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

TEST(Json, PrettyIndentsByTwo) {
  EXPECT_EQ(pretty(*parse(R"({"a":{"b":[]}})")), "{\n  \"a\": {\n    \"b\": []\n  }\n}");
}

}  // namespace croft::json
