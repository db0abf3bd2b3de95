#include "services/iot/input.h"
#include "services/iot/iot.h"

namespace croft::services::iot {

Task<gateway::Reply> Iot::attach_policy(Call& call) {
  const Input in(call);
  registry_.attach_policy(in.required("policyName"), in.required("target")).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::detach_policy(Call& call) {
  const Input in(call);
  registry_.detach_policy(in.required("policyName"), in.required("target")).value();
  co_await registry_.durable();
  co_return Reply{};
}

// The two below are the older names; CloudFormation's PolicyPrincipalAttachment and old tools still use them.
Task<gateway::Reply> Iot::attach_principal_policy(Call& call) {
  const Input in(call);
  registry_.attach_policy(in.required("policyName"), in.required_header("x-amzn-iot-principal")).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::detach_principal_policy(Call& call) {
  const Input in(call);
  registry_.detach_policy(in.required("policyName"), in.required_header("x-amzn-iot-principal")).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::list_attached_policies(Call& call) {
  const Input in(call);
  const auto names = registry_.attached_policies(in.required("target"), in.flag("recursive")).value();
  const auto page = page_of_names(names, in.marker_page());
  json::array items;
  for (const std::string& name : page.items) items.push_back(policy_summary(name));
  json::object output{{"policies", std::move(items)}};
  set_next(output, "nextMarker", page.next);
  co_return Reply{.output = std::move(output)};
}

Task<gateway::Reply> Iot::list_principal_policies(Call& call) {
  const Input in(call);
  const auto names = registry_.attached_policies(in.required_header("x-amzn-iot-principal"), false).value();
  const auto page = page_of_names(names, in.marker_page());
  json::array items;
  for (const std::string& name : page.items) items.push_back(policy_summary(name));
  json::object output{{"policies", std::move(items)}};
  set_next(output, "nextMarker", page.next);
  co_return Reply{.output = std::move(output)};
}

Task<gateway::Reply> Iot::list_targets_for_policy(Call& call) {
  const Input in(call);
  const auto targets = registry_.targets_of_policy(in.required("policyName")).value();
  const auto page = page_of_names(targets, in.marker_page());
  json::object output{{"targets", json::array(page.items.begin(), page.items.end())}};
  set_next(output, "nextMarker", page.next);
  co_return Reply{.output = std::move(output)};
}

Task<gateway::Reply> Iot::list_policy_principals(Call& call) {
  const Input in(call);
  const auto targets = registry_.targets_of_policy(in.required_header("x-amzn-iot-policy")).value();
  const auto page = page_of_names(targets, in.marker_page());
  json::object output{{"principals", json::array(page.items.begin(), page.items.end())}};
  set_next(output, "nextMarker", page.next);
  co_return Reply{.output = std::move(output)};
}

}  // namespace croft::services::iot
