// Members of SQS requests. In the query protocol every scalar is text, so text that spells a number is one. Errors
// are thrown.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/service.h"
#include "sqs/queue_settings.h"

namespace croft::services::sqs {

[[noreturn]] void refuse(Error error);

// "" when absent.
std::string text_member(const json::object& input, std::string_view name);
// MissingRequiredParameterException when absent or "".
std::string required_text(const json::object& input, std::string_view name);
// InvalidParameterValueException for text that is no number.
std::optional<std::int64_t> integer_member(const json::object& input, std::string_view name);
// The same within bounds: "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: `reason`".
std::optional<std::int64_t> bounded_integer(const json::object& input, std::string_view name, std::int64_t min,
                                            std::int64_t max, std::string_view reason);
std::vector<std::string> text_list(const json::object& input, std::string_view name);
croft::sqs::Attributes text_map(const json::object& input, std::string_view name);
const json::array& list_member(const json::object& input, std::string_view name);

// The queue that QueueUrl, or else the path of the request, names: .../ACCOUNT/NAME. QueueDoesNotExist for another
// account, InvalidAddress for what is no such address.
std::string queue_in(const gateway::Call& call, const Instance& instance);

// MaxResults (nothing when absent) and the name behind which the page starts.
struct Page {
  std::optional<std::size_t> limit;
  std::string after;
};
Page read_page(const json::object& input);
std::string page_token(const std::string& last_name);

}  // namespace croft::services::sqs
