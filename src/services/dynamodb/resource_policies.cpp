#include "services/dynamodb/resource_policies.h"

#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "services/dynamodb/handlers.h"

namespace croft::services::dynamodb {

namespace {

[[noreturn]] void refuse_document(std::string_view why) {
  refuse(dynamo::invalid_parameter("Invalid policy document: " + std::string(why)));
}

void check_statement(const json::value& statement) {
  const json::object* members = statement.if_object();
  if (!members) refuse_document("This policy contains invalid Json");
  for (const std::string_view one : {"Effect", "Principal", "Action", "Resource"}) {
    const bool is_there = members->contains(one) || members->contains("Not" + std::string(one));
    if (!is_there) refuse_document("Missing required field " + std::string(one));
  }
}

Error policy_not_found(std::string_view why) {
  return {"PolicyNotFoundException", "Resource-based policy not found for the provided ResourceArn: " + std::string(why)};
}

// ExpectedRevisionId against what there is. Source: API Reference, PutResourcePolicy.
Result<void> check_revision(const PolicyHolder& holder, const std::optional<dynamo::ResourcePolicy>& policy,
                            const std::optional<std::string>& expected) {
  if (!expected) return {};
  const std::string requested = "Requested update for policy with revision id " + *expected;
  if (!policy) {
    if (*expected == "NO_POLICY") return {};
    return policy_not_found(requested + ", but no policy is associated to target " + holder.text() + ".");
  }
  if (*expected == policy->revision) return {};
  if (*expected == "NO_POLICY") {
    return policy_not_found("Requested policy update expecting none to be present for " + holder.text() +
                            ", but a policy exists with revision id " + policy->revision + ".");
  }
  return policy_not_found(requested + ", but the policy associated to target " + holder.text() + " has revision id " +
                          policy->revision + ".");
}

// A revision is a time, and later than the one before.
std::string later(const std::optional<dynamo::ResourcePolicy>& before, std::string revision) {
  if (!before || revision > before->revision) return revision;
  return std::to_string(std::stoll(before->revision) + 1);
}

}  // namespace

dynamo::ResourcePolicy new_policy(std::string_view document, Timestamp now) {
  if (document.size() > dynamo::limits::policy_bytes_max) {
    refuse(dynamo::invalid_parameter("Maximum policy size of 20480 bytes exceeded"));
  }
  const Result<json::value> policy = json::parse(document);
  if (!policy || !policy->is_object()) refuse_document("This policy contains invalid Json");
  const json::value* statements = json::find(policy->get_object(), "Statement");
  if (!statements || (statements->is_array() && statements->get_array().empty())) {
    refuse_document("Could not parse the policy: Statement is empty!");
  }
  if (statements->is_array()) {
    for (const json::value& statement : statements->get_array()) check_statement(statement);
  } else {
    check_statement(*statements);
  }
  return {std::string(document), std::to_string(now.ms)};
}

bool same_policy(std::string_view a, std::string_view b) {
  const Result<json::value> first = json::parse(a), second = json::parse(b);
  return first && second && *first == *second;
}

Result<void> PolicyHolder::check(const dynamo::TableDefinition& definition) const {
  if (stream_label.empty() || stream_label == definition.stream_label) return {};
  return Error{"ResourceNotFoundException", "Requested resource not found: Stream: " + arn + " not found"};
}

const std::optional<dynamo::ResourcePolicy>& PolicyHolder::policy(const dynamo::TableDefinition& definition) const {
  return stream_label.empty() ? definition.policy : definition.stream_policy;
}

std::optional<dynamo::ResourcePolicy>& PolicyHolder::policy(dynamo::TableDefinition& definition) const {
  return stream_label.empty() ? definition.policy : definition.stream_policy;
}

std::string PolicyHolder::text() const {
  return stream_label.empty() ? "table " + table : "stream " + table + "/stream/" + stream_label;
}

PolicyHolder policy_holder(RequestReader& reader, const Instance& instance) {
  const std::string arn = reader.required_text("ResourceArn");
  reader.finish();
  if (!arn.starts_with("arn:")) refuse(dynamo::invalid_parameter("ARNs must start with 'arn:': " + arn));
  const std::string own = instance.arn("dynamodb", "table/");
  const std::size_t service = arn.find(":dynamodb:");
  if (service == std::string::npos) refuse(dynamo::invalid_parameter("Provided Arn is not a DynamoDB resource arn: " + arn));
  if (!arn.starts_with(own.substr(0, own.find(instance.account_id)))) {
    refuse(dynamo::invalid_parameter("Invalid resource Arn: " + arn));
  }
  if (!arn.starts_with(own)) {
    refuse(dynamo::validation_error("This action is only supported by accounts that match the resource owner\u2019s account."));
  }
  const std::string resource = arn.substr(own.size());
  const std::size_t slash = resource.find('/');
  if (slash == std::string::npos) return {arn, resource, ""};
  constexpr std::string_view stream = "/stream/";
  const std::string_view rest = std::string_view(resource).substr(slash);
  const bool is_stream = rest.starts_with(stream) && rest.size() > stream.size() && rest.rfind('/') == stream.size() - 1;
  if (is_stream) return {arn, resource.substr(0, slash), std::string(rest.substr(stream.size()))};
  refuse(dynamo::invalid_parameter("Invalid resource arn provided, only table or stream is accepted. Provided resource arn: " +
                                   arn));
}

Task<gateway::Reply> put_resource_policy(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string document = reader.required_text("Policy");
  const std::optional<std::string> expected = reader.text("ExpectedRevisionId");
  const PolicyHolder holder = policy_holder(reader, tables.instance());
  const dynamo::ResourcePolicy wanted = new_policy(document, Timestamp::now());
  std::string revision;
  const Result<void> done = co_await tables.edit(holder.table, [&](dynamo::TableDefinition& definition) -> Result<void> {
    if (auto held = holder.check(definition); !held) return held;
    std::optional<dynamo::ResourcePolicy>& policy = holder.policy(definition);
    const Result<void> checked = check_revision(holder, policy, expected);
    if (!checked) return checked;
    if (!policy || !same_policy(policy->document, wanted.document)) {
      const std::string next = later(policy, wanted.revision);
      policy = dynamo::ResourcePolicy{wanted.document, next};
    }
    revision = policy->revision;
    return {};
  });
  done.value();
  gateway::Reply reply;
  reply.output["RevisionId"] = revision;
  co_return reply;
}

Task<gateway::Reply> get_resource_policy(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  const PolicyHolder holder = policy_holder(reader, tables.instance());
  const dynamo::OpenTablePtr known = tables.open(holder.table);
  if (!known) refuse(dynamo::table_not_found(holder.table));
  holder.check(known->definition).value();
  const std::optional<dynamo::ResourcePolicy>& policy = holder.policy(known->definition);
  if (!policy) refuse(policy_not_found(holder.arn));
  gateway::Reply reply;
  reply.output = {{"Policy", policy->document}, {"RevisionId", policy->revision}};
  co_return reply;
}

// Nothing to delete is no fault. Source: API Reference, DeleteResourcePolicy.
Task<gateway::Reply> delete_resource_policy(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::optional<std::string> expected = reader.text("ExpectedRevisionId");
  const PolicyHolder holder = policy_holder(reader, tables.instance());
  std::string revision;
  const Result<void> done = co_await tables.edit(holder.table, [&](dynamo::TableDefinition& definition) -> Result<void> {
    if (auto held = holder.check(definition); !held) return held;
    std::optional<dynamo::ResourcePolicy>& policy = holder.policy(definition);
    const Result<void> checked = check_revision(holder, policy, expected);
    if (!checked) return checked;
    if (policy) revision = later(policy, std::to_string(Timestamp::now().ms));
    policy.reset();
    return {};
  });
  done.value();
  gateway::Reply reply;
  if (!revision.empty()) reply.output["RevisionId"] = revision;
  co_return reply;
}

}  // namespace croft::services::dynamodb
