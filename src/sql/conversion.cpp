#include "sql/conversion.h"

#include "text/encoding.h"

namespace croft::sql {

std::optional<Number> to_number(const Value& value) {
  if (value.is_number()) return value.as_number();
  if (!value.is_string()) return std::nullopt;
  if (value.as_string().find('+') != std::string::npos) return std::nullopt;
  return Number::from_text(value.as_string());
}

std::optional<bool> to_boolean(const Value& value) {
  if (value.is_boolean()) return value.as_boolean();
  if (!value.is_string() || value.as_string().size() > 5) return std::nullopt;
  const std::string lower = text::lower(value.as_string());
  if (lower == "true") return true;
  if (lower == "false") return false;
  return std::nullopt;
}

std::optional<std::string> to_text(const Value& value, SqlVersion version) {
  switch (value.kind()) {
    case Value::Kind::undefined:
    case Value::Kind::null: return std::nullopt;
    case Value::Kind::string: return value.as_string();
    default: return write_json(value, version, limits::output_bytes_max);
  }
}

std::optional<CastType> cast_type_from(std::string_view name) {
  static constexpr std::pair<std::string_view, CastType> names[] = {
      {"string", CastType::string},   {"nvarchar", CastType::string},         {"text", CastType::string},
      {"ntext", CastType::string},    {"varchar", CastType::string},          {"int", CastType::integer},
      {"integer", CastType::integer}, {"double", CastType::double_precision}, {"decimal", CastType::decimal},
      {"bool", CastType::boolean},    {"boolean", CastType::boolean},
  };
  const std::string lower = text::lower(name);
  for (const auto& [known, type] : names) {
    if (known == lower) return type;
  }
  return std::nullopt;
}

bool is_in_2015(CastType type) { return type != CastType::decimal && type != CastType::boolean; }

// Booleans count as 1 and 0 here and nowhere else.
static std::optional<Number> number_for_cast(const Value& value) {
  if (value.is_boolean()) return Number::integer(value.as_boolean() ? 1 : 0);
  return to_number(value);
}

static Value cast_to_boolean(const Value& value) {
  if (value.is_number()) return Value::boolean(!value.as_number().is_zero());
  const std::optional<bool> converted = to_boolean(value);
  return converted ? Value::boolean(*converted) : Value();
}

Value cast(const Value& value, CastType type, SqlVersion version) {
  if (type == CastType::boolean) return cast_to_boolean(value);
  if (type == CastType::string) {
    std::optional<std::string> text = to_text(value, version);
    return text ? Value::string(std::move(*text)) : Value();
  }
  const std::optional<Number> number = number_for_cast(value);
  if (!number) return Value();
  if (type == CastType::integer) return Value::number(number->floor());
  if (type == CastType::decimal) return Value::number(number->as_decimal());
  return Value::number(Number::from_double(number->as_double()));
}

}  // namespace croft::sql
