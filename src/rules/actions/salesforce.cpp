#include "rules/actions/salesforce.h"

#include "rules/actions/http_request.h"
#include "rules/destination_limits.h"
#include "sql/regex.h"

namespace croft::rules {

namespace {

constexpr const char* url_pattern =
    R"(^https://ingestion-[a-zA-Z0-9]{1,12}\.[a-zA-Z0-9]+\.((sfdc-matrix\.net)|(sfdcnow\.com))/streams/\w{1,20}/\w{1,20}/event$)";
constexpr std::size_t token_characters_min = 40;

class SalesforceAction final : public Action {
 public:
  SalesforceAction(std::string url, std::string token, Web& web) : url_(std::move(url)), token_(std::move(token)), web_(web) {}

  std::string name() const override { return "SalesforceAction"; }
  std::string resource() const override { return url_; }

  Task<Result<void>> run(const Firing& firing) const override {
    net::HttpCall call{.method = "POST",
                       .url = url_,
                       .headers = {{"authorization", "Bearer " + token_}, {"content-type", "application/json"}},
                       .body = firing.output.payload().str()};
    auto done = co_await post_with_tries(web_, *firing.shard, std::move(call), std::nullopt, "SalesforceAction");
    co_return done;
  }

 private:
  const std::string url_, token_;
  Web& web_;
};

Result<std::unique_ptr<Action>> compile(const json::object& parameters, Web& web) {
  auto url = required_text(parameters, "url");
  if (!url) return url.error();
  auto token = required_text(parameters, "token");
  if (!token) return token.error();
  const auto pattern = sql::Regex::compile(url_pattern);
  if (url->size() > limits::url_bytes_max || !pattern || !pattern->matches_part_of(*url))
    return invalid_request("The url '" + *url + "' is not that of a Salesforce IoT input stream.");
  if (token->size() < token_characters_min) return invalid_request("The token must have at least 40 characters.");
  return std::make_unique<SalesforceAction>(std::move(*url), std::move(*token), web);
}

}  // namespace

void add_salesforce_action(ActionTypes& types, Web& web) {
  types.add("salesforce", [&web](const json::object& parameters, const ActionContext&) { return compile(parameters, web); });
}

}  // namespace croft::rules
