// sns. Source: AWS IoT developer guide, "Amazon SNS"; SNS API reference, Publish.
#include "rules/actions/remote_action.h"
#include "rules/actions/remote_actions.h"

namespace croft::rules {

namespace {

constexpr RemoteKind kind{"SnsAction", "sns", "sns", "Failed to publish to SNS"};

class Sns final : public RemoteAction {
 public:
  Sns(sql::Template target, bool is_json, remote::RemoteServices& services)
      : RemoteAction(kind, std::move(target), services), is_json_(is_json) {}

  Task<Result<void>> run(const Firing& firing) const override {
    auto target_arn = render(target(), firing);
    if (!target_arn) co_return target_arn.error();
    auto message = text_payload(firing);
    if (!message) co_return message.error();
    remote::FormFields fields{{"TargetArn", std::move(*target_arn)}, {"Message", std::move(*message)}};
    if (is_json_) fields.emplace_back("MessageStructure", "json");
    remote::Request request = remote::query_request("Publish", "2010-03-31", fields);
    auto answer = co_await ask(firing, std::move(request));
    if (!answer) co_return answer.error();
    co_return Result<void>();
  }

 private:
  const bool is_json_;
};

Result<std::unique_ptr<Action>> compile(const json::object& parameters, const ActionContext& context,
                                        remote::RemoteServices& services) {
  if (auto there = require_endpoint(kind, services); !there) return there.error();
  auto target = required_template(parameters, "targetArn", context);
  if (!target) return target.error();
  if (!target->text().starts_with("arn:") && !target->text().starts_with("${"))
    return invalid_request("The targetArn '" + target->text() + "' is not an ARN.");
  if (target->text().ends_with(".fifo")) return invalid_request("FIFO topics are not supported by the sns action.");
  auto role = required_role(parameters);
  if (!role) return role.error();
  auto format = optional_choice(parameters, "messageFormat", {"RAW", "JSON"});
  if (!format) return format.error();
  return std::make_unique<Sns>(std::move(*target), *format == "JSON", services);
}

}  // namespace

void add_sns_action(ActionTypes& types, remote::RemoteServices& services) {
  types.add("sns", [&](const json::object& p, const ActionContext& context) { return compile(p, context, services); });
}

}  // namespace croft::rules
