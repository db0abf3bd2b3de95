#include "cli/tables_plain.h"

#include <gtest/gtest.h>

namespace croft::cli {
namespace {

const KeyTypes keys = {{"id", "S"}, {"blob", "B"}};

std::string item(std::string_view text, std::string_view partition = "id") {
  auto read = read_item(text, keys, partition);
  return read ? json::dump(*read) : read.error().message;
}

std::string plain(std::string_view attribute) { return plain_json(json::parse(attribute).value()); }

TEST(PlainItems, GetTheTypesOfJson) {
  EXPECT_EQ(item(R"({"id": "a", "n": 1, "b": true, "z": null, "l": [1, "x"], "m": {"k": -0.5}})"),
            R"({"id":{"S":"a"},"n":{"N":"1"},"b":{"BOOL":true},"z":{"NULL":true},"l":{"L":[{"N":"1"},{"S":"x"}]},)"
            R"("m":{"M":{"k":{"N":"-0.5"}}}})");
}

TEST(PlainItems, KeepEveryDigit) {
  EXPECT_EQ(item(R"({"id":"a","n":12345678901234567890123456789012345678,"f":0.10000000000000000000000000000000000001})"),
            R"({"id":{"S":"a"},"n":{"N":"12345678901234567890123456789012345678"},)"
            R"("f":{"N":"0.10000000000000000000000000000000000001"}})");
  EXPECT_EQ(item(R"({"id":"1e5","n":1E+5,"-2":"3"})"), R"({"id":{"S":"1e5"},"n":{"N":"1E+5"},"-2":{"S":"3"}})");
}

TEST(PlainItems, HaveBinaryKeysAsBase64) {
  EXPECT_EQ(item(R"({"blob":"AP8=","id":"x"})", "blob"), R"({"blob":{"B":"AP8="},"id":{"S":"x"}})");
  EXPECT_EQ(item(R"({"blob":"?"})", "blob"), "blob is binary (B), and not base64 here");
}

TEST(DynamoDbJson, IsKnownByTheKeyAndTakenAsItIs) {
  const std::string document = R"({"id":{"S":"a"},"s":{"SS":["x","y"]},"b":{"B":"AA=="}})";
  EXPECT_EQ(item(document), document);
  EXPECT_EQ(item(R"({"Item":)" + document + "}"), document);
  EXPECT_EQ(item(R"({"id":"a","m":{"S":"x"}})"), R"({"id":{"S":"a"},"m":{"M":{"S":{"S":"x"}}}})");
}

TEST(Items, ThatCannotBeAreRefusedInASentence) {
  EXPECT_EQ(item(R"({"n":1})"), "the key id is missing");
  EXPECT_EQ(item(R"([1])"), "an item is a JSON object");
  EXPECT_EQ(item(R"({"id":{"S":"a"},"n":1})"), "id is DynamoDB JSON, and n is not");
  EXPECT_EQ(item(R"({"id":{"S":"a"},"l":{"L":[{"N":5}]}})"), "numbers of DynamoDB JSON are strings, and 5 is none");
  EXPECT_EQ(item(R"({"id":01})").find("not valid JSON at byte"), 0u);
  EXPECT_EQ(item(R"({"id":"a)").find("not valid JSON at byte"), 0u);
}

TEST(PlainJson, ShowsValuesWithoutTypes) {
  EXPECT_EQ(plain(R"({"S":"a\"b"})"), R"("a\"b")");
  EXPECT_EQ(plain(R"({"N":"99999999999999999999999999999999999999"})"), "99999999999999999999999999999999999999");
  EXPECT_EQ(plain(R"({"N":"NaN"})"), R"("NaN")");
  EXPECT_EQ(plain(R"({"NS":["1","2"]})"), "[1,2]");
  EXPECT_EQ(plain(R"({"M":{"a":{"L":[{"NULL":true},{"BOOL":false},{"B":"AA=="},{"SS":["x"]}]}}})"),
            R"({"a":[null,false,"AA==",["x"]]})");
}

TEST(KeyValues, HaveTheTypeOfTheKey) {
  EXPECT_EQ(json::dump(key_value("id", "S", "5").value()), R"({"S":"5"})");
  EXPECT_EQ(json::dump(key_value("id", "N", "-1.5").value()), R"({"N":"-1.5"})");
  EXPECT_EQ(key_value("id", "N", "five").error().message, "id is a number (N), and 'five' is none");
  EXPECT_EQ(key_value("id", "B", "five!").error().message, "id is binary (B), and 'five!' is not base64");
}

TEST(TextOfAValue, IsJsonWhereItCanBe) {
  EXPECT_EQ(json::dump(attribute_of_text("5")), R"({"N":"5"})");
  EXPECT_EQ(json::dump(attribute_of_text("\"5\"")), R"({"S":"5"})");
  EXPECT_EQ(json::dump(attribute_of_text("five")), R"({"S":"five"})");
  EXPECT_EQ(json::dump(attribute_of_text("[1]")), R"({"L":[{"N":"1"}]})");
}

}  // namespace
}  // namespace croft::cli
