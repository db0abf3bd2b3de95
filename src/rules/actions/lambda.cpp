#include "rules/actions/lambda.h"

#include "lambda/function_name.h"
#include "lambda/resource_policy.h"

namespace croft::rules {

Result<void> check_lambda_permission(const lambda::Functions& functions, const std::string& arn, const std::string& rule_name) {
  const std::size_t at = arn.find(":function:");
  std::string name = at == std::string::npos ? arn : arn.substr(at + 10);
  name = name.substr(0, name.find(':'));
  auto function = functions.find(name);
  if (!function) return function.error();
  const Instance& instance = functions.instance();
  const lambda::ServiceCaller caller{"iot.amazonaws.com", instance.arn("iot", "rule/" + rule_name), instance.account_id};
  if (lambda::permits(*function, caller)) return {};
  return Error{"AccessDeniedException",
               "Failed to invoke lambda function. Received Server error from Lambda. The error code is 403. (the function's "
               "resource policy does not let iot.amazonaws.com in for this rule)",
               403};
}

namespace {

class LambdaAction final : public Action {
 public:
  LambdaAction(sql::Template function_arn, lambda::Functions& functions, lambda::Invoker& invoker, dynamo::TableBackend& tables)
      : function_arn_(std::move(function_arn)), functions_(functions), invoker_(invoker), tables_(tables) {}

  std::string name() const override { return "LambdaAction"; }
  std::string resource() const override { return function_arn_.text(); }

  Task<Result<void>> run(const Firing& firing) const override {
    auto arn = render(function_arn_, firing);
    if (!arn) co_return arn.error();
    if (!firing.output.is_json() && !firing.output.payload().empty())
      co_return invalid_request("The payload is not JSON and cannot be passed to a function; use encode().");
    if (auto allowed = check_lambda_permission(functions_, *arn, firing.rule_name); !allowed) co_return allowed.error();
    lambda::Invocation invocation{.function = std::move(*arn),
                                  .payload = firing.output.payload().str(),
                                  .kind = lambda::Invocation::Kind::event,
                                  .step = firing.step,
                                  .source = "rule " + firing.rule_name};
    auto outcome = co_await run_function(*firing.shard, std::move(invocation));
    if (!outcome) co_return outcome.error();
    if (!outcome->function_error.empty())
      co_return Error{"LambdaInvocationFailed",
                      "The function failed and its retries are used up: " + outcome->payload.substr(0, 512), 500};
    co_return Result<void>();
  }

 private:
  Task<Result<lambda::Outcome>> run_function(Shard& shard, lambda::Invocation invocation) const {
    const MonoTime since = MonoTime::now();
    for (;;) {
      const std::uint64_t unanswered = tables_.unanswered();
      auto outcome = co_await invoker_.run_to_the_end(invocation);
      const bool was_for_tables = outcome && !outcome->function_error.empty() && tables_.unanswered() != unanswered;
      if (!was_for_tables) co_return outcome;
      const bool may_succeed = co_await tables_.answer_again(shard, since);
      if (!may_succeed) co_return outcome;
    }
  }

  sql::Template function_arn_;
  lambda::Functions& functions_;
  lambda::Invoker& invoker_;
  dynamo::TableBackend& tables_;
};

}  // namespace

void add_lambda_action(ActionTypes& types, lambda::Functions& functions, lambda::Invoker& invoker, dynamo::TableBackend& tables) {
  types.add("lambda",
            [&](const json::object& parameters, const ActionContext& context) -> Result<std::unique_ptr<Action>> {
              auto arn = required_template(parameters, "functionArn", context);
              if (!arn) return arn.error();
              if (!arn->text().starts_with("arn:aws") && !arn->text().starts_with("${"))
                return invalid_request("The functionArn '" + arn->text() + "' is not a function ARN.");
              return std::make_unique<LambdaAction>(std::move(*arn), functions, invoker, tables);
            });
}

}  // namespace croft::rules
