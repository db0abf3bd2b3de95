#include "cfn/errors.h"
#include "services/cloudformation/operations.h"
#include "services/cloudformation/replies.h"
#include "services/cloudformation/request_reader.h"

namespace croft::services::cloudformation {
namespace {

bool is_creation(const Call& call) {
  const std::string type = text(call, "ChangeSetType");
  if (type == "CREATE") return true;
  if (type.empty() || type == "UPDATE") return false;
  throw ApiError(cfn::validation_error("ChangeSetType must be CREATE or UPDATE: croft does not import resources"));
}

}  // namespace

Task<Reply> create_change_set(Deployer& deployer, Call& call) {
  cfn::ChangeSetRequest request{.stack = stack_request(call),
                                .name = required_text(call, "ChangeSetName"),
                                .description = text(call, "Description"),
                                .is_creation = is_creation(call)};
  request.stack.on_failure = on_failure(call, "OnStackFailure");
  auto created = co_await deployer.create_change_set(std::move(request));
  const cfn::ChangeSet change_set = created.value();
  Reply reply;
  reply.output = {{"Id", change_set.id}, {"StackId", change_set.stack_id}};
  co_return reply;
}

Task<Reply> describe_change_set(Deployer& deployer, Call& call) {
  const std::string name = required_text(call, "ChangeSetName");
  const cfn::ChangeSet& change_set = *deployer.find_change_set(name, text(call, "StackName")).value();
  const cfn::Stack& stack = *deployer.find_stack(change_set.stack_id).value();
  const PageBounds bounds = page_bounds(call, change_set.changes.size());
  const QueueUrls urls(deployer, call);
  json::array changes;
  for (std::size_t i = bounds.begin; i < bounds.end; ++i) changes.push_back(told_change(change_set.changes[i], urls));
  Reply reply;
  reply.output = change_set_description(stack, change_set);
  reply.output["Changes"] = std::move(changes);
  if (!bounds.next_token.empty()) reply.output["NextToken"] = bounds.next_token;
  co_return reply;
}

Task<Reply> execute_change_set(Deployer& deployer, Call& call) {
  std::string name = required_text(call, "ChangeSetName");
  std::string stack = text(call, "StackName");
  std::string token = text(call, "ClientRequestToken");
  const bool is_kept = flag(call, "DisableRollback");
  auto executed = co_await deployer.execute_change_set(std::move(name), std::move(stack), is_kept, std::move(token));
  executed.value();
  co_return Reply();
}

Task<Reply> delete_change_set(Deployer& deployer, Call& call) {
  std::string name = required_text(call, "ChangeSetName");
  std::string stack = text(call, "StackName");
  auto deleted = co_await deployer.delete_change_set(std::move(name), std::move(stack));
  deleted.value();
  co_return Reply();
}

Task<Reply> list_change_sets(Deployer& deployer, Call& call) {
  const cfn::Stack& stack = *deployer.find_stack(required_text(call, "StackName")).value();
  const std::vector<const cfn::ChangeSet*> found = deployer.change_sets(stack);
  const PageBounds bounds = page_bounds(call, found.size());
  json::array summaries;
  for (std::size_t i = bounds.begin; i < bounds.end; ++i) summaries.push_back(change_set_summary(*found[i]));
  Reply reply;
  reply.output["Summaries"] = std::move(summaries);
  if (!bounds.next_token.empty()) reply.output["NextToken"] = bounds.next_token;
  co_return reply;
}

}  // namespace croft::services::cloudformation
