#include "rules/actions/dynamodb.h"

namespace croft::rules {

namespace {

using dynamo::AttributeValue;

Result<dynamo::Map> map_from(const sql::Object& object) {
  dynamo::Map map;
  for (const auto& [name, member] : object.members()) {
    auto value = attribute_from(member);
    if (!value) return value.error();
    map.set(name, std::move(*value));
  }
  return map;
}

Result<AttributeValue> list_from(const sql::Array& array) {
  dynamo::List list;
  for (const sql::Value& element : array) {
    auto value = attribute_from(element);
    if (!value) return value.error();
    list.elements.push_back(std::move(*value));
  }
  return AttributeValue{std::move(list)};
}

}  // namespace

Result<AttributeValue> attribute_from(const sql::Value& value) {
  switch (value.kind()) {
    case sql::Value::Kind::undefined:
    case sql::Value::Kind::null: return AttributeValue{dynamo::Null{}};
    case sql::Value::Kind::boolean: return AttributeValue{value.as_boolean()};
    case sql::Value::Kind::string: return AttributeValue{value.as_string()};
    case sql::Value::Kind::array: return list_from(value.as_array());
    case sql::Value::Kind::object: {
      auto map = map_from(value.as_object());
      if (!map) return map.error();
      return AttributeValue{std::move(*map)};
    }
    case sql::Value::Kind::number: {
      auto number = dynamo::Number::parse(value.as_number().text());
      if (!number) return number.error();
      return AttributeValue{std::move(*number)};
    }
  }
  return AttributeValue{dynamo::Null{}};
}

namespace {

// The write of an action, as a step of its trace if it has one.
class WriteStep {
 public:
  WriteStep(const Firing& firing, std::string operation, const std::string& table) {
    if (firing.step)
      step_ = firing.step.open(trace::Kind::write, std::move(operation), trace::Detail().text("table", table).take());
  }
  dynamo::WrittenItems* list() { return step_ ? &items_ : nullptr; }
  void end(const Result<void>& written) const {
    if (!step_) return;
    trace::End end = trace::end_of(written);
    if (!items_.empty()) end.detail = detail_of(items_);
    step_.close(std::move(end));
  }

 private:
  trace::Context step_;
  dynamo::WrittenItems items_;
};

class DynamoDbV2Action final : public Action {
 public:
  DynamoDbV2Action(sql::Template table, dynamo::TableBackend& tables) : table_(std::move(table)), tables_(tables) {}

  std::string name() const override { return "DynamoDBv2Action"; }
  std::string resource() const override { return table_.text(); }

  Task<Result<void>> run(const Firing& firing) const override {
    auto table = render(table_, firing);
    if (!table) co_return table.error();
    if (!firing.output.value().is_object())
      co_return invalid_request("The outgoing payload is not a JSON object, so it has no columns.");
    auto item = map_from(firing.output.value().as_object());
    if (!item) co_return item.error();
    WriteStep step(firing, "PutItem", *table);
    auto written = co_await tables_.put(*firing.shard, std::move(*table), std::move(*item), step.list());
    step.end(written);
    co_return written;
  }

 private:
  sql::Template table_;
  dynamo::TableBackend& tables_;
};

// One part of the key: its attribute, its value's template and whether that is a number.
struct KeyPart {
  sql::Template field;
  sql::Template value;
  bool is_number = false;
};

class DynamoDbAction final : public Action {
 public:
  struct Parameters {
    sql::Template table;
    KeyPart hash;
    std::optional<KeyPart> range;
    std::optional<sql::Template> payload_field;
    std::optional<sql::Template> operation;
  };
  DynamoDbAction(Parameters parameters, dynamo::TableBackend& tables) : parameters_(std::move(parameters)), tables_(tables) {}

  std::string name() const override { return "DynamoAction"; }
  std::string resource() const override { return parameters_.table.text(); }
  json::object resources(const Firing& firing) const override {
    auto field = render(parameters_.hash.field, firing), value = render(parameters_.hash.value, firing);
    auto operation = text_or(parameters_.operation, "INSERT", firing);
    return {{"ItemHashKeyField", field ? *field : parameters_.hash.field.text()},
            {"Table", resource()},
            {"Operation", operation ? *operation : ""},
            {"ItemHashKeyValue", value ? *value : parameters_.hash.value.text()},
            {"IsPayloadJSON", firing.output.is_json() ? "true" : "false"}};
  }

