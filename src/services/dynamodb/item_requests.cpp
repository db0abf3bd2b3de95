#include "services/dynamodb/item_requests.h"

#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"
#include "dynamo/expressions/key_condition.h"
#include "dynamo/limits.h"
#include "services/dynamodb/expression_parameters.h"
#include "services/dynamodb/legacy_parameters.h"
#include "services/dynamodb/request_reader.h"
#include "services/dynamodb/request_shapes.h"

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

// An item to be stored, whose names are looked at, too.
dynamo::Item stored_item(const json::value& document) {
  dynamo::Item item = dynamo::item(document).value();
  check_attribute_names(item).value();
  return item;
}

// Query's messages have a head that Scan's have not. Source: as observed in 2026.
void check_select(const RequestReader& reader, const std::string& select, bool is_query) {
  const std::string head = is_query ? "1 validation error detected: " : "";
  const bool specific = select == "SPECIFIC_ATTRIBUTES";
  const char* projection = reader.has("ProjectionExpression") ? "ProjectionExpression"
                           : reader.has("AttributesToGet")    ? "AttributesToGet"
                                                              : nullptr;
  if (specific && !projection) {
    refuse(dynamo::validation_error(
        head + "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"));
  }
  if (!select.empty() && !specific && projection) {
    refuse(dynamo::validation_error(head + "Cannot specify the " + projection + " when choosing to get " +
                                    (select == "COUNT" ? "only the Count" : select)));
  }
  if (select == "ALL_PROJECTED_ATTRIBUTES" && !reader.has("IndexName")) {
    refuse(dynamo::validation_error(head +
                                    "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"));
  }
}

// What Query and Scan share is read member by member, because problems are told in the order of each one's members.
void read_limit(RequestReader& reader, dynamo::Reading& reading) {
  if (const auto limit = reader.integer("Limit", 1)) {
    reading.limit = static_cast<std::uint32_t>(std::min<std::int64_t>(*limit, UINT32_MAX));
  }
}

void read_index(RequestReader& reader, dynamo::Reading& reading) {
  if (reader.has("IndexName")) reading.index = reader.checked_name("IndexName", 3);
}

void take_select(const std::string& select, dynamo::Reading& reading) {
  reading.all_attributes = select == "ALL_ATTRIBUTES";
  reading.count_only = select == "COUNT";
  reading.as_json = true;
}

// Some problems are told without this head. Source: as observed.
bool names_start_key(const std::string& message) {
  for (const char* bare : {"contains duplicates", "number set", "numeric value", "significant digits",
                           "number with magnitude"}) {
    if (message.find(bare) != std::string::npos) return false;
  }
  return true;
}

void read_start_key(RequestReader& reader, dynamo::Reading& reading) {
  const json::value* start = reader.find("ExclusiveStartKey");
  if (!start) return;
  Result<dynamo::Item> key = dynamo::item(*start);
  if (!key && key.error().code == "ValidationException" && names_start_key(key.error().message)) {
    refuse(dynamo::validation_error("The provided starting key is invalid: " + key.error().message));
  }
  reading.start_key = std::move(key).value();
}

// From the expression, or from the legacy parameter that it replaced.
std::optional<dynamo::Condition> condition_or(ExpressionParameters& expressions, std::string_view member,
                                              std::optional<dynamo::Condition> legacy) {
  std::optional<dynamo::Condition> condition = expressions.condition(member);
  return condition ? std::move(condition) : std::move(legacy);
}

Read<dynamo::PutItem> put_of(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::PutItem> out;
  out.capacity = read_capacity(reader);
  out.request.table = reader.table_name(out.names);
  const json::value* item = item_member(reader, "Item");
  note_conditional_operator(reader);
  note_conditions(reader, "Expected");
  out.request.return_values = read_return_values(reader);
  out.collection_size = read_collection_size(reader);
  out.request.item_in_failure = read_item_in_failure(reader);
  reader.finish();
  ExpressionParameters expressions(reader, {"ConditionExpression"}, {"Expected", "ConditionalOperator"});
  out.request.item = stored_item(*item);
  check_old_or_none(out.request.return_values);
  std::optional<dynamo::Condition> legacy = expected(reader);
  out.request.condition = condition_or(expressions, "ConditionExpression", std::move(legacy));
  expressions.finish();
  return out;
}

Read<dynamo::DeleteItem> delete_of(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::DeleteItem> out;
  out.capacity = read_capacity(reader);
  out.request.table = reader.table_name(out.names);
  out.request.return_values = read_return_values(reader);
  out.collection_size = read_collection_size(reader);
  const json::value* key = item_member(reader, "Key");
  note_conditional_operator(reader);
  note_conditions(reader, "Expected");
  out.request.item_in_failure = read_item_in_failure(reader);
  reader.finish();
  ExpressionParameters expressions(reader, {"ConditionExpression"}, {"Expected", "ConditionalOperator"});
  out.request.key = dynamo::item(*key).value();
  check_old_or_none(out.request.return_values);
  std::optional<dynamo::Condition> legacy = expected(reader);
  out.request.condition = condition_or(expressions, "ConditionExpression", std::move(legacy));
  expressions.finish();
  return out;
}

