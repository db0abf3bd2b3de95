// Type tests, access to parts, defaults.
#include "sql/functions/function.h"

namespace croft::sql {
namespace {

Value is_null(const Invocation& in) { return Value::boolean(in[0].is_null()); }
Value is_undefined(const Invocation& in) { return Value::boolean(in[0].is_undefined()); }

Value nanvl(const Invocation& in) { return in[0].is_undefined() || in[0].is_null() ? in[1] : in[0]; }

Value get_or_default(const Invocation& in) {
  if (!in[0].is_undefined() && !in[0].is_null()) return in[0];
  return in.size() == 2 ? in[1] : Value();
}

Value character_at(const std::string& text, std::int64_t index) {
  std::size_t start = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const bool starts = at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (!starts || at == 0) continue;
    if (index-- == 0) return Value::string(text.substr(start, at - start));
    start = at;
  }
  return Value();
}

Value get(const Invocation& in) {
  const Value& collection = in[0];
  if (collection.is_object()) {
    const Value* member = in[1].is_string() ? collection.find(in[1].as_string()) : nullptr;
    return member ? *member : Value();
  }
  const std::optional<Number> key = in.number(1);
  const std::int64_t index = key ? key->floor_int64() : -1;
  if (index < 0) return Value();
  if (collection.is_string()) return character_at(collection.as_string(), index);
  if (!collection.is_array() || index >= static_cast<std::int64_t>(collection.as_array().size())) return Value();
  return collection.as_array()[static_cast<std::size_t>(index)];
}

std::string check_transform_mode(Call& call) {
  return string_literal(call, 0) ? "" : "the mode of transform must be a string literal";
}

// The members of `base` (an object) added to every object of the array; the base's win.
Value transform(const Invocation& in) {
  const Value &mode = in[0], &base = in[1], &elements = in[2];
  if (mode.as_string() != "enrichArray" || !base.is_object() || !elements.is_array()) return Value();
  Array out;
  for (const Value& element : elements.as_array()) {
    if (!element.is_object()) continue;
    if (!in.evaluator.charge(element.as_object().size() + base.as_object().size())) return Value();
    Object enriched = element.as_object();
    for (const auto& [name, member] : base.as_object().members()) enriched.append(name, member);
    enriched.drop_repeated();
    out.push_back(Value::object(std::move(enriched)));
  }
  Value result = Value::array(std::move(out));
  const bool fits = write_json(result, in.evaluator.version(), limits::transform_bytes_max).has_value();
  return fits ? result : Value();
}

constexpr SqlVersion v2015 = SqlVersion::v2015_10_08;
constexpr SqlVersion v2016 = SqlVersion::v2016_03_23;

constexpr Function rows[] = {
    {"isnull", 1, 1, v2015, is_null},
    {"isundefined", 1, 1, v2016, is_undefined},
    {"nanvl", 2, 2, v2015, nanvl},
    {"get", 2, 2, v2015, get},
    {.name = "get_or_default", .arguments_min = 1, .arguments_max = 2, .since = v2016, .run = get_or_default,
     .absorbs_failure = true},
    {"transform", 3, 3, v2016, transform, check_transform_mode},
};

}  // namespace

std::span<const Function> type_functions() { return rows; }

}  // namespace croft::sql
