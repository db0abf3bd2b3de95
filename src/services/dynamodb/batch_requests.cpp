#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "services/dynamodb/expression_parameters.h"
#include "services/dynamodb/item_requests.h"
#include "services/dynamodb/request_reader.h"

namespace croft::services::dynamodb {

namespace {

constexpr std::string_view metrics[] = {"SIZE", "NONE"};

const json::object& tables_asked(RequestReader& reader) {
  const json::object& tables = reader.required_object("RequestItems");
  if (reader.has("RequestItems") && tables.empty()) {
    reader.note("'{}'", "RequestItems", "Member must have length greater than or equal to 1");
  }
  return tables;
}

std::string table_named(std::string_view key) {
  json::object input;
  input["TableName"] = json::string(key);
  RequestReader reader(input);
  std::string name = reader.table_name();
  reader.finish();
  return name;
}

const json::object& structure(const json::value& value) {
  if (!value.is_object()) refuse(dynamo::serialization_error("Unexpected value type in payload"));
  return value.get_object();
}

dynamo::BatchWrite::Request write_request(const json::value& document) {
  const json::object& request = structure(document);
  RequestReader reader(request);
  const json::object* put = reader.object("PutRequest");
  const json::object* erase = reader.object("DeleteRequest");
  if (!put == !erase) {
    refuse(dynamo::validation_error(
        put ? "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported "
              "datatypes"
            : "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"));
  }
  RequestReader inner(put ? *put : *erase);
  inner.required_object(put ? "Item" : "Key");
  inner.finish();
  if (put) return {dynamo::item(*inner.find("Item")).value(), {}};
  return {std::nullopt, dynamo::item(*inner.find("Key")).value()};
}

}  // namespace

Read<dynamo::BatchGet> read_batch_get(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::BatchGet> out;
  out.capacity = read_capacity(reader);
  const json::object& tables = tables_asked(reader);
  reader.finish();
  std::size_t total = 0;
  for (const auto& [name, wanted] : tables) {
    const std::string table(name.data(), name.size());
    RequestReader part_reader(structure(wanted), "requestItems." + table + ".member", reader);
    const json::array& keys = part_reader.required_array("Keys", 1, dynamo::limits::batch_get_keys_max);
    reader.finish();
    total += keys.size();
    if (total > dynamo::limits::batch_get_keys_max) {
      refuse(dynamo::validation_error("Too many items requested for the BatchGetItem call"));
    }
    dynamo::BatchGet::Part part{table_named(table), {}, {}, part_reader.flag("ConsistentRead")};
    ExpressionParameters expressions(part_reader, {"ProjectionExpression"}, {"AttributesToGet"});
    part.projection = expressions.projection();
    expressions.finish();
    for (const json::value& key : keys) part.keys.push_back(dynamo::item(key).value());
    out.request.parts.push_back(std::move(part));
  }
  return out;
}

Read<dynamo::BatchWrite> read_batch_write(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::BatchWrite> out;
  out.capacity = read_capacity(reader);
  reader.choice("ReturnItemCollectionMetrics", metrics);
  const json::object& tables = tables_asked(reader);
  reader.finish();
  std::size_t total = 0;
  for (const auto& [name, requests] : tables) {
    if (!requests.is_array()) refuse(dynamo::serialization_error("Unexpected field type"));
    total += requests.get_array().size();
    if (requests.get_array().empty()) {
      refuse(dynamo::validation_error("The batch write request list for a table cannot be null or empty"));
    }
    if (total > dynamo::limits::batch_write_requests_max) {
      refuse(dynamo::validation_error("Too many items requested for the BatchWriteItem call"));
    }
    dynamo::BatchWrite::Part part{table_named({name.data(), name.size()}), {}};
    for (const json::value& request : requests.get_array()) part.requests.push_back(write_request(request));
    out.request.parts.push_back(std::move(part));
  }
  return out;
}

}  // namespace croft::services::dynamodb
