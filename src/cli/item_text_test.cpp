#include "cli/item_text.h"

#include <gtest/gtest.h>

namespace croft::cli {
namespace {

std::string plain(std::string_view attribute) {
  return json::dump(plain_value(*json::parse(attribute)));
}

TEST(ItemText, AttributesBecomeTheValuesThatPeopleMean) {
  EXPECT_EQ(plain(R"({"S":"x"})"), R"("x")");
  EXPECT_EQ(plain(R"({"N":"42"})"), "42");
  EXPECT_EQ(plain(R"({"N":"-1.5"})"), "-1.5");
  EXPECT_EQ(plain(R"({"BOOL":true})"), "true");
  EXPECT_EQ(plain(R"({"NULL":true})"), "null");
  EXPECT_EQ(plain(R"({"L":[{"N":"1"},{"S":"a"}]})"), R"([1,"a"])");
  EXPECT_EQ(plain(R"({"M":{"a":{"M":{"b":{"BOOL":false}}}}})"), R"({"a":{"b":false}})");
  EXPECT_EQ(plain(R"({"NS":["1","2"]})"), "[1,2]");
  EXPECT_EQ(plain(R"({"SS":["1","2"]})"), R"(["1","2"])");
}

TEST(ItemText, NumbersThatJsonCannotHoldStayText) {
  EXPECT_EQ(plain(R"({"N":"12345678901234567890123456789012345678"})"),
            R"("12345678901234567890123456789012345678")");
  EXPECT_EQ(plain(R"({"N":"9223372036854775807"})"), "9223372036854775807");
}

TEST(ItemText, CellsShowStringsBareAndEscapeWhatATerminalObeys) {
  EXPECT_EQ(cell_text(*json::parse(R"({"S":"a b"})")), "a b");
  EXPECT_EQ(cell_text(*json::parse(R"({"S":"\u001b[2J"})")), "\\x1b[2J");
  EXPECT_EQ(cell_text(*json::parse(R"({"M":{"a":{"N":"1"}}})")), R"({"a":1})");
  EXPECT_TRUE(is_number(*json::parse(R"({"N":"1"})")));
  EXPECT_FALSE(is_number(*json::parse(R"({"S":"1"})")));
}

}  // namespace
}  // namespace croft::cli
