#include <charconv>

#include "services/iot/input.h"
#include "services/iot/iot.h"
#include "things/errors.h"

namespace croft::services::iot {

namespace {

int version_id(const Input& in) {
  const std::string text = in.required("policyVersionId");
  int version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc() || end != text.data() + text.size() || version < 0) {
    throw ApiError(
        things::invalid_request("1 validation error detected: 'policyVersionId' failed to satisfy "
                                "constraint: Member must satisfy regular expression pattern: [0-9]+"));
  }
  return version;
}

}  // namespace

Task<gateway::Reply> Iot::create_policy(Call& call) {
  const Input in(call);
  const std::string document = in.required("policyDocument");
  const auto policy = registry_.create_policy(in.required("policyName"), document).value();
  co_await registry_.durable();
  co_return Reply{.output = {{"policyName", policy.name},
                             {"policyArn", registry_.policy_arn(policy.name)},
                             {"policyDocument", document},
                             {"policyVersionId", "1"}}};
}

Task<gateway::Reply> Iot::get_policy(Call& call) {
  const auto policy = registry_.policy(Input(call).required("policyName")).value();
  co_return Reply{.output = {{"policyName", policy.name},
                             {"policyArn", registry_.policy_arn(policy.name)},
                             {"policyDocument", policy.versions.at(policy.default_version).document},
                             {"defaultVersionId", std::to_string(policy.default_version)},
                             {"creationDate", policy.created.seconds()},
                             {"lastModifiedDate", policy.modified.seconds()},
                             {"generationId", policy.generation_id}}};
}

Task<gateway::Reply> Iot::list_policies(Call& call) {
  const auto page = registry_.policies(Input(call).marker_page());
  json::array items;
  for (const auto& policy : page.items) items.push_back(policy_summary(policy.name));
  json::object output{{"policies", std::move(items)}};
  set_next(output, "nextMarker", page.next);
  co_return Reply{.output = std::move(output)};
}

Task<gateway::Reply> Iot::delete_policy(Call& call) {
  registry_.delete_policy(Input(call).required("policyName")).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::create_policy_version(Call& call) {
  const Input in(call);
  const std::string document = in.required("policyDocument");
  const bool set_default = in.flag("setAsDefault");
  const auto policy = registry_.create_policy_version(in.required("policyName"), document, set_default).value();
  co_await registry_.durable();
  co_return Reply{.output = {{"policyArn", registry_.policy_arn(policy.name)},
                             {"policyDocument", document},
                             {"policyVersionId", std::to_string(policy.next_version - 1)},
                             {"isDefaultVersion", set_default}}};
}

Task<gateway::Reply> Iot::get_policy_version(Call& call) {
  const Input in(call);
  const auto policy = registry_.policy(in.required("policyName")).value();
  const int id = version_id(in);
  const auto version = policy.versions.find(id);
  if (version == policy.versions.end()) throw ApiError(things::not_found("Policy version", std::to_string(id)));
  co_return Reply{.output = {{"policyArn", registry_.policy_arn(policy.name)},
                             {"policyName", policy.name},
                             {"policyDocument", version->second.document},
                             {"policyVersionId", std::to_string(id)},
                             {"isDefaultVersion", id == policy.default_version},
                             {"creationDate", version->second.created.seconds()},
                             {"lastModifiedDate", version->second.created.seconds()},
                             {"generationId", policy.generation_id}}};
}

Task<gateway::Reply> Iot::list_policy_versions(Call& call) {
  const auto policy = registry_.policy(Input(call).required("policyName")).value();
  json::array items;
  for (auto version = policy.versions.rbegin(); version != policy.versions.rend(); ++version) {
    items.push_back(json::object{{"versionId", std::to_string(version->first)},
                                 {"isDefaultVersion", version->first == policy.default_version},
                                 {"createDate", version->second.created.seconds()}});
  }
  co_return Reply{.output = {{"policyVersions", std::move(items)}}};
}

Task<gateway::Reply> Iot::set_default_policy_version(Call& call) {
  const Input in(call);
  registry_.set_default_policy_version(in.required("policyName"), version_id(in)).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::delete_policy_version(Call& call) {
  const Input in(call);
  registry_.delete_policy_version(in.required("policyName"), version_id(in)).value();
  co_await registry_.durable();
  co_return Reply{};
}

json::object Iot::policy_summary(const std::string& name) const {
  return {{"policyName", name}, {"policyArn", registry_.policy_arn(name)}};
}

}  // namespace croft::services::iot
