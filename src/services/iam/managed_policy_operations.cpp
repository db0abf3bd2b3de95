#include "services/iam/operations.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::services::iam {

namespace {

using identity::ManagedPolicy;
using identity::PolicyVersion;

std::string date(Timestamp t) {
  return text::iso8601({t.ms / 1000 * 1000});
}

// "true" from the wire, true from a deployment.
bool flag(const gateway::Call& call, const char* member) {
  const json::value* value = json::find(call.input, member);
  return value && ((value->is_bool() && value->get_bool()) || (value->is_string() && value->get_string() == "true"));
}

json::object shape(const ManagedPolicy& policy) {
  return {{"PolicyName", policy.name},
          {"PolicyId", policy.id},
          {"Arn", policy.arn},
          {"Path", policy.path},
          {"DefaultVersionId", policy.default_version},
          {"AttachmentCount", policy.attachments},
          {"PermissionsBoundaryUsageCount", 0},
          {"IsAttachable", true},
          {"CreateDate", date(policy.created)},
          {"UpdateDate", date(policy.updated)}};
}

// Lists leave the description and the tags out.
json::object shape_with_details(const ManagedPolicy& policy) {
  json::object out = shape(policy);
  if (!policy.description.empty()) out["Description"] = policy.description;
  if (!policy.tags.empty()) out["Tags"] = tag_list(policy.tags);
  return out;
}

// Only GetPolicyVersion tells the document.
json::object shape(const PolicyVersion& version, bool is_default) {
  return {{"VersionId", version.id}, {"IsDefaultVersion", is_default}, {"CreateDate", date(version.created)}};
}

void check_choice(const std::string& value, const char* member, std::initializer_list<std::string_view> choices) {
  if (value.empty()) return;
  std::string listed;
  for (std::string_view choice : choices) {
    if (choice == value) return;
    listed += (listed.empty() ? "" : ", ") + std::string(choice);
  }
  throw ApiError(invalid(value, member, "Member must satisfy enum value set: [" + listed + "]"));
}

}  // namespace

Task<gateway::Reply> Operations::create_policy(Call& call) {
  identity::NewManagedPolicy wanted;
  wanted.name = required(call, "PolicyName");
  wanted.document = required(call, "PolicyDocument");
  wanted.description = optional(call, "Description");
  wanted.tags = read_tags(call);
  if (const std::string path = optional(call, "Path"); !path.empty()) wanted.path = path;
  const ManagedPolicy policy = roles_.create_managed(wanted, Timestamp::now()).value();
  co_await store_.durable();
  Reply reply;
  reply.output = {{"Policy", shape_with_details(policy)}};
  co_return reply;
}

Task<gateway::Reply> Operations::get_policy(Call& call) {
  Reply reply;
  reply.output = {{"Policy", shape_with_details(roles_.find_managed(required(call, "PolicyArn")).value())}};
  co_return reply;
}

// croft has none of AWS's policies to list, and no policy is a permissions boundary.
Task<gateway::Reply> Operations::list_policies(Call& call) {
  const Page page = read_page(call);
  const std::string scope = optional(call, "Scope"), usage = optional(call, "PolicyUsageFilter");
  check_choice(scope, "scope", {"All", "AWS", "Local"});
  check_choice(usage, "policyUsageFilter", {"PermissionsPolicy", "PermissionsBoundary"});
  const std::string prefix = optional(call, "PathPrefix");
  std::vector<ManagedPolicy> policies;
  if (scope != "AWS" && usage != "PermissionsBoundary") policies = roles_.list_managed(prefix.empty() ? "/" : prefix);
  if (flag(call, "OnlyAttached")) std::erase_if(policies, [](const auto& policy) { return policy.attachments == 0; });
  Reply reply;
  reply.output = page_of(
      policies, page, "Policies", [](const ManagedPolicy& policy) { return policy.name; },
      [](const ManagedPolicy& policy) { return shape(policy); });
  co_return reply;
}

Task<gateway::Reply> Operations::delete_policy(Call& call) {
  roles_.erase_managed(required(call, "PolicyArn")).value();
  co_await store_.durable();
  co_return Reply();
}

Task<gateway::Reply> Operations::create_policy_version(Call& call) {
  const std::string arn = required(call, "PolicyArn"), document = required(call, "PolicyDocument");
  const bool is_default = flag(call, "SetAsDefault");
  const PolicyVersion version = roles_.add_version(arn, document, is_default, Timestamp::now()).value();
  co_await store_.durable();
  Reply reply;
  reply.output = {{"PolicyVersion", shape(version, is_default)}};
  co_return reply;
}

Task<gateway::Reply> Operations::get_policy_version(Call& call) {
  const std::string arn = required(call, "PolicyArn");
  const PolicyVersion version = roles_.find_version(arn, required(call, "VersionId")).value();
  json::object out = shape(version, roles_.find_managed(arn).value().default_version == version.id);
  out["Document"] = text::percent_encode(version.document);
  Reply reply;
  reply.output = {{"PolicyVersion", std::move(out)}};
  co_return reply;
}

// At most five, so one page, the newest first.
Task<gateway::Reply> Operations::list_policy_versions(Call& call) {
  read_page(call);
  const ManagedPolicy policy = roles_.find_managed(required(call, "PolicyArn")).value();
  json::array versions;
  for (auto version = policy.versions.rbegin(); version != policy.versions.rend(); ++version) {
    versions.push_back(shape(*version, version->id == policy.default_version));
  }
  Reply reply;
  reply.output = {{"Versions", std::move(versions)}, {"IsTruncated", false}};
  co_return reply;
}

Task<gateway::Reply> Operations::delete_policy_version(Call& call) {
  const std::string arn = required(call, "PolicyArn");
  roles_.erase_version(arn, required(call, "VersionId")).value();
  co_await store_.durable();
  co_return Reply();
}

Task<gateway::Reply> Operations::set_default_policy_version(Call& call) {
  const std::string arn = required(call, "PolicyArn");
  roles_.set_default_version(arn, required(call, "VersionId")).value();
  co_await store_.durable();
  co_return Reply();
}

}  // namespace croft::services::iam
