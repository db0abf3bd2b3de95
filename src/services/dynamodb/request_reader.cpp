#include "services/dynamodb/request_reader.h"

#include <algorithm>
#include <cmath>

#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"
#include "services/dynamodb/item_requests.h"

namespace croft::services::dynamodb {

namespace {

constexpr std::size_t table_name_min = 3, name_length_max = 255;
constexpr std::size_t problems_max = 10;  // AWS tells no more

[[noreturn]] void refuse_type(const json::value& found, std::string_view wanted) {
  switch (found.kind()) {
    case json::kind::array: refuse(dynamo::serialization_error("Start of list found where not expected"));
    case json::kind::object:
      refuse(dynamo::serialization_error("Start of structure or map found where not expected."));
    case json::kind::bool_:
      refuse(dynamo::serialization_error(std::string(found.get_bool() ? "TRUE" : "FALSE") +
                                         "_VALUE cannot be converted to " + std::string(wanted)));
    case json::kind::string:
      refuse(dynamo::serialization_error("STRING_VALUE cannot be converted to " + std::string(wanted)));
    default: refuse(dynamo::serialization_error("NUMBER_VALUE cannot be converted to " + std::string(wanted)));
  }
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
         c == '-';
}

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

// "tableName" for TableName.
std::string member_name(std::string_view name) {
  std::string out(name);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] - 'A' + 'a');
  return out;
}

// The table's name in arn:aws:dynamodb:region:account:table/name, or the text itself.
std::string name_in_arn(std::string text) {
  constexpr std::string_view mark = ":table/";
  const std::size_t at = text.find(mark);
  if (!text.starts_with("arn:") || at == std::string::npos) return text;
  return text.substr(at + mark.size());
}

const json::object no_object;
const json::array no_array;

}  // namespace

void refuse(Error error) { throw ApiError(std::move(error)); }

const json::value* RequestReader::find(std::string_view name) const {
  const json::value* value = json::find(input_, name);
  return value && !value->is_null() ? value : nullptr;
}

std::string RequestReader::place(std::string_view name) const {
  return path_.empty() ? member_name(name) : path_ + "." + member_name(name);
}

void RequestReader::note(std::string_view shown_value, std::string_view name, std::string_view constraint) {
  std::string problem = "Value " + std::string(shown_value) + " at '" + place(name) +
                        "' failed to satisfy constraint: " + std::string(constraint);
  RequestReader* root = this;
  while (root->outer_) root = root->outer_;
  if (root->problems_.size() < problems_max) root->problems_.push_back(std::move(problem));
}

void RequestReader::finish() const {
  if (problems_.empty()) return;
  std::string message =
      std::to_string(problems_.size()) + " validation error" + (problems_.size() > 1 ? "s" : "") + " detected: ";
  for (std::size_t i = 0; i < problems_.size(); ++i) message += (i ? "; " : "") + problems_[i];
  refuse(dynamo::validation_error(std::move(message)));
}

std::optional<std::string> RequestReader::text(std::string_view name) {
  const json::value* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_string()) refuse_type(*value, "String");
  return std::string(value->get_string().data(), value->get_string().size());
}

std::string RequestReader::required_text(std::string_view name) {
  std::optional<std::string> value = text(name);
  if (!value) note("null", name, "Member must not be null");
  return value.value_or("");
}

std::optional<std::string> RequestReader::choice(std::string_view name, std::span<const std::string_view> values) {
  std::optional<std::string> value = text(name);
  if (!value || std::find(values.begin(), values.end(), *value) != values.end()) return value;
  std::string set;
  for (std::string_view one : values) set += (set.empty() ? "" : ", ") + std::string(one);
  note(in_quotes(*value), name, "Member must satisfy enum value set: [" + set + "]");
  return std::nullopt;
}

std::string RequestReader::required_choice(std::string_view name, std::span<const std::string_view> values) {
  if (!has(name)) note("null", name, "Member must not be null");
  return choice(name, values).value_or("");
}

