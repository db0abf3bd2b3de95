// Functions that ask Context::external. Any failure there aborts the rule.
#include "sql/functions/function.h"
#include "text/encoding.h"

namespace croft::sql {
namespace {

// Null, and a failure, without an External.
const External* external(const Invocation& in) {
  const External* found = in.evaluator.context().external;
  if (!found) in.evaluator.fail({"RuleExecutionFailure", in.call.name + " is not available here"});
  return found;
}

Value answer(const Invocation& in, Result<Value> result) {
  if (result) return std::move(*result);
  in.evaluator.fail(std::move(result).error());
  return Value();
}

Value refuse(const Invocation& in, const std::string& problem) {
  in.evaluator.fail({"RuleExecutionFailure", in.call.name + ": " + problem});
  return Value();
}

// All arguments that name something are Strings.
bool are_strings(const Invocation& in, std::initializer_list<std::size_t> positions) {
  for (const std::size_t i : positions) {
    if (!in[i].is_string()) return false;
  }
  return true;
}

Value lambda(const Invocation& in) {
  if (!are_strings(in, {0})) return refuse(in, "the function's ARN is not a string");
  if (in[1].is_undefined()) return refuse(in, "the input is undefined");
  const External* source = external(in);
  return source ? answer(in, source->invoke_lambda(in[0].as_string(), in[1])) : Value();
}

Value from_attribute(const Value& attribute);

// One entry of DynamoDB JSON's type tag and content. The mapping is undocumented for get_dynamodb: sets become
// arrays, binary stays base64 text.
Value from_typed(const std::string& type, const Value& content) {
  if (type == "N") return Value::number(to_number(content));
  if (type == "NULL") return Value::null();
  if (type == "M" && content.is_object()) {
    Object members;
    for (const auto& [name, member] : content.as_object().members()) members.append(name, from_attribute(member));
    return Value::object(std::move(members));
  }
  if (!content.is_array()) return content;
  Array elements;
  for (const Value& element : content.as_array()) {
    if (type == "L") elements.push_back(from_attribute(element));
    else if (type == "NS") elements.push_back(Value::number(to_number(element)));
    else elements.push_back(element);
  }
  return Value::array(std::move(elements));
}

Value from_attribute(const Value& attribute) {
  if (!attribute.is_object() || attribute.as_object().size() != 1) return Value();
  const auto& [type, content] = attribute.as_object().members()[0];
  return from_typed(type, content);
}

Value dynamodb(const Invocation& in) {
  if (!in.evaluator.claim(Evaluator::Once::get_dynamodb)) return Value();
  if (in.size() == 5 || !are_strings(in, {0, 1, in.size() - 1})) return refuse(in, "bad arguments");
  External::ItemKey key{.table = in[0].as_string(), .partition_name = in[1].as_string(), .partition_value = in[2],
                        .sort_name = std::nullopt, .sort_value = Value()};
  if (in.size() == 6) {
    if (!in[3].is_string()) return refuse(in, "bad arguments");
    key.sort_name = in[3].as_string();
    key.sort_value = in[4];
  }
  const External* source = external(in);
  if (!source) return Value();
  const Value item = answer(in, source->dynamodb_item(key, in[in.size() - 1].as_string()));
  return item.is_object() ? from_typed("M", item) : Value();
}

Value thing_shadow(const Invocation& in) {
  const bool named = in.size() == 3;
  if (!are_strings(in, {0, in.size() - 1}) || (named && !in[1].is_string())) return refuse(in, "bad arguments");
  const External* source = external(in);
  const std::optional<std::string> name = named ? std::optional(in[1].as_string()) : std::nullopt;
  return source ? answer(in, source->thing_shadow(in[0].as_string(), name, in[in.size() - 1].as_string())) : Value();
}

std::string check_registry_api(Call& call) {
  const std::string* api = string_literal(call, 0);
  if (api && (*api == "DescribeThing" || *api == "ListThingGroupsForThing")) return "";
  return "get_registry_data takes 'DescribeThing' or 'ListThingGroupsForThing'";
}

Value registry_data(const Invocation& in) {
  if (!in.evaluator.claim(Evaluator::Once::get_registry_data)) return Value();
  if (!are_strings(in, {1, 2})) return refuse(in, "bad arguments");
  const External* source = external(in);
  if (!source) return Value();
  return answer(in, source->registry_data(in[0].as_string(), in[1].as_string(), in[2].as_string()));
}

// A string that is a JSON object gives a member (with a key) or the object; other text only itself.
Value secret_string(const Invocation& in, const std::string& text, const std::string* key) {
  const std::optional<Value> document = read_json(text);
  if (!document || !document->is_object()) {
    return key ? refuse(in, "the secret is not a JSON object") : Value::string(text);
  }
  if (!key) return *document;
  const Value* member = document->find(*key);
  return member ? *member : refuse(in, "the secret has no such key");
}

Value secret(const Invocation& in) {
  if (!are_strings(in, {0, 1, in.size() - 1}) || !in[2].is_string()) return refuse(in, "bad arguments");
  const External* source = external(in);
  if (!source) return Value();
  Result<External::Secret> found = source->secret(in[0].as_string(), in[in.size() - 1].as_string());
  if (!found) return answer(in, found.error());
  const std::string* key = in.size() == 4 ? &in[2].as_string() : nullptr;
  const std::string& kind = in[1].as_string();
  if (kind == "SecretString" && found->string) return secret_string(in, *found->string, key);
  if (kind == "SecretBinary" && found->binary && !key) return Value::string(text::base64(*found->binary));
  return refuse(in, "the secret has no such value");
}

Value never_called(const Invocation&) { return Value(); }
std::string refuse_prediction(Call&) { return "machinelearning_predict is not available"; }

constexpr SqlVersion v2015 = SqlVersion::v2015_10_08;
constexpr SqlVersion v2016 = SqlVersion::v2016_03_23;

constexpr Function external_row(std::string_view name, int least, int most, SqlVersion since,
                                Value (*run)(const Invocation&), std::string (*prepare)(Call&) = nullptr) {
  return {.name = name, .arguments_min = least, .arguments_max = most, .since = since, .run = run,
          .prepare = prepare, .is_external = true};
}

constexpr Function rows[] = {
    external_row("aws_lambda", 2, 2, v2015, lambda),
    external_row("get_dynamodb", 4, 6, v2016, dynamodb),
    external_row("get_thing_shadow", 2, 3, v2016, thing_shadow),
    external_row("get_registry_data", 3, 3, v2016, registry_data, check_registry_api),
    external_row("get_secret", 3, 4, v2015, secret),
    external_row("machinelearning_predict", 0, any_number, v2015, never_called, refuse_prediction),
};

}  // namespace

std::span<const Function> external_functions() { return rows; }

}  // namespace croft::sql
