#include <set>

#include "services/iot/input.h"
#include "services/iot/iot.h"
#include "services/iot/limits.h"
#include "things/connection_variables.h"
#include "things/errors.h"

namespace croft::services::iot {

namespace {

using Policies = std::vector<std::shared_ptr<const identity::Policy>>;

// Those of the principal and, with a thing, of the thing's groups and their ancestors.
std::set<std::string> effective_policies(const things::Registry& registry, const std::string& principal,
                                         const std::string& thing) {
  std::set<std::string> names;
  if (!principal.empty()) {
    for (std::string& name : registry.attached_policies(principal, false).value()) names.insert(std::move(name));
  }
  if (thing.empty()) return names;
  for (const std::string& group : registry.groups_of_thing(thing).value()) {
    auto inherited = registry.attached_policies(registry.thing_group_arn(group), true).value();
    names.insert(inherited.begin(), inherited.end());
  }
  return names;
}

std::string action_of(std::string_view type) {
  if (type == "PUBLISH") return "iot:Publish";
  if (type == "SUBSCRIBE") return "iot:Subscribe";
  if (type == "RECEIVE") return "iot:Receive";
  if (type == "CONNECT") return "iot:Connect";
  throw ApiError(things::invalid_request("Unknown actionType in authInfos"));
}

struct Verdict {
  identity::Decision::Kind kind = identity::Decision::Kind::allowed;
  std::set<std::string> allowing;
  std::set<std::string> denying;
};

// An authInfo is allowed when each of its resources is; an explicit deny of one denies it.
Verdict judge(const identity::PolicySet& policies, const std::string& action,
              const std::vector<std::string>& resources, const identity::PolicyVariables& variables) {
  using Kind = identity::Decision::Kind;
  Verdict verdict;
  for (const std::string& resource : resources) {
    const identity::Decision decision = policies.decide({action, resource, variables});
    if (decision.kind == Kind::allowed) verdict.allowing.emplace(decision.policy);
    if (decision.kind == Kind::explicit_deny) verdict.denying.emplace(decision.policy);
    if (decision.kind == Kind::explicit_deny || verdict.kind == Kind::allowed) verdict.kind = decision.kind;
  }
  return verdict;
}

const char* name_of(identity::Decision::Kind kind) {
  switch (kind) {
    case identity::Decision::Kind::allowed:
      return "ALLOWED";
    case identity::Decision::Kind::explicit_deny:
      return "EXPLICIT_DENY";
    case identity::Decision::Kind::implicit_deny:
      return "IMPLICIT_DENY";
  }
  return "IMPLICIT_DENY";
}

std::vector<std::string> resources_of(const json::object& info) {
  std::vector<std::string> resources;
  const json::value* value = json::find(info, "resources");
  const bool usable = value && value->is_array() && !value->get_array().empty() &&
                      value->get_array().size() <= limits::auth_resources_max;
  if (!usable) throw ApiError(things::invalid_request("An entry of authInfos needs between 1 and 100 resources"));
  for (const json::value& resource : value->get_array()) {
    if (!resource.is_string()) throw ApiError(things::invalid_request("The resources must be a list of strings"));
    resources.emplace_back(resource.get_string());
  }
  return resources;
}

}  // namespace

Task<gateway::Reply> Iot::get_effective_policies(Call& call) {
  const Input in(call);
  json::array items;
  for (const std::string& name : effective_policies(registry_, in.text("principal"), in.text("thingName"))) {
    const auto policy = registry_.policy(name);
    if (!policy) continue;  // deleted a moment ago
    json::object item = policy_summary(name);
    item["policyDocument"] = policy->versions.at(policy->default_version).document;
    items.push_back(std::move(item));
  }
  co_return Reply{.output = {{"effectivePolicies", std::move(items)}}};
}

Task<gateway::Reply> Iot::test_authorization(Call& call) {
  const Input in(call);
  const std::string principal = in.required("principal");
  const json::value* infos = json::find(call.input, "authInfos");
  const bool usable = infos && infos->is_array() && !infos->get_array().empty() &&
                      infos->get_array().size() <= limits::auth_infos_max;
  if (!usable) throw ApiError(things::invalid_request("authInfos must hold between 1 and 10 entries"));

  const std::string client_id = in.text("clientId");
  const bool is_thing = !client_id.empty() && registry_.groups_of_thing(client_id).has_value();
  std::set<std::string> names = effective_policies(registry_, principal, is_thing ? client_id : "");
  for (const std::string& name : in.texts("policyNamesToAdd", limits::policy_names_max)) names.insert(name);
  for (const std::string& name : in.texts("policyNamesToSkip", limits::policy_names_max)) names.erase(name);
  Policies policies;
  for (const std::string& name : names) policies.push_back(registry_.policy(name).value().compiled);
  const identity::PolicySet set(std::move(policies));

  things::Connection connection{.certificate_id = principal.substr(principal.rfind('/') + 1), .client_id = client_id};
  if (auto certificate = registry_.describe_certificate(connection.certificate_id)) {
    connection.certificate_pem = certificate->pem;
  }
  const identity::PolicyVariables variables = things::connection_variables(registry_, connection);

  json::array results;
  for (const json::value& info : infos->get_array()) {
    if (!info.is_object()) throw ApiError(things::invalid_request("authInfos must be a list of objects"));
    const std::string action = action_of(json::string_or(info.get_object(), "actionType", ""));
    const Verdict verdict = judge(set, action, resources_of(info.get_object()), variables);
    json::array allowing, denying;
    for (const std::string& name : verdict.allowing) allowing.push_back(policy_summary(name));
    for (const std::string& name : verdict.denying) denying.push_back(policy_summary(name));
    results.push_back(
        json::object{{"authInfo", info},
                     {"allowed", json::object{{"policies", std::move(allowing)}}},
                     {"denied", json::object{{"implicitDeny", json::object{{"policies", json::array()}}},
                                             {"explicitDeny", json::object{{"policies", std::move(denying)}}}}},
                     {"authDecision", name_of(verdict.kind)},
                     {"missingContextValues", json::array()}});
  }
  co_return Reply{.output = {{"authResults", std::move(results)}}};
}

}  // namespace croft::services::iot
