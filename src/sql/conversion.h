// The conversions of the AWS IoT SQL reference, "Data types": every rule about them is in conversion.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sql/limits.h"
#include "sql/value.h"

namespace croft::sql {

// To Decimal: numbers, and strings that match ^-?\d+(\.\d+)?([eE]-?\d+)?$. Null does not convert (the function tables
// say Undefined where the conversion table says Null).
std::optional<Number> to_number(const Value& value);

// Booleans, and "true"/"false" in any case.
std::optional<bool> to_boolean(const Value& value);

// To String: digits, true/false, compact JSON for arrays and objects. Nothing for Null and Undefined, and for text
// over limits::output_bytes_max.
std::optional<std::string> to_text(const Value& value, SqlVersion version);

enum class CastType : std::uint8_t { string, integer, double_precision, decimal, boolean };

// The names of cast(x AS name), case-insensitive.
std::optional<CastType> cast_type_from(std::string_view name);
// Decimal, Bool and Boolean came with 2016-03-23.
bool is_in_2015(CastType type);

Value cast(const Value& value, CastType type, SqlVersion version);

}  // namespace croft::sql
