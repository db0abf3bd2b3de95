#include "services/iot/input.h"

#include <algorithm>
#include <charconv>

#include "services/iot/limits.h"
#include "text/encoding.h"
#include "things/errors.h"

namespace croft::services::iot {

namespace {

[[noreturn]] void refuse(std::string message) {
  throw ApiError(things::invalid_request(std::move(message)));
}

[[noreturn]] void refuse_null(std::string_view member) {
  refuse("1 validation error detected: Value null at '" + std::string(member) +
         "' failed to satisfy constraint: Member must not be null");
}

[[noreturn]] void refuse_type(std::string_view member) {
  refuse("The value of '" + std::string(member) + "' is of the wrong type");
}

const json::value* present(const json::object& members, std::string_view member) {
  const json::value* value = json::find(members, member);
  return value && !value->is_null() ? value : nullptr;
}

}  // namespace

std::string Input::required(std::string_view member) const {
  if (!present(call_.input, member)) refuse_null(member);
  return text(member);
}

std::string Input::text(std::string_view member) const {
  const json::value* value = present(call_.input, member);
  if (!value) return {};
  if (!value->is_string()) refuse_type(member);
  return std::string(value->get_string());
}

bool Input::flag(std::string_view member) const {
  const json::value* value = present(call_.input, member);
  if (!value) return false;
  if (value->is_bool()) return value->get_bool();
  if (!value->is_string()) refuse_type(member);
  const std::string text = text::lower(std::string_view(value->get_string()));
  if (text != "true" && text != "false") refuse_type(member);
  return text == "true";
}

std::optional<std::int64_t> Input::integer(std::string_view member) const {
  const json::value* value = present(call_.input, member);
  if (!value) return std::nullopt;
  if (value->is_int64()) return value->get_int64();
  if (!value->is_string()) refuse_type(member);
  const std::string_view text = value->get_string();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) refuse_type(member);
  return number;
}

json::object Input::object(std::string_view member) const {
  const json::value* value = present(call_.input, member);
  if (!value) return {};
  if (!value->is_object()) refuse_type(member);
  return value->get_object();
}

std::vector<std::string> Input::texts(std::string_view member, std::size_t max) const {
  std::vector<std::string> texts;
  const json::value* value = present(call_.input, member);
  if (!value) return texts;
  if (!value->is_array() || value->get_array().size() > max) refuse_type(member);
  for (const json::value& item : value->get_array()) {
    if (!item.is_string()) refuse_type(member);
    texts.emplace_back(item.get_string());
  }
  return texts;
}

std::string Input::required_header(std::string_view name) const {
  const std::string* value = call_.http.header(name);
  if (!value || value->empty()) refuse_null(name);
  return *value;
}

std::optional<things::Attributes> Input::attributes(const json::object& payload) {
  const json::value* value = present(payload, "attributes");
  if (!value) return std::nullopt;
  if (!value->is_object()) refuse_type("attributePayload.attributes");
  things::Attributes attributes;
  for (const auto& [name, text] : value->get_object()) {
    if (!text.is_string()) refuse_type("attributePayload.attributes");
    attributes[std::string(name)] = std::string(text.get_string());
  }
  return attributes;
}

things::PageRequest Input::page(std::string_view size, std::string_view token) const {
  const std::int64_t limit = integer(size).value_or(limits::page_items_max);
  if (limit < 1 || limit > static_cast<std::int64_t>(limits::page_items_max)) {
    refuse("1 validation error detected: Value '" + std::to_string(limit) + "' at '" + std::string(size) +
           "' failed to satisfy constraint: Member must have value between 1 and 250");
  }
  const std::string encoded = text(token);
  const auto after = text::from_base64(encoded);
  if (!after || encoded.size() > limits::page_token_bytes_max) refuse("Invalid " + std::string(token));
  return {.limit = static_cast<std::size_t>(limit), .after = *after};
}

things::PageRequest Input::results_page() const {
  return page("maxResults", "nextToken");
}

// The model's name of the query parameter is isAscendingOrder.
things::PageRequest Input::marker_page() const {
  things::PageRequest request = page("pageSize", "marker");
  request.ascending = flag("isAscendingOrder");
  return request;
}

void set_next(json::object& output, std::string_view member, const std::string& next) {
  if (!next.empty()) output[member] = text::base64(next);
}

things::Page<std::string> page_of_names(const std::vector<std::string>& sorted, const things::PageRequest& request) {
  auto at = std::upper_bound(sorted.begin(), sorted.end(), request.after);
  if (request.after.empty()) at = sorted.begin();
  things::Page<std::string> page;
  while (at != sorted.end() && page.items.size() < request.limit) page.items.push_back(*at++);
  if (at != sorted.end()) page.next = page.items.back();
  return page;
}

}  // namespace croft::services::iot
