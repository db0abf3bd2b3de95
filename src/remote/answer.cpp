#include "remote/answer.h"

#include <algorithm>
#include <array>

#include "remote/limits.h"
#include "text/encoding.h"
#include "text/json.h"

namespace croft::remote {

namespace {

// "com.amazon.coral.service#Code:http://..." is Code.
std::string bare_code(std::string_view code) {
  code = code.substr(0, code.find(':'));
  const std::size_t hash = code.rfind('#');
  return std::string(hash == std::string_view::npos ? code : code.substr(hash + 1));
}

std::string unescaped(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, char>, 5> entities{
      {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}, {"&amp;", '&'}}};
  std::string out;
  while (!text.empty()) {
    const auto found =
        std::find_if(entities.begin(), entities.end(), [&](const auto& one) { return text.starts_with(one.first); });
    out += found == entities.end() ? text.front() : found->second;
    text.remove_prefix(found == entities.end() ? 1 : found->first.size());
  }
  return out;
}

// The text of the first element of that name: all that is wanted of an error document.
std::string element(std::string_view xml, const std::string& name) {
  const std::string open = "<" + name + ">", close = "</" + name + ">";
  const std::size_t start = xml.find(open);
  const std::size_t end = start == std::string_view::npos ? start : xml.find(close, start);
  if (end == std::string_view::npos) return {};
  return unescaped(xml.substr(start + open.size(), end - start - open.size()));
}

void read_json(const net::HttpResponse& answer, Error& error) {
  if (auto parsed = json::parse(answer.body); parsed && parsed->is_object()) {
    const json::object& members = parsed->get_object();
    for (const char* name : {"__type", "code", "Code"})
      if (error.code.empty()) error.code = bare_code(json::string_or(members, name, ""));
    for (const char* name : {"message", "Message", "errorMessage"})
      if (error.message.empty()) error.message = json::string_or(members, name, "");
  }
  if (const std::string* type = answer.header("x-amzn-errortype")) error.code = bare_code(*type);
}

template <std::size_t Count>
bool is_one_of(const std::array<std::string_view, Count>& codes, std::string_view code) {
  return std::find(codes.begin(), codes.end(), code) != codes.end();
}

constexpr std::array<std::string_view, 14> throttles{"Throttling",
                                                     "ThrottlingException",
                                                     "ThrottledException",
                                                     "RequestThrottledException",
                                                     "TooManyRequestsException",
                                                     "ProvisionedThroughputExceededException",
                                                     "TransactionInProgressException",
                                                     "RequestLimitExceeded",
                                                     "BandwidthLimitExceeded",
                                                     "LimitExceededException",
                                                     "RequestThrottled",
                                                     "SlowDown",
                                                     "PriorRequestNotComplete",
                                                     "EC2ThrottledException"};
constexpr std::array<std::string_view, 3> passing{"RequestTimeout", "RequestTimeoutException", "InternalError"};

}  // namespace

Error error_of(const net::HttpResponse& answer) {
  Error error{"", "", answer.status};
  const std::string_view body = text::trim(answer.body);
  if (body.starts_with('<')) {
    error.code = element(body, "Code");
    error.message = element(body, "Message");
  } else {
    read_json(answer, error);
  }
  if (error.code.empty()) error.code = "HttpError";
  if (error.message.empty()) error.message = "HTTP status " + std::to_string(answer.status);
  error.code = text::printable(error.code, limits::error_message_bytes_max);
  error.message = text::printable(error.message, limits::error_message_bytes_max);
  return error;
}

Verdict verdict_on(const Error& error) {
  if (is_one_of(throttles, error.code) || error.http_status == 429) return Verdict::throttled;
  const int status = error.http_status;
  const bool is_passing = status == 500 || (status >= 502 && status <= 504) || is_one_of(passing, error.code);
  return is_passing ? Verdict::transient : Verdict::refused;
}

bool is_transient_connection_error(const Error& error) {
  constexpr std::array<std::string_view, 4> codes{"ConnectionFailed", "ConnectionLost", "RequestTimeout", "InvalidResponse"};
  return is_one_of(codes, error.code);
}

}  // namespace croft::remote