  Task<Result<void>> run(const Firing& firing) const override {
    auto table = render(parameters_.table, firing);
    if (!table) co_return table.error();
    auto key = key_of(firing);
    if (!key) co_return key.error();
    auto operation = text_or(parameters_.operation, "INSERT", firing);
    if (!operation) co_return operation.error();
    if (*operation == "DELETE") {
      WriteStep step(firing, "DeleteItem", *table);
      auto erased = co_await tables_.erase(*firing.shard, std::move(*table), std::move(*key), step.list());
      step.end(erased);
      co_return erased;
    }
    if (*operation != "INSERT" && *operation != "UPDATE")
      co_return invalid_request("'" + *operation + "' is none of INSERT, UPDATE and DELETE.");
    auto field = text_or(parameters_.payload_field, "payload", firing);
    if (!field) co_return field.error();
    auto payload = payload_of(firing);
    if (!payload) co_return payload.error();
    if (*operation == "UPDATE") {
      WriteStep step(firing, "UpdateItem", *table);
      auto updated = co_await tables_.set(*firing.shard, std::move(*table), std::move(*key), std::move(*field),
                                          std::move(*payload), step.list());
      step.end(updated);
      co_return updated;
    }
    key->set(*field, std::move(*payload));
    WriteStep step(firing, "PutItem", *table);
    auto written = co_await tables_.put(*firing.shard, std::move(*table), std::move(*key), step.list());
    step.end(written);
    co_return written;
  }

 private:
  static Result<std::string> text_or(const std::optional<sql::Template>& text, std::string_view otherwise, const Firing& firing) {
    if (!text) return std::string(otherwise);
    return render(*text, firing);
  }

  static Result<void> add_key_part(dynamo::Item& key, const KeyPart& part, const Firing& firing) {
    auto field = render(part.field, firing);
    if (!field) return field.error();
    auto text = render(part.value, firing);
    if (!text) return text.error();
    if (!part.is_number) {
      key.set(*field, AttributeValue{std::move(*text)});
      return {};
    }
    auto number = dynamo::Number::parse(*text);
    if (!number) return number.error();
    key.set(*field, AttributeValue{std::move(*number)});
    return {};
  }

  Result<dynamo::Item> key_of(const Firing& firing) const {
    dynamo::Item key;
    if (auto added = add_key_part(key, parameters_.hash, firing); !added) return added.error();
    if (parameters_.range)
      if (auto added = add_key_part(key, *parameters_.range, firing); !added) return added.error();
    return key;
  }

  // JSON as a map or list, anything else as binary.
  static Result<AttributeValue> payload_of(const Firing& firing) {
    if (!firing.output.is_json()) return AttributeValue{dynamo::Binary{firing.output.payload().str()}};
    return attribute_from(firing.output.value());
  }

  Parameters parameters_;
  dynamo::TableBackend& tables_;
};

Result<bool> is_number_type(const json::object& parameters, std::string_view name) {
  const std::string_view type = json::string_or(parameters, name, "STRING");
  if (type != "STRING" && type != "NUMBER") return invalid_request("'" + std::string(name) + "' must be STRING or NUMBER.");
  return type == "NUMBER";
}

Result<KeyPart> key_part(const json::object& parameters, const std::string& prefix, const ActionContext& context) {
  auto field = required_template(parameters, prefix + "KeyField", context);
  if (!field) return field.error();
  auto value = required_template(parameters, prefix + "KeyValue", context);
  if (!value) return value.error();
  auto number = is_number_type(parameters, prefix + "KeyType");
  if (!number) return number.error();
  return KeyPart{std::move(*field), std::move(*value), *number};
}

Result<std::unique_ptr<Action>> compile_v1(const json::object& parameters, const ActionContext& context,
                                           dynamo::TableBackend& tables) {
  auto table = required_template(parameters, "tableName", context);
  if (!table) return table.error();
  auto role = required_role(parameters);
  if (!role) return role.error();
  auto hash = key_part(parameters, "hash", context);
  if (!hash) return hash.error();
  DynamoDbAction::Parameters compiled{.table = std::move(*table), .hash = std::move(*hash)};
  if (json::find(parameters, "rangeKeyField")) {
    auto range = key_part(parameters, "range", context);
    if (!range) return range.error();
    compiled.range = std::move(*range);
  }
  auto payload_field = optional_template(parameters, "payloadField", context);
  if (!payload_field) return payload_field.error();
  compiled.payload_field = std::move(*payload_field);
  auto operation = optional_template(parameters, "operation", context);
  if (!operation) return operation.error();
  compiled.operation = std::move(*operation);
  return std::make_unique<DynamoDbAction>(std::move(compiled), tables);
}

Result<std::unique_ptr<Action>> compile_v2(const json::object& parameters, const ActionContext& context,
                                           dynamo::TableBackend& tables) {
  auto role = required_role(parameters);
  if (!role) return role.error();
  const json::value* put_item = json::find(parameters, "putItem");
  if (!put_item || !put_item->is_object()) return invalid_request("The parameter 'putItem' is required.");
  auto table = required_template(put_item->get_object(), "tableName", context);
  if (!table) return table.error();
  return std::make_unique<DynamoDbV2Action>(std::move(*table), tables);
}

}  // namespace

void add_dynamodb_actions(ActionTypes& types, dynamo::TableBackend& tables) {
  types.add("dynamoDB", [&](const json::object& p, const ActionContext& context) { return compile_v1(p, context, tables); });
  types.add("dynamoDBv2", [&](const json::object& p, const ActionContext& context) { return compile_v2(p, context, tables); });
}

}  // namespace croft::rules
