#include "rules/actions/http_request.h"

#include <algorithm>

#include "identity/sigv4.h"
#include "net/url.h"
#include "rules/destination_limits.h"
#include "text/encoding.h"

namespace croft::rules {

namespace {

constexpr std::chrono::milliseconds first_pause{50};

Error failed(const std::string& action, const std::string& why, int status) {
  return {"RuleActionFailed", action + " failed to make a request to the specified endpoint. " + why, status};
}

Error failure_of(const std::string& action, const Result<net::HttpResponse>& answer) {
  if (!answer) return failed(action, "Reason: " + answer.error().message, 0);
  std::string why = "StatusCode: " + std::to_string(answer->status) + ".";
  if (const auto reason = reason_of(answer->status); !reason.empty()) why += " Reason: " + std::string(reason) + ".";
  return failed(action, why, answer->status);
}

bool may_try_again(const Result<net::HttpResponse>& answer) {
  if (!answer) return answer.error().code == "ConnectionFailed";
  if (answer->body.size() > limits::http_retry_answer_bytes_max) return false;
  const std::string* connection = answer->header("connection");
  if (connection && text::lower(*connection).find("close") != std::string::npos) return false;
  return answer->status == 429 || (answer->status >= 500 && answer->status <= 599);
}

// What is signed is what net::HttpClient sends.
void sign(net::HttpCall& call, const RequestSigning& signing) {
  const auto url = net::parse_url(call.url);
  if (!url) return;  // the client tells
  net::HttpRequest request{
      .method = call.method, .path = url->path, .query = url->query, .headers = call.headers, .body = call.body, .peer = {}};
  request.headers.emplace_back("host", url->authority());
  const identity::Signing how{signing.credentials, signing.region, signing.service, Timestamp::now()};
  for (auto& header : identity::sign(request, how)) call.headers.push_back(std::move(header));
}

}  // namespace

std::string_view reason_of(int status) {
  static constexpr std::pair<int, std::string_view> reasons[] = {{300, "Multiple Choices"},
                                                                 {301, "Moved Permanently"},
                                                                 {302, "Found"},
                                                                 {303, "See Other"},
                                                                 {304, "Not Modified"},
                                                                 {307, "Temporary Redirect"},
                                                                 {308, "Permanent Redirect"},
                                                                 {400, "Bad Request"},
                                                                 {401, "Unauthorized"},
                                                                 {402, "Payment Required"},
                                                                 {403, "Forbidden"},
                                                                 {404, "Not Found"},
                                                                 {405, "Method Not Allowed"},
                                                                 {406, "Not Acceptable"},
                                                                 {408, "Request Timeout"},
                                                                 {409, "Conflict"},
                                                                 {410, "Gone"},
                                                                 {411, "Length Required"},
                                                                 {413, "Content Too Large"},
                                                                 {415, "Unsupported Media Type"},
                                                                 {422, "Unprocessable Content"},
                                                                 {429, "Too Many Requests"},
                                                                 {500, "Internal Server Error"},
                                                                 {501, "Not Implemented"},
                                                                 {502, "Bad Gateway"},
                                                                 {503, "Service Unavailable"},
                                                                 {504, "Gateway Timeout"}};
  for (const auto& [number, reason] : reasons)
    if (number == status) return reason;
  return {};
}

Task<Result<void>> post_with_tries(Web& web, Shard& shard, net::HttpCall call, std::optional<RequestSigning> signing,
                                   std::string action_name) {
  const MonoTime begin = MonoTime::now();
  std::chrono::milliseconds pause = first_pause;
  for (int tries = 1;; ++tries) {
    net::HttpCall request = call;
    if (signing) sign(request, *signing);
    const std::chrono::milliseconds left = limits::http_time_max - std::chrono::milliseconds(MonoTime::now().ms - begin.ms);
    auto answer = co_await web.request(shard, std::move(request), std::max(left, std::chrono::milliseconds(1)));
    if (answer && answer->status >= 200 && answer->status < 300) co_return Result<void>();
    const auto spent = std::chrono::milliseconds(MonoTime::now().ms - begin.ms) + pause;
    if (tries == limits::http_tries_max || !may_try_again(answer) || spent >= limits::http_time_max)
      co_return failure_of(action_name, answer);
    co_await sleep_for(pause);
    pause *= 4;
  }
}

}  // namespace croft::rules
