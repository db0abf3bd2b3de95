// AWS::IoT::Policy
#include "cfn/json_view.h"
#include "cfn/providers/all.h"
#include "cfn/providers/call.h"

namespace croft::cfn {
namespace {

const ResourceSchema policy_schema = {
    .type = "AWS::IoT::Policy",
    .service = "Iot",
    .name_property = "PolicyName",
    .name_rule = {.length_max = 128},
    .properties = {{"PolicyDocument", Kind::any, Replacement::no, true},
                   {"PolicyName", Kind::text, Replacement::yes},
                   {"Tags", Kind::list}},
    .attributes = {"Arn", "Id"},
};

class IotPolicy final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return policy_schema; }

  Task<bool> exists(const ResourceStep& step) const override {
    json::object input{{"policyName", step.id}};
    auto found = co_await call(step, "iot", "GetPolicy", std::move(input));
    co_return found.has_value();
  }

  Task<CallResult> create(const ResourceStep& step) const override {
    json::object input{{"policyName", step.id},
                       {"policyDocument", document_text(step.properties.at("PolicyDocument"))}};
    auto made = co_await call(step, "iot", "CreatePolicy", std::move(input));
    const bool was_made_before =
        !made && step.is_repeated && has_code(made.error(), {"ResourceAlreadyExistsException"});
    if (!made && !was_made_before) co_return made;
    co_return attributes(step);
  }

  // A policy has at most five versions, so those that are not in force go first.
  Task<CallResult> update(const ResourceStep& step) const override {
    if (!differs(step.previous, step.properties, {"PolicyDocument"})) co_return attributes(step);
    auto pruned = co_await delete_old_versions(step);
    if (!pruned) co_return pruned.error();
    json::object input{{"policyName", step.id},
                       {"policyDocument", document_text(step.properties.at("PolicyDocument"))},
                       {"setAsDefault", true}};
    auto done = co_await call(step, "iot", "CreatePolicyVersion", std::move(input));
    if (!done) co_return done;
    co_return attributes(step);
  }

  Task<Result<void>> erase(const ResourceStep& step) const override {
    auto pruned = co_await delete_old_versions(step);
    if (!pruned && !has_code(pruned.error(), {"ResourceNotFoundException"})) co_return pruned;
    json::object input{{"policyName", step.id}};
    auto deleted = co_await call(step, "iot", "DeletePolicy", std::move(input));
    co_return gone(deleted, {"ResourceNotFoundException"});
  }

 private:
  static json::object attributes(const ResourceStep& step) {
    return {{"Arn", step.instance.arn("iot", "policy/" + step.id)}, {"Id", step.id}};
  }

  static Task<Result<void>> delete_old_versions(const ResourceStep& step) {
    json::object question{{"policyName", step.id}};
    auto versions = co_await call(step, "iot", "ListPolicyVersions", std::move(question));
    if (!versions) co_return versions.error();
    const json::array listed = list_of(*versions, "policyVersions");
    for (const json::value& version : listed) {
      if (!version.is_object() || json::bool_or(version.get_object(), "isDefaultVersion", false)) continue;
      json::object input{{"policyName", step.id},
                         {"policyVersionId", json::string_or(version.get_object(), "versionId", "")}};
      auto deleted = co_await call(step, "iot", "DeletePolicyVersion", std::move(input));
      auto done = gone(deleted, {"ResourceNotFoundException"});
      if (!done) co_return done;
    }
    co_return Result<void>();
  }
};

}  // namespace

std::unique_ptr<ResourceProvider> iot_policy() { return std::make_unique<IotPolicy>(); }

}  // namespace croft::cfn