Read<dynamo::UpdateItem> update_of(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::UpdateItem> out;
  out.capacity = read_capacity(reader);
  out.request.table = reader.table_name(out.names);
  out.collection_size = read_collection_size(reader);
  out.request.return_values = read_return_values(reader);
  const json::value* key = item_member(reader, "Key");
  note_conditional_operator(reader);
  note_conditions(reader, "Expected");
  note_attribute_updates(reader);
  out.request.item_in_failure = read_item_in_failure(reader);
  reader.finish();
  ExpressionParameters expressions(reader, {"UpdateExpression", "ConditionExpression"},
                                   {"AttributeUpdates", "Expected", "ConditionalOperator"});
  out.request.key = dynamo::item(*key).value();
  std::optional<dynamo::Update> legacy_update = attribute_updates(reader);
  std::optional<dynamo::Condition> legacy = expected(reader);
  out.request.update = expressions.update();
  out.request.limits_written = out.request.update.has_value();
  if (!out.request.update) out.request.update = std::move(legacy_update);
  out.request.condition = condition_or(expressions, "ConditionExpression", std::move(legacy));
  expressions.finish();
  return out;
}

Read<dynamo::GetItem> get_of(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::GetItem> out;
  out.capacity = read_capacity(reader);
  note_attributes_to_get(reader);
  out.request.table = reader.table_name(out.names);
  const json::value* key = item_member(reader, "Key");
  out.request.consistent = reader.flag("ConsistentRead");
  reader.finish();
  ExpressionParameters expressions(reader, {"ProjectionExpression"}, {"AttributesToGet"});
  out.request.key = dynamo::item(*key).value();
  out.request.projection = expressions.projection();
  expressions.finish();
  return out;
}

Read<dynamo::Query> query_of(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::Query> out;
  dynamo::Reading& reading = out.request.reading;
  const std::string select = reader.choice("Select", selects).value_or("");
  read_index(reader, reading);
  out.capacity = read_capacity(reader);
  note_conditions(reader, "QueryFilter");
  reading.table = reader.table_name(out.names);
  note_conditional_operator(reader);
  note_attributes_to_get(reader);
  read_limit(reader, reading);
  note_conditions(reader, "KeyConditions");
  reading.consistent = reader.flag("ConsistentRead");
  out.request.forward = reader.flag("ScanIndexForward", true);
  reader.finish();
  ExpressionParameters expressions(reader, {"ProjectionExpression", "FilterExpression", "KeyConditionExpression"},
                                   {"AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"});
  std::optional<dynamo::Condition> legacy = legacy_filter(reader, "QueryFilter");
  reading.legacy_filter = legacy.has_value();
  check_attributes_to_get(reader);
  read_start_key(reader, reading);
  std::optional<dynamo::Condition> key_condition = expressions.condition("KeyConditionExpression");
  if (!key_condition && !reader.has("KeyConditions")) {
    refuse(dynamo::validation_error(
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."));
  }
  reading.filter = condition_or(expressions, "FilterExpression", std::move(legacy));
  reading.projection = expressions.projection();
  expressions.finish();
  if (key_condition) dynamo::KeyCondition::check(*key_condition).value();
  out.request.key_condition = key_condition ? *std::move(key_condition) : key_conditions(reader);
  check_select(reader, select, true);
  take_select(select, reading);
  return out;
}

void read_segments(dynamo::Scan& request, std::optional<std::int64_t> segments, std::optional<std::int64_t> segment) {
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
  request.segment = static_cast<std::uint32_t>(segment.value_or(0));
  request.segments = static_cast<std::uint32_t>(segments.value_or(1));
}

Read<dynamo::Scan> scan_of(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::Scan> out;
  dynamo::Reading& reading = out.request.reading;
  const std::string select = reader.choice("Select", selects).value_or("");
  read_index(reader, reading);
  const auto segments = reader.integer("TotalSegments", 1, dynamo::limits::scan_segments_max);
  out.capacity = read_capacity(reader);
  reading.table = reader.table_name(out.names);
  note_conditional_operator(reader);
  note_conditions(reader, "ScanFilter");
  const auto segment = reader.integer("Segment", 0, dynamo::limits::scan_segments_max - 1);
  read_limit(reader, reading);
  note_attributes_to_get(reader);
  reading.consistent = reader.flag("ConsistentRead");
  reader.finish();
  ExpressionParameters expressions(reader, {"ProjectionExpression", "FilterExpression"},
                                   {"AttributesToGet", "ScanFilter", "ConditionalOperator"});
  check_attributes_to_get(reader);
  std::optional<dynamo::Condition> legacy = legacy_filter(reader, "ScanFilter");
  read_start_key(reader, reading);
  read_segments(out.request, segments, segment);
  reading.filter = condition_or(expressions, "FilterExpression", std::move(legacy));
  reading.projection = expressions.projection();
  expressions.finish();
  check_select(reader, select, false);
  take_select(select, reading);
  return out;
}

}  // namespace

CapacityWanted read_capacity(RequestReader& reader) {
  const std::optional<std::string> wanted = reader.choice("ReturnConsumedCapacity", capacities);
  if (wanted == "TOTAL") return CapacityWanted::total;
  return wanted == "INDEXES" ? CapacityWanted::indexes : CapacityWanted::none;
}

bool read_collection_size(RequestReader& reader) {
  return reader.choice("ReturnItemCollectionMetrics", metrics) == "SIZE";
}

Read<dynamo::PutItem> read_put(const json::object& input) { return typed(input, shapes::put_item, put_of); }

Read<dynamo::DeleteItem> read_delete(const json::object& input) {
  return typed(input, shapes::delete_item, delete_of);
}

Read<dynamo::UpdateItem> read_update(const json::object& input) {
  return typed(input, shapes::update_item, update_of);
}

Read<dynamo::GetItem> read_get(const json::object& input) { return typed(input, shapes::get_item, get_of); }

Read<dynamo::Query> read_query(const json::object& input) { return typed(input, shapes::query, query_of); }

Read<dynamo::Scan> read_scan(const json::object& input) { return typed(input, shapes::scan, scan_of); }

}  // namespace croft::services::dynamodb
