// Expressions, items and numbers from anywhere: parsing, evaluating and storing never throw, hang or overrun, and
// what is taken reads back the same. Input: expression, a zero byte, an item in DynamoDB JSON, a zero byte, a number.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "dynamo/attribute_encoding.h"
#include "dynamo/attribute_json.h"
#include "dynamo/expressions/condition.h"
#include "dynamo/expressions/key_condition.h"
#include "dynamo/expressions/projection.h"
#include "dynamo/expressions/update.h"
#include "types/assert.h"

namespace {

using namespace croft;

constexpr const char* names = R"({"#a":"a","#b":"status"})";
constexpr const char* values =
    R"({":s":{"S":"x"},":n":{"N":"1"},":b":{"B":"AA=="},":l":{"L":[{"N":"2"}]},":m":{"M":{"k":{"S":"v"}}},)"
    R"(":t":{"BOOL":true},":ss":{"SS":["a","b"]},":ns":{"NS":["1","2"]},":bs":{"BS":["AA=="]},)"
    R"(":y":{"S":"SS"},":z":{"NULL":true}})";
constexpr const char* fallback =
    R"({"a":{"S":"abc"},"n":{"N":"1"},"l":{"L":[{"N":"0"},{"S":"q"},{"M":{"x":{"N":"3"}}}]},)"
    R"("m":{"M":{"k":{"N":"5"}}},)"
    R"("ss":{"SS":["a","c"]},"status":{"NULL":true}})";

std::string_view part_before_zero(std::string_view& rest) {
  const std::size_t end = rest.find('\0');
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

dynamo::Placeholders placeholders() {
  static const json::value known_names = json::parse(names).value(), known_values = json::parse(values).value();
  return dynamo::Placeholders::read(&known_names, &known_values).value();
}

void check_round_trip(const dynamo::Item& item) {
  const std::size_t counted = dynamo::counted_bytes(item);
  const std::string row = dynamo::encode_item(item, counted);
  CROFT_ASSERT(dynamo::counted_bytes_of_row(row) == counted);
  const dynamo::Item again = dynamo::decode_item(row);
  CROFT_ASSERT(again == item);
  std::string text;
  dynamo::append_json(text, again);
  CROFT_ASSERT(dynamo::item(json::parse(text).value()).value() == item);
}

void check_number(std::string_view text) {
  const Result<dynamo::Number> number = dynamo::Number::parse(text);
  if (!number) return;
  std::string bytes;
  number->append_ordered(bytes);
  std::string_view rest = bytes;
  CROFT_ASSERT(dynamo::Number::take_ordered(rest) == *number && rest.empty());
  CROFT_ASSERT(dynamo::Number::parse(number->text()).value() == *number);
  CROFT_ASSERT(number->counted_bytes() <= 22);
  if (const Result<dynamo::Number> sum = dynamo::Number::add(*number, dynamo::Number(7))) {
    CROFT_ASSERT(*sum > *number);
    CROFT_ASSERT(dynamo::Number::subtract(*sum, dynamo::Number(7)).value() == *number);
  }
}

// A condition is what it is whatever the parameter is called; key conditions only forgive parentheses.
void check_conditions(std::string_view expression, const dynamo::Item& item) {
  const dynamo::KeySchema schema{{"a", dynamo::Type::string}, dynamo::KeyAttribute{"n", dynamo::Type::number}};
  dynamo::Placeholders known = placeholders();
  const auto condition = dynamo::Condition::parse("ConditionExpression", expression, known);
  const auto filter = dynamo::Condition::parse("FilterExpression", expression, known);
  const auto key_condition = dynamo::Condition::parse("KeyConditionExpression", expression, known);
  CROFT_ASSERT(condition.has_value() == filter.has_value());
  CROFT_ASSERT(key_condition.has_value() || !condition.has_value());
  if (condition) CROFT_ASSERT(condition->matches(item) == filter->matches(item));
  if (condition) CROFT_ASSERT(condition->matches(item) == key_condition->matches(item));
  if (!key_condition) return;
  const bool sound = dynamo::KeyCondition::check(*key_condition).has_value();
  const auto key = dynamo::KeyCondition::from(*key_condition, schema);
  CROFT_ASSERT(sound || !key.has_value());
  if (key) (void)key->range("p");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view expression = part_before_zero(rest);
  const Result<json::value> document = json::parse(part_before_zero(rest));
  Result<dynamo::Item> item = document ? dynamo::item(*document) : Result<dynamo::Item>(dynamo::Item());
  if (!item || item->empty()) item = dynamo::item(json::parse(fallback).value());
  check_number(rest);
  check_round_trip(*item);

  dynamo::Placeholders known = placeholders();
  check_conditions(expression, *item);
  if (const auto update = dynamo::Update::parse(expression, known)) {
    if (const auto updated = update->apply(*item)) check_round_trip(*updated);
  }
  if (const auto projection = dynamo::Projection::parse(expression, known))
    check_round_trip(projection->apply(*item));
  return 0;
}