std::optional<std::int64_t> RequestReader::integer(std::string_view name, std::int64_t min, std::int64_t max) {
  const json::value* value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_number()) refuse_type(*value, "Integer");
  // Decimals are rounded down.
  const std::int64_t number = value->is_double() && std::abs(value->get_double()) < 1e15
                                  ? static_cast<std::int64_t>(std::floor(value->get_double()))
                                  : json::int_or(input_, name, 0);
  if (number < min)
    note(in_quotes(std::to_string(number)), name,
         "Member must have value greater than or equal to " + std::to_string(min));
  if (number > max)
    note(in_quotes(std::to_string(number)), name, "Member must have value less than or equal to " + std::to_string(max));
  return number;
}

std::int64_t RequestReader::required_integer(std::string_view name, std::int64_t min, std::int64_t max) {
  if (!has(name)) note("null", name, "Member must not be null");
  return integer(name, min, max).value_or(min);
}

bool RequestReader::flag(std::string_view name, bool otherwise) {
  const json::value* value = find(name);
  if (!value) return otherwise;
  if (value->is_bool()) return value->get_bool();
  if (!value->is_string()) refuse_type(*value, "Boolean");
  const std::optional<bool> truth = dynamo::truth_of({value->get_string().data(), value->get_string().size()});
  if (!truth) refuse(dynamo::serialization_error("Unexpected token received from parser"));
  return *truth;
}

const json::object* RequestReader::object(std::string_view name) {
  const json::value* value = find(name);
  if (!value) return nullptr;
  if (!value->is_object()) refuse_type(*value, "Map");
  return &value->get_object();
}

const json::array* RequestReader::array(std::string_view name) {
  const json::value* value = find(name);
  if (!value) return nullptr;
  if (!value->is_array()) refuse_type(*value, "List");
  return &value->get_array();
}

const json::object& RequestReader::required_object(std::string_view name) {
  if (const json::object* value = object(name)) return *value;
  note("null", name, "Member must not be null");
  return no_object;
}

const json::array& RequestReader::required_array(std::string_view name, std::size_t min, std::size_t max) {
  const json::array* value = array(name);
  if (!value) {
    note("null", name, "Member must not be null");
    return no_array;
  }
  const auto shown = [&] { return in_quotes(json::dump(*value)); };
  if (value->size() < min)
    note(shown(), name, "Member must have length greater than or equal to " + std::to_string(min));
  if (value->size() > max)
    note(shown(), name, "Member must have length less than or equal to " + std::to_string(max));
  return *value;
}

std::string RequestReader::checked_name(std::string_view name, std::size_t min) {
  const std::optional<std::string> value = text(name);
  if (!value) {
    note("null", name, "Member must not be null");
    return {};
  }
  std::string checked = name_in_arn(*value);
  if (!std::all_of(checked.begin(), checked.end(), is_name_character)) {
    note(in_quotes(*value), name, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
  }
  if (checked.size() < min)
    note(in_quotes(*value), name, "Member must have length greater than or equal to " + std::to_string(min));
  if (checked.size() > name_length_max) {
    note(in_quotes(*value), name, "Member must have length less than or equal to " + std::to_string(name_length_max));
  }
  return checked;
}

std::string RequestReader::table_name() {
  const json::value* name = find("TableName");
  if (name && name->is_string() && name->get_string().empty()) {
    RequestReader alone(input_);
    alone.note("''", "TableName", "Member must have length greater than or equal to 1");
    alone.finish();
  }
  return checked_name("TableName", table_name_min);
}

std::string RequestReader::table_name(AskedNames& names) {
  std::string name = table_name();
  const json::value* asked = find("TableName");
  if (asked && asked->get_string() != name) names.add(name, std::string(asked->get_string().c_str()));
  return name;
}

}  // namespace croft::services::dynamodb
