#include "services/dynamodb/transact_requests.h"

#include <algorithm>

#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"
#include "dynamo/item_rules.h"
#include "dynamo/limits.h"
#include "services/dynamodb/expression_parameters.h"
#include "services/dynamodb/request_reader.h"
#include "services/dynamodb/request_shapes.h"
#include "text/digest.h"

namespace croft::services::dynamodb {

namespace {

constexpr std::string_view kinds[] = {"ConditionCheck", "Delete", "Put", "Update"};
constexpr std::string_view on_failure[] = {"ALL_OLD", "NONE"};

const json::object& structure(const json::value& value) {
  if (!value.is_object()) refuse(dynamo::serialization_error("Unexpected value type in payload"));
  return value.get_object();
}

std::string member_place(std::size_t index) { return "transactItems." + std::to_string(index + 1) + ".member"; }

// Members in alphabetic order, so that requests are the same whatever order a client's maps have.
void append_sorted(std::string& out, const json::value& value) {
  if (const json::array* list = value.if_array()) {
    out += '[';
    for (const json::value& element : *list) {
      append_sorted(out, element);
      out += ',';
    }
    out += ']';
  } else if (const json::object* object = value.if_object()) {
    std::vector<std::string_view> names;
    for (const auto& member : *object) names.emplace_back(member.key());
    std::sort(names.begin(), names.end());
    out += '{';
    for (const std::string_view name : names) {
      json::append_string(out, name);
      append_sorted(out, object->at(name));
      out += ',';
    }
    out += '}';
  } else {
    out += json::dump(value);
  }
}

// What a token's second use is held against: the actions. What the answer shall tell may differ.
std::string fingerprint(const json::array& actions) {
  std::string text;
  append_sorted(text, json::value(actions));
  return text::sha256(text);
}

// The members that must be there and the enumerations, of every action, before anything is read closely.
void check_members(RequestReader& outer, const json::object& action, std::size_t index) {
  for (const std::string_view kind : kinds) {
    RequestReader one(action, member_place(index), outer);
    const json::object* body = one.object(kind);
    if (!body) continue;
    std::string place = member_place(index) + "." + std::string(kind);
    place[place.size() - kind.size()] = static_cast<char>(kind[0] - 'A' + 'a');
    RequestReader reader(*body, std::move(place), outer);
    reader.table_name();
    reader.required_object(kind == "Put" ? "Item" : "Key");
    if (kind == "Update") reader.required_text("UpdateExpression");
    if (kind == "ConditionCheck") reader.required_text("ConditionExpression");
    reader.choice("ReturnValuesOnConditionCheckFailure", on_failure);
  }
}

// The one kind of action.
std::string_view kind_of(const json::object& action) {
  std::string_view found;
  for (const std::string_view kind : kinds) {
    const json::value* body = json::find(action, kind);
    if (!body || body->is_null()) continue;
    if (!found.empty()) {
      refuse(dynamo::validation_error("TransactItems can only contain one of Check, Put, Update or Delete"));
    }
    found = kind;
  }
  if (!found.empty()) return found;
  refuse(dynamo::validation_error(
      "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"));
}

bool wants_item(RequestReader& reader) {
  return reader.choice("ReturnValuesOnConditionCheckFailure", on_failure) == "ALL_OLD";
}

dynamo::TransactWrite::Action read_put_action(RequestReader& reader, AskedNames& names) {
  dynamo::PutItem put{.table = reader.table_name(names), .item = {}, .item_in_failure = wants_item(reader)};
  ExpressionParameters expressions(reader, {"ConditionExpression"}, {});
  put.item = dynamo::item(*reader.find("Item")).value();
  put.condition = expressions.condition("ConditionExpression");
  expressions.finish();
  dynamo::check_limits(put.item).value();
  return put;
}

dynamo::TransactWrite::Action read_delete_action(RequestReader& reader, AskedNames& names) {
  dynamo::DeleteItem erase{.table = reader.table_name(names), .key = {}, .item_in_failure = wants_item(reader)};
  ExpressionParameters expressions(reader, {"ConditionExpression"}, {});
  erase.key = dynamo::item(*reader.find("Key")).value();
  erase.condition = expressions.condition("ConditionExpression");
  expressions.finish();
  return erase;
}

dynamo::TransactWrite::Action read_update_action(RequestReader& reader, AskedNames& names) {
  dynamo::UpdateItem update{.table = reader.table_name(names), .key = {}, .item_in_failure = wants_item(reader)};
  ExpressionParameters expressions(reader, {"UpdateExpression", "ConditionExpression"}, {});
  update.key = dynamo::item(*reader.find("Key")).value();
  update.update = expressions.update();
  update.condition = expressions.condition("ConditionExpression");
  expressions.finish();
  return update;
}

dynamo::TransactWrite::Action read_condition_check(RequestReader& reader, AskedNames& names) {
  const std::string table = reader.table_name(names);
  const bool item_in_failure = wants_item(reader);
  ExpressionParameters expressions(reader, {"ConditionExpression"}, {});
  dynamo::Item key = dynamo::item(*reader.find("Key")).value();
  std::optional<dynamo::Condition> condition = expressions.condition("ConditionExpression");
  expressions.finish();
  return dynamo::ConditionCheck{table, std::move(key), *std::move(condition), item_in_failure};
}

dynamo::TransactWrite::Action read_action(const json::object& action, AskedNames& names) {
  const std::string_view kind = kind_of(action);
  RequestReader reader(structure(action.at(kind)));
  if (kind == "Put") return read_put_action(reader, names);
  if (kind == "Delete") return read_delete_action(reader, names);
  if (kind == "Update") return read_update_action(reader, names);
  return read_condition_check(reader, names);
}

void check_token(RequestReader& reader, const std::string& token) {
  constexpr std::size_t length_max = dynamo::limits::transaction_token_length_max;
  if (!token.empty() && token.size() <= length_max) return;
  const std::string constraint =
      token.empty() ? "greater than or equal to 1" : "less than or equal to " + std::to_string(length_max);
  reader.note("'" + token + "'", "ClientRequestToken", "Member must have length " + constraint);
}

const json::array& actions_of(RequestReader& reader) {
  return reader.required_array("TransactItems", 1, dynamo::limits::transaction_actions_max);
}

Read<dynamo::TransactWrite> transact_write_of(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::TransactWrite> out;
  if (const auto token = reader.text("ClientRequestToken")) {
    out.request.token = *token;
    check_token(reader, *token);
  }
  out.capacity = read_capacity(reader);
  out.collection_size = read_collection_size(reader);
  const json::array& actions = actions_of(reader);
  for (std::size_t i = 0; i < actions.size(); ++i) check_members(reader, structure(actions[i]), i);
  reader.finish();
  for (const json::value& action : actions) {
    out.request.actions.push_back(read_action(action.get_object(), out.names));
  }
  if (!out.request.token.empty()) out.request.fingerprint = fingerprint(actions);
  return out;
}

Read<dynamo::TransactGet> transact_get_of(const json::object& input) {
  RequestReader reader(input);
  Read<dynamo::TransactGet> out;
  out.capacity = read_capacity(reader);
  const json::array& actions = actions_of(reader);
  for (std::size_t i = 0; i < actions.size(); ++i) {
    RequestReader one(structure(actions[i]), member_place(i), reader);
    RequestReader get(one.required_object("Get"), member_place(i) + ".get", reader);
    if (!one.has("Get")) continue;
    get.table_name();
    get.required_object("Key");
  }
  reader.finish();
  for (const json::value& action : actions) {
    RequestReader get(action.get_object().at("Get").get_object());
    dynamo::GetItem item{.table = get.table_name(out.names), .key = {}, .consistent = true};
    ExpressionParameters expressions(get, {"ProjectionExpression"}, {});
    item.key = dynamo::item(*get.find("Key")).value();
    item.projection = expressions.projection();
    expressions.finish();
    out.request.gets.push_back(std::move(item));
  }
  return out;
}

}  // namespace

Read<dynamo::TransactWrite> read_transact_write(const json::object& input) {
  return typed(input, shapes::transact_write_items, transact_write_of);
}

Read<dynamo::TransactGet> read_transact_get(const json::object& input) {
  return typed(input, shapes::transact_get_items, transact_get_of);
}

}  // namespace croft::services::dynamodb
