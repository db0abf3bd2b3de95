#include "sqs/message_rules.h"

#include <algorithm>

#include "sqs/errors.h"
#include "sqs/limits.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::sqs {

namespace {

constexpr const char* invalid_characters =
    "Invalid characters found. Valid unicode characters are {#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | "
    "#x10000 to "
    "#x10FFFF}";
constexpr const char* not_for_this_kind = "The request include parameter that is not valid for this queue type.";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t digits_at(std::string_view text, std::size_t at) {
  std::size_t count = 0;
  while (at + count < text.size() && is_digit(text[at + count])) ++count;
  return count;
}

// A decimal number with up to 38 digits, with or without a sign, point and exponent.
// Source: developer guide, "Amazon SQS message attributes", Number.
bool is_number(std::string_view text) {
  std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const std::size_t whole = digits_at(text, at);
  at += whole;
  std::size_t fraction = 0;
  if (at < text.size() && text[at] == '.') {
    fraction = digits_at(text, at + 1);
    at += 1 + fraction;
  }
  if (whole + fraction == 0 || whole + fraction > 38) return false;
  if (at == text.size()) return true;
  if (text[at] != 'e' && text[at] != 'E') return false;
  ++at;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  const std::size_t exponent = digits_at(text, at);
  return exponent >= 1 && exponent <= 3 && at + exponent == text.size();
}

Result<void> check_name(const std::string& name) {
  if (name.empty()) return invalid_parameter("Message (user) attribute name can not be empty.");
  if (name.size() > limits::attribute_name_characters_max)
    return invalid_parameter("Message (user) attribute names must be shorter than 256 Bytes");
  const auto is_allowed = [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' || c == '.';
  };
  if (!std::all_of(name.begin(), name.end(), is_allowed))
    return invalid_parameter(
        "Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens "
        "and underscores. ");
  const std::string lower = text::lower(name);
  if (lower.starts_with("aws.") || lower.starts_with("amazon.") || name.starts_with('.') || name.ends_with('.') ||
      name.find("..") != std::string::npos)
    return invalid_parameter(
        "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for "
        "internal use. "
        "Additionally, they cannot start or end with '.'.");
  return {};
}

Result<void> check_attribute(const MessageAttribute& attribute) {
  if (auto named = check_name(attribute.name); !named) return named.error();
  const std::string in_quotes = "message (user) attribute '" + attribute.name + "'";
  if (attribute.type.empty())
    return invalid_parameter("The " + in_quotes + " must contain a non-empty message attribute type.");
  if (attribute.type.size() > limits::attribute_type_characters_max)
    return invalid_parameter("Message (user) attribute types must be shorter than 256 Bytes");
  const std::string_view kind = std::string_view(attribute.type).substr(0, attribute.type.find('.'));
  if (kind != "String" && kind != "Number" && kind != "Binary")
    return invalid_parameter(
        "The type of " + in_quotes +
        " is invalid. You must use only the following supported type prefixes: Binary, Number, String.");
  if (attribute.value.empty() || attribute.is_binary != (kind == "Binary"))
    return invalid_parameter("Message (user) attribute '" + attribute.name +
                             "' must contain a non-empty value of type '" + (kind == "Binary" ? "Binary" : "String") +
                             "'.");
  if (kind == "Number" && !is_number(attribute.value))
    return invalid_parameter("Can't cast the value of " + in_quotes + " to a number.");
  if (!attribute.is_binary && !has_allowed_characters(attribute.value)) return invalid_parameter(invalid_characters);
  return {};
}

// Letters, digits and punctuation of ASCII.
Result<void> check_fifo_id(const std::string& id, const char* parameter) {
  const bool is_printable = std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (is_printable && id.size() <= limits::fifo_id_characters_max) return {};
  return invalid_value(
      id, parameter,
      std::string(parameter) + " can only include alphanumeric and punctuation characters. 1 to 128 in length.");
}

}  // namespace

bool has_allowed_characters(std::string_view text) {
  if (!text::is_utf8(text)) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return false;
    // U+FFFE and U+FFFF
    if (c == 0xef && text[i + 1] == '\xbf' && (text[i + 2] == '\xbe' || text[i + 2] == '\xbf')) return false;
  }
  return true;
}

Result<void> check_content(const Message& message) {
  if (message.body.empty()) return missing_parameter("MessageBody");
  if (!has_allowed_characters(message.body)) return Error{"InvalidMessageContents", invalid_characters, 400};
  if (message.attributes.size() > limits::message_attributes_max)
    return invalid_parameter("Number of message attributes [" + std::to_string(message.attributes.size()) +
                             "] exceeds the allowed maximum [" + std::to_string(limits::message_attributes_max) +
                             "].");
  for (const MessageAttribute& attribute : message.attributes)
    if (auto checked = check_attribute(attribute); !checked) return checked.error();
  if (!message.trace_header.empty() && !has_allowed_characters(message.trace_header))
    return invalid_parameter(invalid_characters);
  if (auto checked = check_fifo_id(message.group_id, "MessageGroupId"); !checked) return checked.error();
  return check_fifo_id(message.deduplication_id, "MessageDeduplicationId");
}

Result<void> check_for_queue(Message& message, std::optional<std::int64_t> delay_s, const QueueSettings& settings) {
  if (static_cast<std::int64_t>(size_of(message)) > settings.message_bytes)
    return invalid_parameter("One or more parameters are invalid. Reason: Message must be shorter than " +
                             std::to_string(settings.message_bytes) + " bytes.");
  if (delay_s && (*delay_s < 0 || *delay_s > limits::delay_s_max))
    return invalid_value(std::to_string(*delay_s), "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.");
  if (!settings.fifo) {
    if (message.deduplication_id.empty()) return {};
    return invalid_value(message.deduplication_id, "MessageDeduplicationId", not_for_this_kind);
  }
  if (delay_s && *delay_s != 0) return invalid_value(std::to_string(*delay_s), "DelaySeconds", not_for_this_kind);
  if (message.group_id.empty()) return missing_parameter("MessageGroupId");
  if (!message.deduplication_id.empty()) return {};
  if (!settings.content_deduplication)
    return invalid_parameter(
        "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
        "explicitly");
  message.deduplication_id = text::hex(text::sha256(message.body));
  return {};
}

}  // namespace croft::sqs
