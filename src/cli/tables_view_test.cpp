#include "cli/tables_view.h"

#include <gtest/gtest.h>

namespace croft::cli {
namespace {

std::string cell(std::string_view attribute) { return cell_of(json::parse(attribute).value()); }

TEST(Cells, ShowTheTypeWhereItCouldBeAnother) {
  EXPECT_EQ(cell(R"({"S":"abc"})"), "abc");
  EXPECT_EQ(cell(R"({"S":"5"})"), "\"5\"");
  EXPECT_EQ(cell(R"({"N":"5"})"), "5");
  EXPECT_EQ(cell(R"({"S":""})"), "\"\"");
  EXPECT_EQ(cell(R"({"S":"true"})"), "\"true\"");
  EXPECT_EQ(cell(R"({"BOOL":true})"), "true");
  EXPECT_EQ(cell(R"({"NULL":true})"), "null");
  EXPECT_EQ(cell(R"({"B":"AA=="})"), "b'AA=='");
  EXPECT_EQ(cell(R"({"SS":["a","5"]})"), "{a, \"5\"}");
  EXPECT_EQ(cell(R"({"NS":["1","5"]})"), "{1, 5}");
  EXPECT_EQ(cell(R"({"M":{"a":{"L":[{"N":"1"}]}}})"), R"({"a":[1]})");
  EXPECT_EQ(cell("{\"S\":\"a\\u001b[2J\"}"), "a\\x1b[2J");
}

TEST(ItemView, HasTheKeyFirstAndThenWhatMostItemsHave) {
  ItemView view({"id"});
  view.add(json::parse(R"({"rare":{"S":"r"},"often":{"N":"10"},"id":{"S":"a"}})").value().as_object());
  view.add(json::parse(R"({"often":{"N":"2"},"id":{"S":"b"}})").value().as_object());
  std::vector<std::string> left_out;

  EXPECT_EQ(view.text(0, left_out), "id  often  rare\na      10  r\nb       2");
  EXPECT_TRUE(left_out.empty());
}

TEST(ItemView, CutsCellsAndThenLeavesColumnsOut) {
  ItemView view({"id"});
  const std::string text(100, 'x');
  view.add(json::parse(R"({"id":{"S":"a"},"t":{"S":")" + text + R"("},"u":{"S":"short"}})").value().as_object());
  std::vector<std::string> left_out;

  EXPECT_EQ(view.text(40, left_out), "id  t                              u\na   " + std::string(28, 'x') + "…  short");
  EXPECT_TRUE(left_out.empty());
  EXPECT_EQ(view.text(21, left_out), "id  t\na   " + std::string(15, 'x') + "…");
  EXPECT_EQ(left_out, (std::vector<std::string>{"u"}));
}

TEST(CutToWidth, CountsWideCharacters) {
  EXPECT_EQ(cut_to_width("温度計", 6), "温度計");
  EXPECT_EQ(cut_to_width("温度計", 5), "温度…");
  EXPECT_EQ(cut_to_width("abc", 2), "a…");
}

}  // namespace
}  // namespace croft::cli
