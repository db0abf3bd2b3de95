#include "services/sqs/input.h"

#include <charconv>

#include "sqs/errors.h"
#include "sqs/limits.h"
#include "text/encoding.h"

namespace croft::services::sqs {

namespace {

using namespace croft::sqs;

const json::value* find_member(const json::object& input, std::string_view name) {
  const json::value* value = json::find(input, name);
  return value && !value->is_null() ? value : nullptr;
}

// In a form an empty list or map is its name alone, "AttributeNames=".
const json::value* find_collection(const json::object& input, std::string_view name) {
  const json::value* value = find_member(input, name);
  return value && value->is_string() && value->get_string().empty() ? nullptr : value;
}

[[noreturn]] void refuse_type(std::string_view name, const char* wanted) {
  refuse({"SerializationException", "The member " + std::string(name) + " must be " + wanted, 400});
}

std::string as_text(const json::value& value, std::string_view name) {
  if (!value.is_string()) refuse_type(name, "a string");
  return std::string(value.get_string());
}

}  // namespace

void refuse(Error error) {
  throw ApiError(std::move(error));
}

std::string text_member(const json::object& input, std::string_view name) {
  const json::value* value = find_member(input, name);
  return value ? as_text(*value, name) : "";
}

std::string required_text(const json::object& input, std::string_view name) {
  std::string text = text_member(input, name);
  if (text.empty()) refuse(missing_parameter(name));
  return text;
}

std::optional<std::int64_t> integer_member(const json::object& input, std::string_view name) {
  const json::value* value = find_member(input, name);
  if (!value) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  if (!value->is_string()) refuse_type(name, "an integer");
  const std::string text(value->get_string());
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure == std::errc() && end == text.data() + text.size()) return number;
  refuse(invalid_value(text, name, "Must be an integer."));
}

std::optional<std::int64_t> bounded_integer(const json::object& input, std::string_view name, std::int64_t min,
                                            std::int64_t max, std::string_view reason) {
  const auto number = integer_member(input, name);
  if (number && (*number < min || *number > max)) refuse(invalid_value(std::to_string(*number), name, reason));
  return number;
}

std::vector<std::string> text_list(const json::object& input, std::string_view name) {
  std::vector<std::string> texts;
  for (const json::value& element : list_member(input, name)) texts.push_back(as_text(element, name));
  return texts;
}

Attributes text_map(const json::object& input, std::string_view name) {
  Attributes map;
  const json::value* value = find_collection(input, name);
  if (!value) return map;
  if (!value->is_object()) refuse_type(name, "a map");
  for (const auto& [key, member] : value->get_object()) map.emplace(key, as_text(member, name));
  return map;
}

const json::array& list_member(const json::object& input, std::string_view name) {
  static const json::array none;
  const json::value* value = find_collection(input, name);
  if (!value) return none;
  if (!value->is_array()) refuse_type(name, "a list");
  return value->get_array();
}

std::string queue_in(const gateway::Call& call, const Instance& instance) {
  std::string url = text_member(call.input, "QueueUrl");
  if (url.empty()) url = text::percent_decode(call.http.path);
  if (url.empty() || url == "/") refuse(queue_does_not_exist());
  const std::string_view whole = url;
  const std::size_t name_at = whole.rfind('/');
  const std::size_t account_at =
      name_at == 0 || name_at == std::string_view::npos ? name_at : whole.rfind('/', name_at - 1);
  if (account_at == std::string_view::npos || account_at == name_at)
    refuse({"InvalidAddress", "The address " + text::printable(url) + " is not valid for this endpoint.", 404});
  if (whole.substr(account_at + 1, name_at - account_at - 1) != instance.account_id) refuse(queue_does_not_exist());
  return std::string(whole.substr(name_at + 1));
}

Page read_page(const json::object& input) {
  Page page;
  const auto limit = bounded_integer(input, "MaxResults", 1, static_cast<std::int64_t>(limits::list_page_max),
                                     "MaxResults must be an integer between 1 and 1000.");
  if (limit) page.limit = static_cast<std::size_t>(*limit);
  const std::string token = text_member(input, "NextToken");
  if (token.empty()) return page;
  if (!page.limit)
    refuse(invalid_value(token, "NextToken",
                         "MaxResults is a mandatory parameter when you provide a value for NextToken."));
  const auto name = text::from_base64(token);
  if (!name) refuse(invalid_parameter("Invalid or expired next token."));
  page.after = *name;
  return page;
}

std::string page_token(const std::string& last_name) {
  return text::base64(last_name);
}

}  // namespace croft::services::sqs
