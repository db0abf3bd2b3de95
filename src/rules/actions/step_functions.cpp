// stepFunctions. Source: AWS IoT developer guide, "Step Functions"; Step Functions API reference, StartExecution.
#include "rules/actions/remote_action.h"
#include "rules/actions/remote_actions.h"
#include "text/digest.h"
#include "types/instance.h"

namespace croft::rules {

namespace {

constexpr RemoteKind kind{"StepFunctionsAction", "stepFunctions", "stepfunctions",
                          "Failed to start an execution of the state machine"};

class StepFunctions final : public RemoteAction {
 public:
  StepFunctions(sql::Template machine, std::string name_prefix, remote::RemoteServices& services)
      : RemoteAction(kind, std::move(machine), services), name_prefix_(std::move(name_prefix)) {}

  Task<Result<void>> run(const Firing& firing) const override {
    auto machine = render(target(), firing);
    if (!machine) co_return machine.error();
    auto payload = text_payload(firing);
    if (!payload) co_return payload.error();
    const Instance owner{.region = settings().region, .account_id = settings().account_id};
    const json::object input{{"stateMachineArn", owner.arn("states", "stateMachine:" + *machine)},
                             {"name", name_prefix_ + text::random_uuid()},
                             {"input", *payload}};
    remote::Request request = remote::json_request("1.0", "AWSStepFunctions.StartExecution", input);
    auto answer = co_await ask(firing, std::move(request));
    if (!answer) co_return answer.error();
    co_return Result<void>();
  }

 private:
  const std::string name_prefix_;
};

Result<std::unique_ptr<Action>> compile(const json::object& parameters, const ActionContext& context,
                                        remote::RemoteServices& services) {
  if (auto there = require_endpoint(kind, services); !there) return there.error();
  auto machine = required_template(parameters, "stateMachineName", context);
  if (!machine) return machine.error();
  auto role = required_role(parameters);
  if (!role) return role.error();
  const std::string prefix(json::string_or(parameters, "executionNamePrefix", ""));
  if (prefix.find("${") != std::string::npos)
    return invalid_request("'executionNamePrefix' cannot have a substitution template.");
  constexpr std::size_t name_max = 80, uuid_size = 36;  // of an execution's name
  if (prefix.size() + uuid_size > name_max) return invalid_request("'executionNamePrefix' can have at most 44 characters.");
  return std::make_unique<StepFunctions>(std::move(*machine), prefix, services);
}

}  // namespace

void add_step_functions_action(ActionTypes& types, remote::RemoteServices& services) {
  types.add("stepFunctions", [&](const json::object& p, const ActionContext& context) { return compile(p, context, services); });
}

}  // namespace croft::rules
