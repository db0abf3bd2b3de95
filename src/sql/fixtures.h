// Services with prepared answers, for files of cases.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sql/context.h"
#include "text/encoding.h"

namespace croft::sql {

// Answers from one JSON document: {"lambda": [{function, request, response}], "dynamodb": {table: [items]},
// "shadows": {thing: {name: document}}, "registry": {api: {thing: response}}, "secrets": {id: {SecretString}}}.
class FixtureExternal : public External {
 public:
  explicit FixtureExternal(Value fixtures) : fixtures_(std::move(fixtures)) {}

  Result<Value> invoke_lambda(const std::string& function_arn, const Value& input) const override {
    for (const Value& each : list(fixtures_.find("lambda"))) {
      if (at(&each, "function") == Value::string(function_arn) && at(&each, "request") == input) {
        return at(&each, "response");
      }
    }
    return missing();
  }

  Result<Value> dynamodb_item(const ItemKey& key, const std::string&) const override {
    const Value* tables = fixtures_.find("dynamodb");
    for (const Value& item : list(tables ? tables->find(key.table) : nullptr)) {
      if (!has(item, key.partition_name, key.partition_value)) continue;
      if (!key.sort_name || has(item, *key.sort_name, key.sort_value)) return item;
    }
    return missing();
  }

  Result<Value> thing_shadow(const std::string& thing, const std::optional<std::string>& name,
                             const std::string&) const override {
    return found(path({"shadows", thing, name.value_or("")}));
  }
  Result<Value> registry_data(const std::string& api, const std::string& thing, const std::string&) const override {
    return found(path({"registry", api, thing}));
  }
  Result<Secret> secret(const std::string& id, const std::string&) const override {
    const Value entry = path({"secrets", id});
    if (!entry.is_object()) return Error{"ResourceNotFoundException", "no such secret"};
    Secret secret;
    if (const Value* text = entry.find("SecretString"); text && text->is_string()) secret.string = text->as_string();
    if (const Value* bytes = entry.find("SecretBinary"); bytes && bytes->is_string())
      secret.binary = text::from_base64(bytes->as_string());
    return secret;
  }
  Result<std::shared_ptr<const ProtobufSchema>> protobuf_schema(const std::string&,
                                                                const std::string&) const override {
    return missing();
  }

 private:
  static Error missing() { return {"ResourceNotFoundException", "not in the fixtures"}; }
  static Result<Value> found(Value value) {
    if (value.is_undefined()) return missing();
    return value;
  }
  static Array list(const Value* value) { return value && value->is_array() ? value->as_array() : Array(); }
  static Value at(const Value* value, std::string_view name) {
    const Value* member = value ? value->find(name) : nullptr;
    return member ? *member : Value();
  }
  Value path(const std::vector<std::string>& names) const {
    Value value = fixtures_;
    for (const std::string& name : names) value = at(&value, name);
    return value;
  }
  // {"id":{"S":"x"}} has id = 'x', {"n":{"N":"7"}} has n = 7.
  static bool has(const Value& item, const std::string& name, const Value& wanted) {
    const Value* attribute = item.find(name);
    if (wanted.is_string()) return at(attribute, "S") == wanted;
    return wanted.is_number() && at(attribute, "N") == Value::string(wanted.as_number().text());
  }

  Value fixtures_;
};

}  // namespace croft::sql
