#include "services/dynamodb/item_requests.h"

#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "services/dynamodb/expression_parameters.h"
#include "services/dynamodb/request_reader.h"

namespace croft::services::dynamodb {

namespace {

using dynamo::ReturnValues;

constexpr std::string_view capacities[] = {"INDEXES", "TOTAL", "NONE"};
constexpr std::string_view metrics[] = {"SIZE", "NONE"};
constexpr std::string_view return_values[] = {"ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"};
constexpr std::string_view on_failure[] = {"ALL_OLD", "NONE"};
constexpr std::string_view selects[] = {"SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"};

ReturnValues read_return_values(RequestReader& reader) {
  const std::string wanted = reader.choice("ReturnValues", return_values).value_or("NONE");
  if (wanted == "ALL_OLD") return ReturnValues::all_old;
  if (wanted == "ALL_NEW") return ReturnValues::all_new;
  if (wanted == "UPDATED_OLD") return ReturnValues::updated_old;
  if (wanted == "UPDATED_NEW") return ReturnValues::updated_new;
  return ReturnValues::none;
}

void check_old_or_none(ReturnValues wanted) {
  if (wanted == ReturnValues::none || wanted == ReturnValues::all_old) return;
  refuse(dynamo::validation_error("ReturnValues can only be ALL_OLD or NONE"));
}

bool read_item_in_failure(RequestReader& reader) {
  return reader.choice("ReturnValuesOnConditionCheckFailure", on_failure) == "ALL_OLD";
}

// The member as an item. Absence is noted, so that it is told with the other problems of the request.
const json::value* item_member(RequestReader& reader, std::string_view name) {
  reader.required_object(name);
  return reader.find(name);
}

// What the three writes have beside their item, key or update.
template <class Request>
void read_write(RequestReader& reader, Read<Request>& out) {
  out.request.table = reader.table_name();
  out.request.return_values = read_return_values(reader);
  out.request.item_in_failure = read_item_in_failure(reader);
  out.capacity = read_capacity(reader);
  reader.choice("ReturnItemCollectionMetrics", metrics);
}

void check_select(const std::string& select, const dynamo::Reading& reading) {
  const bool specific = select == "SPECIFIC_ATTRIBUTES";
  if (specific && !reading.projection) {
    refuse(dynamo::validation_error(
        "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"));
  }
  if (!select.empty() && !specific && reading.projection) {
    refuse(dynamo::validation_error("Cannot specify the ProjectionExpression when choosing to get " +
                                    (select == "COUNT" ? "only the Count" : select)));
  }
  if (select == "ALL_PROJECTED_ATTRIBUTES" && reading.index.empty()) {
    refuse(dynamo::validation_error("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"));
  }
}

// What Query and Scan share, but for the expressions.
dynamo::Reading read_reading(RequestReader& reader) {
  dynamo::Reading reading;
  reading.table = reader.table_name();
  if (reader.has("IndexName")) reading.index = reader.checked_name("IndexName", 3);
  if (const auto limit = reader.integer("Limit", 1)) {
    reading.limit = static_cast<std::uint32_t>(std::min<std::int64_t>(*limit, UINT32_MAX));
  }
  reading.consistent = reader.flag("ConsistentRead");
  return reading;
}

void read_start_key(RequestReader& reader, dynamo::Reading& reading) {
  const json::value* start = reader.find("ExclusiveStartKey");
  if (!start) return;
  Result<dynamo::Item> key = dynamo::item(*start);
  if (!key && key.error().code == "ValidationException") {
    refuse(dynamo::validation_error("The provided starting key is invalid: " + key.error().message));
  }
  reading.start_key = std::move(key).value();
}

}  // namespace

CapacityWanted read_capacity(RequestReader& reader) {
  const std::optional<std::string> wanted = reader.choice("ReturnConsumedCapacity", capacities);
  if (wanted == "TOTAL") return CapacityWanted::total;
  return wanted == "INDEXES" ? CapacityWanted::indexes : CapacityWanted::none;
}

Read<dynamo::PutItem> read_put(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::PutItem> out;
  read_write(reader, out);
  const json::value* item = item_member(reader, "Item");
  reader.finish();
  check_old_or_none(out.request.return_values);
  ExpressionParameters expressions(reader, {"ConditionExpression"}, {"Expected", "ConditionalOperator"});
  out.request.item = dynamo::item(*item).value();
  out.request.condition = expressions.condition("ConditionExpression");
  expressions.finish();
  return out;
}

Read<dynamo::DeleteItem> read_delete(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::DeleteItem> out;
  read_write(reader, out);
  const json::value* key = item_member(reader, "Key");
  reader.finish();
  check_old_or_none(out.request.return_values);
  ExpressionParameters expressions(reader, {"ConditionExpression"}, {"Expected", "ConditionalOperator"});
  out.request.key = dynamo::item(*key).value();
  out.request.condition = expressions.condition("ConditionExpression");
  expressions.finish();
  return out;
}

Read<dynamo::UpdateItem> read_update(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::UpdateItem> out;
  read_write(reader, out);
  const json::value* key = item_member(reader, "Key");
  reader.finish();
  ExpressionParameters expressions(reader, {"UpdateExpression", "ConditionExpression"},
                                   {"AttributeUpdates", "Expected", "ConditionalOperator"});
  out.request.key = dynamo::item(*key).value();
  out.request.update = expressions.update();
  out.request.condition = expressions.condition("ConditionExpression");
  expressions.finish();
  return out;
}

Read<dynamo::GetItem> read_get(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::GetItem> out;
  out.request.table = reader.table_name();
  out.request.consistent = reader.flag("ConsistentRead");
  out.capacity = read_capacity(reader);
  const json::value* key = item_member(reader, "Key");
  reader.finish();
  ExpressionParameters expressions(reader, {"ProjectionExpression"}, {"AttributesToGet"});
  out.request.key = dynamo::item(*key).value();
  out.request.projection = expressions.projection();
  expressions.finish();
  return out;
}

Read<dynamo::Query> read_query(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::Query> out;
  dynamo::Reading& reading = out.request.reading;
  reading = read_reading(reader);
  out.capacity = read_capacity(reader);
  out.request.forward = reader.flag("ScanIndexForward", true);
  const std::string select = reader.choice("Select", selects).value_or("");
  reader.finish();
  ExpressionParameters expressions(reader, {"ProjectionExpression", "FilterExpression", "KeyConditionExpression"},
                                   {"AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"});
  if (!reader.has("KeyConditionExpression")) {
    refuse(dynamo::validation_error(
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."));
  }
  read_start_key(reader, reading);
  out.request.key_condition = *expressions.condition("KeyConditionExpression");
  reading.filter = expressions.condition("FilterExpression");
  reading.projection = expressions.projection();
  expressions.finish();
  check_select(select, reading);
  reading.all_attributes = select == "ALL_ATTRIBUTES";
  reading.count_only = select == "COUNT";
  return out;
}

Read<dynamo::Scan> read_scan(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::Scan> out;
  dynamo::Reading& reading = out.request.reading;
  reading = read_reading(reader);
  out.capacity = read_capacity(reader);
  const auto segment = reader.integer("Segment", 0, dynamo::limits::scan_segments_max - 1);
  const auto segments = reader.integer("TotalSegments", 1, dynamo::limits::scan_segments_max);
  const std::string select = reader.choice("Select", selects).value_or("");
  reader.finish();
  if (segment && !segments) {
    refuse(
        dynamo::validation_error("The TotalSegments parameter is required but was not present in the request when "
                                 "Segment parameter is present"));
  }
  if (segments && !segment) {
    refuse(
        dynamo::validation_error("The Segment parameter is required but was not present in the request when "
                                 "parameter TotalSegments is present"));
  }
  if (segment && *segment >= *segments) {
    refuse(dynamo::validation_error(
        "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: " +
        std::to_string(*segment) + " is not less than TotalSegments: " + std::to_string(*segments)));
  }
  out.request.segment = static_cast<std::uint32_t>(segment.value_or(0));
  out.request.segments = static_cast<std::uint32_t>(segments.value_or(1));
  ExpressionParameters expressions(reader, {"ProjectionExpression", "FilterExpression"},
                                   {"AttributesToGet", "ScanFilter", "ConditionalOperator"});
  read_start_key(reader, reading);
  reading.filter = expressions.condition("FilterExpression");
  reading.projection = expressions.projection();
  expressions.finish();
  check_select(select, reading);
  reading.all_attributes = select == "ALL_ATTRIBUTES";
  reading.count_only = select == "COUNT";
  return out;
}

}  // namespace croft::services::dynamodb
