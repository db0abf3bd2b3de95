// Expiry of items: UpdateTimeToLive, DescribeTimeToLive.
#include "services/dynamodb/handlers.h"
#include "services/dynamodb/request_reader.h"

namespace croft::services::dynamodb {

namespace {

constexpr std::size_t attribute_name_max = 255;

}  // namespace

Task<gateway::Reply> update_time_to_live(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  std::string table = reader.table_name();
  RequestReader wanted(reader.required_object("TimeToLiveSpecification"), "timeToLiveSpecification", reader);
  bool enabled = false;
  std::string attribute;
  if (reader.has("TimeToLiveSpecification")) {
    if (!wanted.has("Enabled")) wanted.note("null", "Enabled", "Member must not be null");
    enabled = wanted.flag("Enabled");
    attribute = wanted.required_text("AttributeName");
    const std::string shown = "'" + attribute + "'";
    if (wanted.has("AttributeName") && attribute.empty())
      wanted.note(shown, "AttributeName", "Member must have length greater than or equal to 1");
    if (attribute.size() > attribute_name_max)
      wanted.note(shown, "AttributeName", "Member must have length less than or equal to 255");
  }
  reader.finish();
  const Result<void> set = co_await tables.set_time_to_live(std::move(table), enabled, attribute);
  set.value();
  gateway::Reply reply;
  reply.output["TimeToLiveSpecification"] = json::object{{"Enabled", enabled}, {"AttributeName", attribute}};
  co_return reply;
}

Task<gateway::Reply> describe_time_to_live(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string name = reader.table_name();
  reader.finish();
  const dynamo::TableDefinition table = tables.describe(name).value().definition;
  json::object description{{"TimeToLiveStatus", "DISABLED"}};
  if (!table.ttl_attribute.empty()) {
    description["TimeToLiveStatus"] = table.ttl_filling ? "ENABLING" : "ENABLED";
    description["AttributeName"] = table.ttl_attribute;
  }
  gateway::Reply reply;
  reply.output["TimeToLiveDescription"] = std::move(description);
  co_return reply;
}

}  // namespace croft::services::dynamodb
