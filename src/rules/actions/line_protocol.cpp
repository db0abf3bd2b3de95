#include "rules/actions/line_protocol.h"

#include "rules/actions/action_types.h"
#include "rules/destination_limits.h"

namespace croft::rules {

namespace {

constexpr std::size_t json_field_bytes_max = 128 * 1024;

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// What no escape helps: a line's end, and a backslash that would escape what follows.
bool can_be_escaped(std::string_view text) {
  return text.find('\n') == std::string_view::npos && text.find('\r') == std::string_view::npos && !text.ends_with('\\');
}

void append_escaped(std::string& out, std::string_view text, std::string_view special) {
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text, "\"\\");
  out += '"';
}

// AWS: integers up to 2^63-1 are signed, up to 2^64-1 unsigned, others are refused; the rest are floats.
Result<void> append_number(std::string& out, const sql::Number& number, const std::string& name) {
  if (number.is_decimal()) {
    out += number.text();
    return {};
  }
  const auto whole = number.floor_int128();
  constexpr sql::Int128 signed_max = INT64_MAX, unsigned_max = UINT64_MAX;
  if (!whole || *whole < INT64_MIN || *whole > unsigned_max)
    return invalid_request("The integer of the field '" + name + "' is out of range.");
  if (*whole <= signed_max)
    out += std::to_string(static_cast<std::int64_t>(*whole)) + "i";
  else
    out += std::to_string(static_cast<std::uint64_t>(*whole)) + "u";
  return {};
}

Result<void> append_field(std::string& out, const std::string& name, const sql::Value& value, sql::SqlVersion version) {
  append_escaped(out, name, ",= ");
  out += '=';
  switch (value.kind()) {
    case sql::Value::Kind::number: return append_number(out, value.as_number(), name);
    case sql::Value::Kind::boolean: out += value.as_boolean() ? 't' : 'f'; return {};
    case sql::Value::Kind::string: append_quoted(out, value.as_string()); return {};
    default: break;
  }
  const auto text = sql::write_json(value, version, json_field_bytes_max);
  if (!text) return invalid_request("The field '" + name + "' is too long.");
  append_quoted(out, *text);
  return {};
}

Result<std::string> timestamp_of(const sql::Value& point) {
  const sql::Value* timestamp = point.find("timestamp");
  if (!timestamp) return invalid_request("The payload does not contain a 'timestamp' key.");
  const auto whole =
      timestamp->is_number() && !timestamp->as_number().is_decimal() ? timestamp->as_number().floor_int128() : std::nullopt;
  if (!whole || *whole < INT64_MIN || *whole > INT64_MAX) return invalid_request("The timestamp value is not an integer.");
  return std::to_string(static_cast<std::int64_t>(*whole));
}

Result<std::string> head_of(const PointFrame& frame, std::size_t& columns) {
  const bool is_table = !frame.table.empty() && can_be_escaped(frame.table) && frame.table[0] != '#' &&
                        (!frame.is_v3 || is_letter_or_digit(frame.table[0]));
  if (!is_table) return invalid_request("'" + frame.table + "' is not a valid table name.");
  std::string head;
  append_escaped(head, frame.table, ", ");
  for (const auto& [name, value] : frame.tags) {
    if (!is_column_name(name, frame.is_v3)) return invalid_request("'" + name + "' is not a valid tag key.");
    if (value.empty()) continue;
    if (!can_be_escaped(value)) return invalid_request("The value of the tag '" + name + "' is not valid.");
    head += ',';
    append_escaped(head, name, ",= ");
    head += '=';
    append_escaped(head, value, ",= ");
    ++columns;
  }
  return head;
}

}  // namespace

bool is_column_name(std::string_view name, bool is_v3) {
  return !name.empty() && name[0] != '_' && can_be_escaped(name) && (!is_v3 || is_letter_or_digit(name[0]));
}

Result<std::string> line_of(const sql::Value& point, const PointFrame& frame, sql::SqlVersion version) {
  if (!point.is_object()) return invalid_request("The payload is not a JSON object or an array of JSON objects.");
  auto timestamp = frame.timestamp.empty() ? timestamp_of(point) : Result<std::string>(frame.timestamp);
  if (!timestamp) return timestamp.error();
  std::size_t columns = 0;
  auto line = head_of(frame, columns);
  if (!line) return line.error();
  const std::size_t head_bytes = line->size();
  for (const auto& [name, value] : point.as_object().members()) {
    if (name == "timestamp" || frame.reserved.contains(name) || value.is_null()) continue;
    if (!is_column_name(name, false)) return invalid_request("A field key is empty or starts with '_': '" + name + "'.");
    *line += line->size() == head_bytes ? ' ' : ',';
    if (auto added = append_field(*line, name, value, version); !added) return added.error();
    ++columns;
  }
  if (line->size() == head_bytes) return invalid_request("The payload contains no valid fields.");
  if (columns > limits::influx_columns_max) return invalid_request("The tags and fields exceed the maximum column count of 250.");
  return *line + ' ' + *timestamp;
}

}  // namespace croft::rules
