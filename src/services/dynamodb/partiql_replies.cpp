#include "services/dynamodb/partiql_replies.h"

#include "dynamo/attribute_json.h"
#include "services/dynamodb/replies.h"

namespace croft::services::dynamodb {

namespace {

gateway::Reply reply_of(std::string body) {
  gateway::Reply reply;
  reply.body = std::move(body);
  reply.content_type = "application/x-amz-json-1.0";
  return reply;
}

// What a refusal is called inside a batch. Source: botocore's model, BatchStatementErrorCodeEnum.
std::string_view batch_code(const Error& error) {
  if (error.code == "ConditionalCheckFailedException") return "ConditionalCheckFailed";
  if (error.code == "ResourceNotFoundException") return "ResourceNotFound";
  if (error.code == "DuplicateItemException") return "DuplicateItem";
  if (error.code == "TransactionConflictException") return "TransactionConflict";
  if (error.code == "ItemCollectionSizeLimitExceededException") return "ItemCollectionSizeLimitExceeded";
  if (error.code == "ProvisionedThroughputExceededException") return "ProvisionedThroughputExceeded";
  if (error.code == "RequestLimitExceeded") return "RequestLimitExceeded";
  if (error.code == "ThrottlingException") return "ThrottlingError";
  return "ValidationError";
}

void append_error(std::string& out, const Error& error) {
  out.append("{\"Code\":\"").append(batch_code(error)).append("\",\"Message\":");
  json::append_string(out, error.message);
  if (!error.details.empty()) out.append(",").append(error.details, 1, error.details.size() - 2);
  out += '}';
}

void append_answer(std::string& out, const StatementAnswer& answer) {
  std::string members;
  const auto member = [&](std::string_view name) -> std::string& {
    members.append(members.empty() ? "\"" : ",\"").append(name).append("\":");
    return members;
  };
  if (answer.error) append_error(member("Error"), *answer.error);
  if (!answer.table.empty()) json::append_string(member("TableName"), answer.table);
  if (answer.item) dynamo::append_json(member("Item"), *answer.item);
  out.append("{").append(members).append("}");
}

}  // namespace

gateway::Reply reply_statement(const dynamo::partiql::Selected& selected, const std::optional<std::string>& next_token,
                               const std::string& table, CapacityWanted capacity) {
  std::string out = "{\"Items\":[";
  for (std::size_t i = 0; i < selected.items.size(); ++i) {
    if (i) out += ',';
    dynamo::append_json(out, selected.items[i]);
  }
  out += ']';
  if (next_token) json::append_string(out += ",\"NextToken\":", *next_token);
  if (selected.last_key) dynamo::append_json(out += ",\"LastEvaluatedKey\":", *selected.last_key);
  if (capacity != CapacityWanted::none) {
    out.append(",\"ConsumedCapacity\":").append(json::dump(consumed(selected.capacity, table, capacity)));
  }
  out += '}';
  return reply_of(std::move(out));
}

gateway::Reply reply_batch_statements(const std::vector<StatementAnswer>& answers, CapacityWanted capacity) {
  std::string out = "{\"Responses\":[";
  json::array consumption;
  for (const StatementAnswer& answer : answers) {
    if (&answer != &answers.front()) out += ',';
    append_answer(out, answer);
    if (!answer.table.empty()) consumption.push_back(consumed(answer.capacity, answer.table, capacity));
  }
  out += ']';
  if (capacity != CapacityWanted::none) out.append(",\"ConsumedCapacity\":").append(json::dump(consumption));
  out += '}';
  return reply_of(std::move(out));
}

}  // namespace croft::services::dynamodb
