// A message's tree as JSON. Source: "Protocol Buffers Language Guide", ProtoJSON Format.
#include <chrono>
#include <cstdio>

#include "sql/conversion.h"
#include "sql/protobuf_types.h"

namespace croft::sql {
namespace {

using Kind = ProtobufKind;

constexpr std::int64_t nanos_max = 999'999'999;
constexpr std::int64_t timestamp_seconds_min = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t timestamp_seconds_max = 253'402'300'799;  // 9999-12-31T23:59:59Z
constexpr std::int64_t duration_seconds_max = 315'576'000'000;   // 10,000 years

Result<Value> message_value(const ProtobufTree& tree, const ProtobufMessage& type);

Result<Value> item_value(const ProtobufTree::Item& item, const ProtobufField& field) {
  if (item.message) return message_value(*item.message, *field.message);
  return item.scalar;
}

const ProtobufTree::Item* only(const ProtobufTree& tree, std::uint32_t number) {
  const auto found = tree.entries.find(number);
  return found == tree.entries.end() || found->second.items.empty() ? nullptr : &found->second.items.back();
}

// Of a 32- or 64-bit field.
std::int64_t integer_at(const ProtobufTree& tree, std::uint32_t number) {
  const ProtobufTree::Item* item = only(tree, number);
  if (!item) return 0;
  const std::optional<std::string> text = to_text(item->scalar, SqlVersion::v2016_03_23);
  return text ? std::strtoll(text->c_str(), nullptr, 10) : 0;
}

// "", or a point and 3, 6 or 9 digits.
std::string fraction(std::int64_t nanos) {
  if (nanos == 0) return "";
  char digits[16];
  if (nanos % 1'000'000 == 0)
    std::snprintf(digits, sizeof digits, ".%03d", static_cast<int>(nanos / 1'000'000));
  else if (nanos % 1'000 == 0)
    std::snprintf(digits, sizeof digits, ".%06d", static_cast<int>(nanos / 1'000));
  else
    std::snprintf(digits, sizeof digits, ".%09d", static_cast<int>(nanos));
  return digits;
}

Result<Value> timestamp_value(const ProtobufTree& tree) {
  using namespace std::chrono;
  const std::int64_t at = integer_at(tree, 1), nanos = integer_at(tree, 2);
  if (at < timestamp_seconds_min || at > timestamp_seconds_max || nanos < 0 || nanos > nanos_max) {
    return protobuf_failure("a timestamp is out of range");
  }
  const sys_seconds time{seconds(at)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return Value::string(text + fraction(nanos) + "Z");
}

Result<Value> duration_value(const ProtobufTree& tree) {
  const std::int64_t seconds = integer_at(tree, 1), nanos = integer_at(tree, 2);
  const bool in_range = std::abs(seconds) <= duration_seconds_max && std::abs(nanos) <= nanos_max;
  if (!in_range || (seconds < 0 && nanos > 0) || (seconds > 0 && nanos < 0))
    return protobuf_failure("a duration is out of range");
  const std::string sign = seconds < 0 || nanos < 0 ? "-" : "";
  return Value::string(sign + std::to_string(std::abs(seconds)) + fraction(std::abs(nanos)) + "s");
}

// An enum's is its value 0, as in proto3, where alone it is asked for.
Value default_of(const ProtobufField& field) {
  if (field.enumeration) {
    const auto zero = field.enumeration->names.find(0);
    return zero == field.enumeration->names.end() ? Value::integer(0) : Value::string(zero->second);
  }
  switch (field.kind) {
    case Kind::bool_: return Value::boolean(false);
    case Kind::string:
    case Kind::bytes: return Value::string("");
    case Kind::int64:
    case Kind::uint64:
    case Kind::sint64:
    case Kind::fixed64:
    case Kind::sfixed64: return Value::string("0");
    default: return Value::integer(0);
  }
}

// The content of a wrapper, which counts as set even when it is the default.
Result<Value> wrapped_value(const ProtobufTree& tree, const ProtobufMessage& type) {
  if (const ProtobufTree::Item* item = only(tree, 1)) return item->scalar;
  const auto field = type.fields.find(1);
  return field == type.fields.end() ? Value() : default_of(field->second);
}

// google.protobuf.Value: whichever of its fields is set.
Result<Value> dynamic_value(const ProtobufTree& tree) {
  for (const auto& [number, entry] : tree.entries) {
    if (entry.items.empty()) continue;
    if (number == 1) return Value::null();
    return item_value(entry.items.back(), *entry.field);
  }
  return protobuf_failure("a google.protobuf.Value has no value");
}

// The one field of google.protobuf.Struct and ListValue in place of the message.
Result<Value> content_value(const ProtobufTree& tree, bool is_struct);

Result<Value> map_value(const ProtobufTree::Entry& entry) {
  Object members;
  for (const ProtobufTree::Item& item : entry.items) {
    const ProtobufMessage& type = *entry.field->message;
    const ProtobufField& key_field = type.fields.at(1);
    const ProtobufField& value_field = type.fields.at(2);
    const ProtobufTree::Item* key = only(*item.message, 1);
    const ProtobufTree::Item* content = only(*item.message, 2);
    std::optional<std::string> name = to_text(key ? key->scalar : default_of(key_field), SqlVersion::v2016_03_23);
    Result<Value> value = Value();
    if (content)
      value = item_value(*content, value_field);
    else if (value_field.message)
      value = message_value(ProtobufTree(), *value_field.message);
    else
      value = default_of(value_field);
    if (!value) return value.error();
    members.append(std::move(name).value_or(""), std::move(*value));
  }
  members.drop_repeated();
  return Value::object(std::move(members));
}

Result<Value> array_value(const ProtobufTree::Entry& entry) {
  Array elements;
  elements.reserve(entry.items.size());
  for (const ProtobufTree::Item& item : entry.items) {
    Result<Value> value = item_value(item, *entry.field);
    if (!value) return value.error();
    elements.push_back(std::move(*value));
  }
  return Value::array(std::move(elements));
}

Result<Value> entry_value(const ProtobufTree::Entry& entry) {
  if (!entry.field->is_repeated) return item_value(entry.items.back(), *entry.field);
  const bool is_map = entry.field->message && entry.field->message->is_map_entry;
  return is_map ? map_value(entry) : array_value(entry);
}

Result<Value> content_value(const ProtobufTree& tree, bool is_struct) {
  const auto found = tree.entries.find(1);
  if (found == tree.entries.end() || found->second.items.empty()) return is_struct ? Value::object({}) : Value::array({});
  return entry_value(found->second);
}

bool is_wrapper(std::string_view name) {
  for (const char* each : {"DoubleValue", "FloatValue", "Int64Value", "UInt64Value", "Int32Value", "UInt32Value", "BoolValue",
                           "StringValue", "BytesValue"}) {
    if (name == each) return true;
  }
  return false;
}

// Nothing for a message without a form of its own.
std::optional<Result<Value>> special_value(const ProtobufTree& tree, const ProtobufMessage& type) {
  constexpr std::string_view package = "google.protobuf.";
  std::string_view name = type.full_name;
  if (!name.starts_with(package)) return std::nullopt;
  name.remove_prefix(package.size());
  if (name == "Timestamp") return timestamp_value(tree);
  if (name == "Duration") return duration_value(tree);
  if (name == "Value") return dynamic_value(tree);
  if (name == "Struct" || name == "ListValue") return content_value(tree, name == "Struct");
  if (is_wrapper(name)) return wrapped_value(tree, type);
  return std::nullopt;
}

Result<Value> message_value(const ProtobufTree& tree, const ProtobufMessage& type) {
  if (auto special = special_value(tree, type)) return std::move(*special);
  for (const ProtobufField* field : type.required) {
    if (!only(tree, field->number)) return protobuf_failure("the required field " + field->name + " is missing");
  }
  Object members;
  for (const auto& [number, entry] : tree.entries) {
    if (entry.items.empty()) continue;
    Result<Value> value = entry_value(entry);
    if (!value) return value.error();
    members.append(entry.field->name, std::move(*value));
  }
  return Value::object(std::move(members));
}

}  // namespace

Result<Value> protobuf_json(const ProtobufTree& tree, const ProtobufMessage& type) { return message_value(tree, type); }

}  // namespace croft::sql
