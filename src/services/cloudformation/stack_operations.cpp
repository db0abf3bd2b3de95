#include "services/cloudformation/operations.h"
#include "services/cloudformation/request_reader.h"

namespace croft::services::cloudformation {

Task<Reply> create_stack(Deployer& deployer, Call& call) {
  cfn::StackRequest request = stack_request(call);
  request.on_failure = on_failure(call, "OnFailure");
  request.has_termination_protection = flag(call, "EnableTerminationProtection");
  request.timeout_minutes = timeout_minutes(call);
  auto id = co_await deployer.create_stack(std::move(request));
  Reply reply;
  reply.output["StackId"] = id.value();
  co_return reply;
}

Task<Reply> update_stack(Deployer& deployer, Call& call) {
  cfn::StackRequest request = stack_request(call);
  request.on_failure = on_failure(call, "OnFailure");
  auto id = co_await deployer.update_stack(std::move(request));
  Reply reply;
  reply.output["StackId"] = id.value();
  co_return reply;
}

Task<Reply> delete_stack(Deployer& deployer, Call& call) {
  std::string name = required_text(call, "StackName");
  const auto retained = maybe_texts(call, "RetainResources").value_or(std::vector<std::string>());
  std::set<std::string> retained_set(retained.begin(), retained.end());
  std::string token = text(call, "ClientRequestToken");
  auto deleted = co_await deployer.delete_stack(std::move(name), std::move(retained_set), std::move(token));
  deleted.value();
  co_return Reply();
}

Task<Reply> continue_update_rollback(Deployer& deployer, Call& call) {
  std::string name = required_text(call, "StackName");
  refuse_unsupported(call);
  std::string token = text(call, "ClientRequestToken");
  auto continued = co_await deployer.continue_update_rollback(std::move(name), std::move(token));
  continued.value();
  co_return Reply();
}

Task<Reply> update_termination_protection(Deployer& deployer, Call& call) {
  std::string name = required_text(call, "StackName");
  const bool is_on = flag(call, "EnableTerminationProtection");
  auto done = co_await deployer.set_termination_protection(name, is_on);
  done.value();
  Reply reply;
  reply.output["StackId"] = deployer.find_stack(name).value()->id;
  co_return reply;
}

}  // namespace croft::services::cloudformation
