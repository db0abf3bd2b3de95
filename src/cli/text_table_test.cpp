#include "cli/text_table.h"

#include <gtest/gtest.h>

namespace croft::cli {
namespace {

TEST(TextTable, ColumnsAreAsWideAsTheirWidestCell) {
  TextTable table({"ID", "N", "NOTE"});
  table.add({{"pump"}, {"7", true}, {"x"}});
  table.add({{"a"}, {"1234", true}, {""}});

  EXPECT_EQ(table.text(),
            "ID    N     NOTE\n"
            "pump     7  x\n"
            "a     1234");
}

TEST(TextTable, WideCharactersTakeTwoColumnsAndCombiningOnesNone) {
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("温度"), 4u);
  EXPECT_EQ(display_width("e\u0301"), 1u);
  EXPECT_EQ(display_width("🚰"), 2u);
  EXPECT_EQ(display_width("é"), 1u);
}

TEST(TextTable, BytesThatAreNoUtf8DoNotOverrun) {
  EXPECT_GT(display_width("\xf0"), 0u);
  EXPECT_GT(display_width("\x80\x80"), 0u);
}

TEST(Terminal, JsonKeepsItsMeaningWithoutBytesThatATerminalObeys) {
  const json::value v = json::string("a\xc2\x9b[2J\x1b[2J\x7f");

  const std::string line = json_line(v);

  EXPECT_EQ(line, "\"a\\u009b[2J\\u001b[2J\\u007f\"");
  EXPECT_EQ(*json::parse(line), v);
}

}  // namespace
}  // namespace croft::cli
