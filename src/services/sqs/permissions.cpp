// AddPermission and RemovePermission: statements of the queue's policy, which is kept and not evaluated.
#include <algorithm>

#include "services/sqs/input.h"
#include "services/sqs/operations.h"
#include "sqs/errors.h"
#include "sqs/limits.h"

namespace croft::services::sqs {

using namespace croft::sqs;

namespace {

// Source: developer guide, "Amazon SQS API permissions".
constexpr std::string_view permitted_actions[] = {"*",
                                                  "SendMessage",
                                                  "ReceiveMessage",
                                                  "DeleteMessage",
                                                  "ChangeMessageVisibility",
                                                  "GetQueueAttributes",
                                                  "GetQueueUrl",
                                                  "ListDeadLetterSourceQueues",
                                                  "PurgeQueue",
                                                  "ListQueueTags",
                                                  "SendMessageBatch",
                                                  "DeleteMessageBatch",
                                                  "ChangeMessageVisibilityBatch"};

void check_action(const std::string& action) {
  if (std::find(std::begin(permitted_actions), std::end(permitted_actions), action) != std::end(permitted_actions))
    return;
  refuse(invalid_value("SQS:" + action, "ActionName",
                       "Please refer to the appropriate WSDL for a list of valid actions. "));
}

// One alone, or the list.
json::value one_or_all(json::array all) {
  return all.size() == 1 ? all.front() : json::value(std::move(all));
}

json::object policy_of(const QueueDefinition& queue, const std::string& arn) {
  const auto text = queue.attributes.find("Policy");
  if (text == queue.attributes.end())
    return {{"Version", "2008-10-17"}, {"Id", arn + "/SQSDefaultPolicy"}, {"Statement", json::array()}};
  auto parsed = json::parse(text->second);
  return parsed && parsed->is_object() ? std::move(parsed->get_object()) : json::object();
}

json::array statements_of(const json::object& policy) {
  const json::value* found = json::find(policy, "Statement");
  if (!found) return {};
  return found->is_array() ? found->get_array() : json::array{*found};
}

bool has_label(const json::value& statement, const std::string& label) {
  return statement.is_object() && json::string_or(statement.get_object(), "Sid", "") == label;
}

}  // namespace

Task<gateway::Reply> Operations::add_permission(Call& call) {
  const QueueDefinition& of = queue(call);
  std::string name = of.name;
  const std::string label = required_text(call.input, "Label"), arn = instance().arn("sqs", name);
  const std::vector<std::string> accounts = text_list(call.input, "AWSAccountIds"),
                                 named = text_list(call.input, "Actions");
  if (accounts.empty()) refuse(missing_parameter("AWSAccountIds"));
  if (named.empty()) refuse(missing_parameter("Actions"));
  if (named.size() > limits::policy_actions_max)
    refuse(over_limit(std::to_string(named.size()) + " Actions were found, maximum allowed is 7."));
  json::array principals, actions;
  for (const std::string& account : accounts)
    principals.emplace_back("arn:" + instance().partition + ":iam::" + account + ":root");
  for (const std::string& action : named) {
    check_action(action);
    actions.emplace_back("SQS:" + action);
  }
  json::object policy = policy_of(of, arn);
  json::array statements = statements_of(policy);
  for (const json::value& statement : statements)
    if (has_label(statement, label)) refuse(invalid_value(label, "Label", "Already exists."));
  if (statements.size() >= limits::policy_statements_max) refuse(over_limit("The policy has too many statements."));
  statements.push_back(json::object{{"Sid", label},
                                    {"Effect", "Allow"},
                                    {"Principal", json::object{{"AWS", one_or_all(std::move(principals))}}},
                                    {"Action", one_or_all(std::move(actions))},
                                    {"Resource", arn}});
  policy["Statement"] = std::move(statements);
  Attributes changes = {{"Policy", json::dump(policy)}};
  const Result<void> set = co_await queues_.set_attributes(std::move(name), std::move(changes));
  set.value();
  co_return Reply();
}

Task<gateway::Reply> Operations::remove_permission(Call& call) {
  const QueueDefinition& of = queue(call);
  std::string name = of.name;
  const std::string label = required_text(call.input, "Label");
  json::object policy = policy_of(of, instance().arn("sqs", name));
  const json::array all = statements_of(policy);
  json::array kept;
  for (const json::value& statement : all)
    if (!has_label(statement, label)) kept.push_back(statement);
  if (kept.size() == all.size()) refuse(invalid_value(label, "Label", "can't find label."));
  const bool is_empty = kept.empty();
  policy["Statement"] = std::move(kept);
  Attributes changes = {{"Policy", is_empty ? std::string() : json::dump(policy)}};
  const Result<void> set = co_await queues_.set_attributes(std::move(name), std::move(changes));
  set.value();
  co_return Reply();
}

}  // namespace croft::services::sqs
