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
Result<void> check_revision(const dynamo::TableDefinition& table, const std::optional<std::string>& expected) {
  if (!expected) return {};
  const std::string requested = "Requested update for policy with revision id " + *expected;
  if (!table.policy) {
    if (*expected == "NO_POLICY") return {};
    return policy_not_found(requested + ", but no policy is associated to target table " + table.name + ".");
  }
  if (*expected == table.policy->revision) return {};
  if (*expected == "NO_POLICY") {
    return policy_not_found("Requested policy update expecting none to be present for table " + table.name +
                            ", but a policy exists with revision id " + table.policy->revision + ".");
  }
  return policy_not_found(requested + ", but the policy associated to target table " + table.name + " has revision id " +
                          table.policy->revision + ".");
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

std::string table_of_policy(RequestReader& reader, const Instance& instance) {
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
  const std::string table = arn.substr(own.size());
  if (table.find("/stream/") != std::string::npos) {
    refuse(dynamo::validation_error("Resource-based policies of streams are not supported"));
  }
  if (table.find('/') == std::string::npos) return table;
  refuse(dynamo::invalid_parameter("Invalid resource arn provided, only table or stream is accepted. Provided resource arn: " +
                                   arn));
}

Task<gateway::Reply> put_resource_policy(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string document = reader.required_text("Policy");
  const std::optional<std::string> expected = reader.text("ExpectedRevisionId");
  const std::string table = table_of_policy(reader, tables.instance());
  const dynamo::ResourcePolicy wanted = new_policy(document, Timestamp::now());
  std::string revision;
  const Result<void> done = co_await tables.edit(table, [&](dynamo::TableDefinition& definition) -> Result<void> {
    const Result<void> checked = check_revision(definition, expected);
    if (!checked) return checked;
    if (!definition.policy || !same_policy(definition.policy->document, wanted.document)) {
      const std::string next = later(definition.policy, wanted.revision);
      definition.policy = dynamo::ResourcePolicy{wanted.document, next};
    }
    revision = definition.policy->revision;
    return {};
  });
  done.value();
  gateway::Reply reply;
  reply.output["RevisionId"] = revision;
  co_return reply;
}

Task<gateway::Reply> get_resource_policy(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string table = table_of_policy(reader, tables.instance());
  const dynamo::OpenTablePtr known = tables.open(table);
  if (!known) refuse(dynamo::table_not_found(table));
  if (!known->definition.policy) refuse(policy_not_found(reader.required_text("ResourceArn")));
  gateway::Reply reply;
  reply.output = {{"Policy", known->definition.policy->document}, {"RevisionId", known->definition.policy->revision}};
  co_return reply;
}

// Nothing to delete is no fault. Source: API Reference, DeleteResourcePolicy.
Task<gateway::Reply> delete_resource_policy(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::optional<std::string> expected = reader.text("ExpectedRevisionId");
  const std::string table = table_of_policy(reader, tables.instance());
  std::string revision;
  const Result<void> done = co_await tables.edit(table, [&](dynamo::TableDefinition& definition) -> Result<void> {
    const Result<void> checked = check_revision(definition, expected);
    if (!checked) return checked;
    if (definition.policy) revision = later(definition.policy, std::to_string(Timestamp::now().ms));
    definition.policy.reset();
    return {};
  });
  done.value();
  gateway::Reply reply;
  if (!revision.empty()) reply.output["RevisionId"] = revision;
  co_return reply;
}

}  // namespace croft::services::dynamodb
