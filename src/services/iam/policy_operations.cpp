#include <algorithm>

#include "services/iam/operations.h"
#include "text/encoding.h"

namespace croft::services::iam {

Task<gateway::Reply> Operations::put_role_policy(Call& call) {
  const std::string role = required(call, "RoleName"), policy = required(call, "PolicyName");
  roles_.put_policy(role, policy, required(call, "PolicyDocument")).value();
  co_await store_.durable();
  co_return Reply();
}

Task<gateway::Reply> Operations::get_role_policy(Call& call) {
  const std::string role = required(call, "RoleName"), policy = required(call, "PolicyName");
  const std::string document = roles_.policy(role, policy).value();
  Reply reply;
  reply.output = {{"RoleName", role}, {"PolicyName", policy}, {"PolicyDocument", text::percent_encode(document)}};
  co_return reply;
}

Task<gateway::Reply> Operations::delete_role_policy(Call& call) {
  const std::string role = required(call, "RoleName");
  roles_.erase_policy(role, required(call, "PolicyName")).value();
  co_await store_.durable();
  co_return Reply();
}

Task<gateway::Reply> Operations::list_role_policies(Call& call) {
  const identity::Role role = roles_.find(required(call, "RoleName")).value();
  std::vector<std::string> names;
  for (const auto& [name, document] : role.inline_policies) names.push_back(name);
  const auto same = [](const std::string& name) { return name; };
  Reply reply;
  reply.output =
      page_of(names, read_page(call), "PolicyNames", same, [](const auto& name) { return json::value(name); });
  co_return reply;
}

Task<gateway::Reply> Operations::attach_role_policy(Call& call) {
  const std::string role = required(call, "RoleName");
  roles_.attach_policy(role, required(call, "PolicyArn")).value();
  co_await store_.durable();
  co_return Reply();
}

Task<gateway::Reply> Operations::detach_role_policy(Call& call) {
  const std::string role = required(call, "RoleName");
  roles_.detach_policy(role, required(call, "PolicyArn")).value();
  co_await store_.durable();
  co_return Reply();
}

Task<gateway::Reply> Operations::list_attached_role_policies(Call& call) {
  std::vector<std::string> arns = roles_.find(required(call, "RoleName")).value().attached_policies;
  std::sort(arns.begin(), arns.end());
  const auto same = [](const std::string& arn) { return arn; };
  const auto shape = [](const std::string& arn) {
    return json::object{{"PolicyName", arn.substr(arn.rfind('/') + 1)}, {"PolicyArn", arn}};
  };
  Reply reply;
  reply.output = page_of(arns, read_page(call), "AttachedPolicies", same, shape);
  co_return reply;
}

// croft has no instance profiles; tools ask before they delete a role.
Task<gateway::Reply> Operations::list_instance_profiles_for_role(Call& call) {
  roles_.find(required(call, "RoleName")).value();
  Reply reply;
  reply.output = {{"InstanceProfiles", json::array()}, {"IsTruncated", false}};
  co_return reply;
}

}  // namespace croft::services::iam
