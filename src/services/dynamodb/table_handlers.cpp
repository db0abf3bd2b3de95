#include <algorithm>

#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "gateway/request_origin.h"
#include "services/dynamodb/handlers.h"
#include "services/dynamodb/replies.h"
#include "services/dynamodb/request_reader.h"
#include "services/dynamodb/table_requests.h"

namespace croft::services::dynamodb {

namespace {

// The table of an operation that takes nothing but TableName.
dynamo::TableDescription described_table(const dynamo::Tables& tables, const gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string name = reader.table_name();
  reader.finish();
  return tables.describe(name).value();
}

dynamo::TableDescription tagged_table(const dynamo::Tables& tables, RequestReader& reader) {
  const std::string name = table_of_arn(reader);
  Result<dynamo::TableDescription> table = tables.describe(name);
  if (!table) {
    refuse({"ResourceNotFoundException",
            "Requested resource not found: ResourcArn: " + reader.required_text("ResourceArn") + " not found"});
  }
  return *std::move(table);
}

gateway::Reply replied(std::string_view member, json::object content) {
  gateway::Reply reply;
  reply.output[member] = std::move(content);
  return reply;
}

}  // namespace

Task<gateway::Reply> create_table(dynamo::Tables& tables, gateway::Call& call) {
  dynamo::TableDefinition wanted = read_create_table(call.input, tables.instance());
  Result<dynamo::TableDescription> created = co_await tables.create(std::move(wanted));
  co_return replied("TableDescription", description(created.value()));
}

Task<gateway::Reply> describe_table(dynamo::Tables& tables, gateway::Call& call) {
  co_return replied("Table", description(described_table(tables, call)));
}

Task<gateway::Reply> update_table(dynamo::Tables& tables, gateway::Call& call) {
  const dynamo::TableDescription known = described_table(tables, call);
  dynamo::UpdateTable request = read_update_table(call.input, known.definition, tables.instance());
  Result<dynamo::TableDescription> updated = co_await tables.update(std::move(request));
  co_return replied("TableDescription", description(updated.value()));
}

Task<gateway::Reply> delete_table(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  std::string name = reader.table_name();
  reader.finish();
  Result<dynamo::TableDescription> removed = co_await tables.remove(std::move(name));
  co_return replied("TableDescription", description(removed.value()));
}

Task<gateway::Reply> list_tables(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string after = reader.text("ExclusiveStartTableName").value_or("");
  const auto limit = reader.integer("Limit", 1, static_cast<std::int64_t>(dynamo::limits::list_tables_page_max));
  reader.finish();
  const std::size_t count = static_cast<std::size_t>(limit.value_or(dynamo::limits::list_tables_page_max));
  std::vector<std::string> names = tables.names(after, count + 1);
  gateway::Reply reply;
  if (names.size() > count) {
    names.pop_back();
    reply.output["LastEvaluatedTableName"] = names.back();
  }
  json::array list;
  for (const std::string& name : names) list.emplace_back(name);
  reply.output["TableNames"] = std::move(list);
  co_return reply;
}

// The quotas of a new account. Source: API Reference, DescribeLimits.
Task<gateway::Reply> describe_limits(dynamo::Tables&, gateway::Call&) {
  gateway::Reply reply;
  reply.output = {{"AccountMaxReadCapacityUnits", 80000},
                  {"AccountMaxWriteCapacityUnits", 80000},
                  {"TableMaxReadCapacityUnits", 40000},
                  {"TableMaxWriteCapacityUnits", 40000}};
  co_return reply;
}

// The address the caller used: a client that follows it stays here.
Task<gateway::Reply> describe_endpoints(const std::string& region, gateway::Call& call) {
  const std::string* host = call.http.header("host");
  const bool is_usable = host && gateway::is_host_and_port(*host);
  gateway::Reply reply;
  json::object endpoint{{"Address", is_usable ? *host : "dynamodb." + region + ".amazonaws.com"},
                        {"CachePeriodInMinutes", 1440}};
  reply.output["Endpoints"] = json::array{std::move(endpoint)};
  co_return reply;
}

Task<gateway::Reply> tag_resource(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  dynamo::TableDescription table = tagged_table(tables, reader);
  const dynamo::Tags added = read_tags(reader, "Tags");
  reader.finish();
  dynamo::Tags tags = std::move(table.definition.tags);
  for (const auto& [key, value] : added) {
    std::erase_if(tags, [&, &wanted = key](const auto& tag) { return tag.first == wanted; });
    tags.emplace_back(key, value);
  }
  if (tags.size() > dynamo::limits::tags_max) {
    refuse(dynamo::validation_error(
        "One or more parameter values were invalid: Number of tags exceeds the limit of 50"));
  }
  Result<void> set = co_await tables.set_tags(table.definition.name, std::move(tags));
  set.value();
  co_return gateway::Reply();
}

Task<gateway::Reply> untag_resource(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  dynamo::TableDescription table = tagged_table(tables, reader);
  const json::array& keys = reader.required_array("TagKeys", 0, SIZE_MAX);
  reader.finish();
  dynamo::Tags tags = std::move(table.definition.tags);
  for (const json::value& key : keys) {
    std::erase_if(tags, [&](const auto& tag) { return key.is_string() && key.get_string() == tag.first; });
  }
  Result<void> set = co_await tables.set_tags(table.definition.name, std::move(tags));
  set.value();
  co_return gateway::Reply();
}

Task<gateway::Reply> list_tags_of_resource(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  const dynamo::TableDescription table = tagged_table(tables, reader);
  json::array tags;
  for (const auto& [key, value] : table.definition.tags) tags.push_back(json::object{{"Key", key}, {"Value", value}});
  gateway::Reply reply;
  reply.output["Tags"] = std::move(tags);
  co_return reply;
}

}  // namespace croft::services::dynamodb
