#include "rules/destination_checks.h"

#include "observe/log.h"
#include "rules/destination_limits.h"

namespace croft::rules {

DestinationChecks::DestinationChecks(Shard& shard, Destinations& destinations, Web& web, std::string base_url,
                                     SecretSource secrets)
    : shard_(shard), destinations_(destinations), web_(web), base_url_(std::move(base_url)), secrets_(std::move(secrets)) {}

void DestinationChecks::begin(const std::string& arn) {
  shard_.spawn(check(arn));
}

void DestinationChecks::start() {
  for (const std::string& arn : destinations_.unasked()) begin(arn);
}

Task<void> DestinationChecks::check(std::string arn) {
  const auto destination = destinations_.get(arn);
  if (!destination) co_return;
  if (const auto* http = std::get_if<Destination::Http>(&destination->target)) co_await ask_http(arn, http->confirmation_url);
  if (const auto* influx = std::get_if<Destination::InfluxDb>(&destination->target)) co_await ask_influx(arn, *influx);
}

std::string confirmation_request_url(const std::string& confirmation_url, const std::string& token) {
  const std::size_t mark = confirmation_url.find('?');
  std::string url = confirmation_url.substr(0, mark);
  while (url.ends_with('/')) url.pop_back();
  url += "/?";
  if (mark != std::string::npos && mark + 1 < confirmation_url.size()) url += confirmation_url.substr(mark + 1) + "&";
  return url + "confirmationToken=" + token;
}

// Source: AWS IoT developer guide, "HTTP action destinations".
Task<void> DestinationChecks::ask_http(std::string arn, std::string confirmation_url) {
  const auto token = destinations_.issue_token(arn);
  if (!token) co_return;
  const json::object body{{"arn", arn},
                          {"confirmationToken", *token},
                          {"enableUrl", base_url_ + "/confirmdestination/" + *token},
                          {"messageType", "DestinationConfirmation"}};
  net::HttpCall call{.method = "POST",
                     .url = confirmation_request_url(confirmation_url, *token),
                     .headers = {{"content-type", "application/json"},
                                 {"x-amz-rules-engine-message-type", "DestinationConfirmation"},
                                 {"x-amz-rules-engine-destination-arn", arn}},
                     .body = json::dump(body)};
  auto answer = co_await web_.request(shard_, std::move(call), limits::confirmation_time_max);
  if (!answer) log::warn("rules", "no answer to the confirmation request of " + arn + ": " + answer.error().message);
  destinations_.was_asked(arn, *token, answer ? std::optional(answer->status) : std::nullopt);
}

// Source: AWS IoT developer guide, "InfluxDB", endpoint ownership validation.
Task<void> DestinationChecks::ask_influx(std::string arn, Destination::InfluxDb influx) {
  Result<std::string> token = Error{"SecretNotAvailable", "no endpoint of AWS Secrets Manager is configured"};
  if (secrets_) {
    SecretQuestion question{.secret_id = influx.secret_id, .key = influx.secret_key, .is_fresh = true};
    if (!influx.secret_type.empty()) question.type = influx.secret_type;
    token = co_await secrets_(shard_, std::move(question));
  }
  if (!token) {
    destinations_.checked(arn, false, "The secret could not be read: " + token.error().message);
    co_return;
  }
  const bool is_v2 = influx.version == "V2";
  net::HttpCall call{.method = "GET",
                     .url = influx.endpoint + (is_v2 ? "/api/v2/me" : "/api/v3/configure/database?format=json"),
                     .headers = {{"authorization", (is_v2 ? "Token " : "Bearer ") + *token}},
                     .body = {}};
  auto answer = co_await web_.request(shard_, std::move(call), limits::confirmation_time_max);
  if (!answer) {
    destinations_.checked(arn, false, "The endpoint could not be reached: " + answer.error().message);
    co_return;
  }
  const bool is_good = answer->status >= 200 && answer->status < 300;
  destinations_.checked(arn, is_good,
                        is_good ? "" : "The endpoint responded with HTTP status code - " + std::to_string(answer->status) + ".");
}

}  // namespace croft::rules
