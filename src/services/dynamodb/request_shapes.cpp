#include "services/dynamodb/request_shapes.h"

#include <span>
#include <string>
#include <string_view>

#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"
#include "services/dynamodb/request_reader.h"
#include "text/encoding.h"

namespace croft::services::dynamodb {

struct Member {
  std::string_view name;
  const Shape* shape;
};

struct Shape {
  // A structure is told from a structure in a structure, a list or map from one inside a map or list.
  enum class Kind { text, integer, flag, blob, list, map, inner_list, inner_map, structure, inner_structure } kind;
  std::string_view type{};            // of a map's values, or of a structure
  const Shape* element = nullptr;     // of lists and maps
  std::span<const Member> members{};  // of structures
};

namespace {

using Kind = Shape::Kind;

constexpr std::string_view package = "com.amazonaws.dynamodb.v20120810.";
constexpr const char* generic_type =
    "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class "
    "(sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of "
    "loader 'bootstrap')";

[[noreturn]] void wrong(std::string message) { refuse(dynamo::serialization_error(std::move(message))); }

bool is_scalar(const json::value& value) { return !value.is_object() && !value.is_array(); }

// "12 is no text": what a scalar that is expected to be `wanted` was found to be.
[[noreturn]] void wrong_scalar(const json::value& found, std::string_view wanted) {
  const std::string tail = " cannot be converted to " + std::string(wanted);
  if (found.is_array()) wrong("Unrecognized collection type class java.lang." + std::string(wanted));
  if (found.is_object()) wrong("Start of structure or map found where not expected");
  if (found.is_bool()) wrong((found.get_bool() ? "TRUE_VALUE" : "FALSE_VALUE") + tail);
  if (found.is_string()) wrong("STRING_VALUE" + tail);
  wrong((found.is_double() ? "DECIMAL_VALUE" : "NUMBER_VALUE") + tail);
}

void check_flag(const json::value& found) {
  if (found.is_bool()) return;
  if (!found.is_string()) wrong_scalar(found, "Boolean");
  if (dynamo::truth_of({found.get_string().data(), found.get_string().size()})) return;
  wrong("Unexpected token received from parser");
}

void check_blob(const json::value& found) {
  if (found.is_array()) wrong("Unrecognized collection type class java.nio.ByteBuffer");
  if (found.is_object()) wrong("Start of structure or map found where not expected");
  if (!found.is_string()) wrong("only base-64-encoded strings are convertible to bytes");
  const std::string_view text(found.get_string().data(), found.get_string().size());
  if (text.size() % 4 != 0) {
    wrong("Base64 encoded length is expected a multiple of 4 bytes but found: " + std::to_string(text.size()));
  }
  if (!text::from_base64(text)) wrong("Invalid last non-pad Base64 character dectected");
}

std::string qualified(std::string_view type) {
  return (type.find('.') == std::string_view::npos ? std::string(package) : "") + std::string(type);
}

void check(const json::value& found, const Shape& shape);

void check_elements(const json::value& found, const Shape& shape) {
  const bool inner = shape.kind == Kind::inner_list;
  if (is_scalar(found)) wrong(inner ? generic_type : "Unexpected field type");
  if (found.is_object()) wrong("Start of structure or map found where not expected");
  for (const json::value& element : found.get_array()) check(element, *shape.element);
}

void check_entries(const json::value& found, const Shape& shape) {
  const bool inner = shape.kind == Kind::inner_map;
  if (is_scalar(found)) wrong(inner ? generic_type : "Unexpected field type");
  if (found.is_array()) {
    wrong("Unrecognized collection type java.util.Map<java.lang.String, " + qualified(shape.type) + ">");
  }
  for (const auto& [name, element] : found.get_object()) check(element, *shape.element);
}

void check_members(const json::value& found, const Shape& shape) {
  if (is_scalar(found)) {
    wrong(shape.kind == Kind::inner_structure ? "Unexpected field type" : "Unexpected value type in payload");
  }
  if (found.is_array()) wrong("Unrecognized collection type class " + qualified(shape.type));
  check_types(found.get_object(), shape);
}

void check(const json::value& found, const Shape& shape) {
  if (found.is_null()) return;
  switch (shape.kind) {
    case Kind::text: return found.is_string() ? void() : wrong_scalar(found, "String");
    case Kind::integer: return found.is_number() ? void() : wrong_scalar(found, "Integer");
    case Kind::flag: return check_flag(found);
    case Kind::blob: return check_blob(found);
    case Kind::list: case Kind::inner_list: return check_elements(found, shape);
    case Kind::map: case Kind::inner_map: return check_entries(found, shape);
    case Kind::structure: case Kind::inner_structure: return check_members(found, shape);
  }
}

const Shape text{Kind::text}, integer{Kind::integer}, flag{Kind::flag}, blob{Kind::blob};
const Shape texts{Kind::list, {}, &text}, blobs{Kind::list, {}, &blob}, names{Kind::map, "java.lang.String", &text};

extern const Shape value, values, map_of_values;
const Member value_members[] = {{"S", &text},   {"B", &blob},   {"N", &text},   {"BOOL", &flag}, {"NULL", &flag},
                                {"BS", &blobs}, {"NS", &texts}, {"SS", &texts}, {"L", &values},  {"M", &map_of_values}};
const Shape value{Kind::structure, "AttributeValue", nullptr, value_members};
const Shape values{Kind::list, {}, &value}, map_of_values{Kind::map, "AttributeValue", &value};
const Shape inner_value{Kind::inner_structure, "AttributeValue", nullptr, value_members};

const Member expected_members[] = {
    {"AttributeValueList", &values}, {"ComparisonOperator", &text}, {"Exists", &flag}, {"Value", &inner_value}};
const Shape expected_value{Kind::structure, "ExpectedAttributeValue", nullptr, expected_members};
const Shape expected{Kind::map, "ExpectedAttributeValue", &expected_value};

const Member condition_members[] = {{"AttributeValueList", &values}, {"ComparisonOperator", &text}};
const Shape condition{Kind::structure, "Condition", nullptr, condition_members};
const Shape conditions{Kind::map, "Condition", &condition};

const Member update_members[] = {{"Action", &text}, {"Value", &inner_value}};
const Shape value_update{Kind::structure, "AttributeValueUpdate", nullptr, update_members};
const Shape value_updates{Kind::map, "AttributeValueUpdate", &value_update};

const Member put_members[] = {{"ReturnConsumedCapacity", &text}, {"TableName", &text}, {"Item", &map_of_values},
                              {"ConditionalOperator", &text}, {"Expected", &expected}, {"ReturnValues", &text},
                              {"ReturnItemCollectionMetrics", &text}, {"ConditionExpression", &text},
                              {"ExpressionAttributeValues", &map_of_values}, {"ExpressionAttributeNames", &names},
                              {"ReturnValuesOnConditionCheckFailure", &text}};
const Member update_item_members[] = {
    {"ReturnConsumedCapacity", &text}, {"TableName", &text}, {"ReturnItemCollectionMetrics", &text},
    {"ReturnValues", &text}, {"Key", &map_of_values}, {"ConditionalOperator", &text}, {"Expected", &expected},
    {"AttributeUpdates", &value_updates}, {"ConditionExpression", &text}, {"UpdateExpression", &text},
    {"ExpressionAttributeValues", &map_of_values}, {"ExpressionAttributeNames", &names},
    {"ReturnValuesOnConditionCheckFailure", &text}};
const Member delete_members[] = {{"ReturnConsumedCapacity", &text}, {"TableName", &text}, {"ReturnValues", &text},
                                 {"ReturnItemCollectionMetrics", &text}, {"Key", &map_of_values},
                                 {"ConditionalOperator", &text}, {"Expected", &expected},
                                 {"ConditionExpression", &text}, {"ExpressionAttributeValues", &map_of_values},
                                 {"ExpressionAttributeNames", &names}, {"ReturnValuesOnConditionCheckFailure", &text}};
const Member get_members[] = {{"ReturnConsumedCapacity", &text}, {"AttributesToGet", &texts}, {"TableName", &text},
                              {"Key", &map_of_values}, {"ConsistentRead", &flag}, {"ProjectionExpression", &text},
                              {"ExpressionAttributeNames", &names}};
const Member query_members[] = {
    {"Select", &text}, {"IndexName", &text}, {"ReturnConsumedCapacity", &text}, {"QueryFilter", &conditions},
    {"TableName", &text}, {"ConditionalOperator", &text}, {"AttributesToGet", &texts}, {"Limit", &integer},
    {"KeyConditions", &conditions}, {"ExclusiveStartKey", &map_of_values}, {"ConsistentRead", &flag},
    {"ScanIndexForward", &flag}, {"KeyConditionExpression", &text}, {"FilterExpression", &text},
    {"ProjectionExpression", &text}, {"ExpressionAttributeValues", &map_of_values},
    {"ExpressionAttributeNames", &names}};
const Member scan_members[] = {
    {"Select", &text}, {"IndexName", &text}, {"TotalSegments", &integer}, {"ReturnConsumedCapacity", &text},
    {"TableName", &text}, {"ConditionalOperator", &text}, {"ScanFilter", &conditions}, {"Segment", &integer},
    {"Limit", &integer}, {"AttributesToGet", &texts}, {"ExclusiveStartKey", &map_of_values}, {"ConsistentRead", &flag},
    {"FilterExpression", &text}, {"ProjectionExpression", &text}, {"ExpressionAttributeValues", &map_of_values},
    {"ExpressionAttributeNames", &names}};

const Shape key{Kind::inner_map, "AttributeValue", &value}, keys{Kind::list, {}, &key};
const Member keys_members[] = {{"Keys", &keys}, {"AttributesToGet", &texts}, {"ConsistentRead", &flag},
                               {"ProjectionExpression", &text}, {"ExpressionAttributeNames", &names}};
const Shape keys_and_attributes{Kind::structure, "KeysAndAttributes", nullptr, keys_members};
const Shape keys_by_table{Kind::map, "KeysAndAttributes", &keys_and_attributes};
const Member batch_get_members[] = {{"ReturnConsumedCapacity", &text}, {"RequestItems", &keys_by_table}};

const Member delete_request_members[] = {{"Key", &map_of_values}}, put_request_members[] = {{"Item", &map_of_values}};
const Shape delete_request{Kind::inner_structure, "DeleteRequest", nullptr, delete_request_members};
const Shape put_request{Kind::inner_structure, "PutRequest", nullptr, put_request_members};
const Member write_members[] = {{"DeleteRequest", &delete_request}, {"PutRequest", &put_request}};
const Shape write{Kind::structure, "WriteRequest", nullptr, write_members};
const Shape writes{Kind::inner_list, {}, &write};
const Shape writes_by_table{Kind::map, "java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>", &writes};
const Member batch_write_members[] = {
    {"ReturnConsumedCapacity", &text}, {"ReturnItemCollectionMetrics", &text}, {"RequestItems", &writes_by_table}};

// Members of transactions in the order of botocore's model.
const Member key_action_members[] = {{"Key", &map_of_values}, {"TableName", &text}, {"ConditionExpression", &text},
                                 {"ExpressionAttributeNames", &names}, {"ExpressionAttributeValues", &map_of_values},
                                 {"ReturnValuesOnConditionCheckFailure", &text}};
const Member put_action_members[] = {{"Item", &map_of_values}, {"TableName", &text}, {"ConditionExpression", &text},
                                     {"ExpressionAttributeNames", &names}, {"ExpressionAttributeValues", &map_of_values},
                                     {"ReturnValuesOnConditionCheckFailure", &text}};
const Member update_action_members[] = {{"Key", &map_of_values}, {"UpdateExpression", &text}, {"TableName", &text},
                                        {"ConditionExpression", &text}, {"ExpressionAttributeNames", &names},
                                        {"ExpressionAttributeValues", &map_of_values},
                                        {"ReturnValuesOnConditionCheckFailure", &text}};
const Shape check_action{Kind::inner_structure, "ConditionCheck", nullptr, key_action_members};
const Shape put_action{Kind::inner_structure, "Put", nullptr, put_action_members};
const Shape delete_action{Kind::inner_structure, "Delete", nullptr, key_action_members};
const Shape update_action{Kind::inner_structure, "Update", nullptr, update_action_members};
const Member write_action_members[] = {
    {"ConditionCheck", &check_action}, {"Put", &put_action}, {"Delete", &delete_action}, {"Update", &update_action}};
const Shape write_action{Kind::structure, "TransactWriteItem", nullptr, write_action_members};
const Shape write_actions{Kind::list, {}, &write_action};
const Member transact_write_members[] = {{"TransactItems", &write_actions}, {"ReturnConsumedCapacity", &text},
                                         {"ReturnItemCollectionMetrics", &text}, {"ClientRequestToken", &text}};

const Member get_action_members[] = {
    {"Key", &map_of_values}, {"TableName", &text}, {"ProjectionExpression", &text}, {"ExpressionAttributeNames", &names}};
const Shape get_action{Kind::inner_structure, "Get", nullptr, get_action_members};
const Member read_action_members[] = {{"Get", &get_action}};
const Shape read_action{Kind::structure, "TransactGetItem", nullptr, read_action_members};
const Shape read_actions{Kind::list, {}, &read_action};
const Member transact_get_members[] = {{"TransactItems", &read_actions}, {"ReturnConsumedCapacity", &text}};

}  // namespace

namespace shapes {
const Shape put_item{Kind::structure, {}, nullptr, put_members};
const Shape update_item{Kind::structure, {}, nullptr, update_item_members};
const Shape delete_item{Kind::structure, {}, nullptr, delete_members};
const Shape get_item{Kind::structure, {}, nullptr, get_members};
const Shape query{Kind::structure, {}, nullptr, query_members};
const Shape scan{Kind::structure, {}, nullptr, scan_members};
const Shape batch_get_item{Kind::structure, {}, nullptr, batch_get_members};
const Shape batch_write_item{Kind::structure, {}, nullptr, batch_write_members};
const Shape transact_write_items{Kind::structure, {}, nullptr, transact_write_members};
const Shape transact_get_items{Kind::structure, {}, nullptr, transact_get_members};
}  // namespace shapes

void check_types(const json::object& input, const Shape& shape) {
  for (const Member& member : shape.members) {
    const auto found = input.find(member.name);
    if (found != input.end()) check(found->value(), *member.shape);
  }
}

}  // namespace croft::services::dynamodb
