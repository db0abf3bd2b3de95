#include "services/dynamodb/legacy_parameters.h"

#include <set>

#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"

namespace croft::services::dynamodb {

namespace {

using dynamo::Condition;
using dynamo::Operand;
using dynamo::Type;
using dynamo::ValuePtr;
using Kind = Condition::Kind;

// In the order of AWS's messages.
constexpr std::string_view comparison_operators[] = {"IN",          "NULL", "BETWEEN",  "LT", "NOT_CONTAINS",
                                                     "EQ",          "GT",   "NOT_NULL", "NE", "LE",
                                                     "BEGINS_WITH", "GE",   "CONTAINS"};
constexpr std::string_view conditional_operators[] = {"OR", "AND"};
constexpr std::string_view actions[] = {"ADD", "DELETE", "PUT"};
constexpr std::size_t attributes_to_get_max = 255;

struct Comparison {
  std::string_view name;
  Kind kind;
  std::size_t values_min, values_max;
  enum class Types { any, scalars, texts } types = Types::scalars;  // texts: also binary
  bool negated = false;
};
constexpr Comparison comparisons[] = {
    {"EQ", Kind::equal, 1, 1, Comparison::Types::any},
    {"NE", Kind::not_equal, 1, 1, Comparison::Types::any},
    {"LE", Kind::less_equal, 1, 1},
    {"LT", Kind::less, 1, 1},
    {"GE", Kind::greater_equal, 1, 1},
    {"GT", Kind::greater, 1, 1},
    {"NOT_NULL", Kind::attribute_exists, 0, 0},
    {"NULL", Kind::attribute_not_exists, 0, 0},
    {"CONTAINS", Kind::contains, 1, 1},
    {"NOT_CONTAINS", Kind::contains, 1, 1, Comparison::Types::scalars, true},
    {"BEGINS_WITH", Kind::begins_with, 1, 1, Comparison::Types::texts},
    {"IN", Kind::in, 1, SIZE_MAX},
    {"BETWEEN", Kind::between, 2, 2},
};

const Comparison& comparison_named(std::string_view name) {
  for (const Comparison& comparison : comparisons) {
    if (comparison.name == name) return comparison;
  }
  refuse(dynamo::validation_error("Unsupported operator on ExpectedAttributeValue: " + std::string(name)));
}

bool fits(Comparison::Types types, Type type) {
  const bool text = type == Type::string || type == Type::binary;
  return types == Comparison::Types::any || text || (types == Comparison::Types::scalars && type == Type::number);
}

std::string view_of(const json::string& text) {
  return {text.data(), text.size()};
}

const json::object& structure(const json::value& value) {
  if (!value.is_object()) refuse(dynamo::serialization_error("Unexpected value type in payload"));
  return value.get_object();
}

dynamo::AttributeValue value_of(const json::value& document) {
  return dynamo::attribute_value(document).value();
}

std::vector<dynamo::AttributeValue> values_of(RequestReader& condition) {
  std::vector<dynamo::AttributeValue> out;
  const json::array* list = condition.array("AttributeValueList");
  if (!list) return out;
  for (const json::value& value : *list) out.push_back(value_of(value));
  return out;
}

void check_values(const Comparison& comparison, const std::vector<dynamo::AttributeValue>& values) {
  const std::string name(comparison.name);
  if (values.size() < comparison.values_min || values.size() > comparison.values_max) {
    refuse(dynamo::invalid_parameter("Invalid number of argument(s) for the " + name + " ComparisonOperator"));
  }
  for (const dynamo::AttributeValue& value : values) {
    if (value.type() == values[0].type()) continue;
    refuse(dynamo::invalid_parameter("AttributeValues inside AttributeValueList must be of same type"));
  }
  for (const dynamo::AttributeValue& value : values) {
    if (fits(comparison.types, value.type())) continue;
    refuse(dynamo::invalid_parameter("ComparisonOperator " + name + " is not valid for " +
                                     std::string(type_name(value.type())) + " AttributeValue type"));
  }
  if (comparison.kind == Kind::between && *compare(values[0], values[1]) > 0) {
    refuse(dynamo::validation_error(
        "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"));
  }
}

Condition of_attribute(Kind kind, std::string_view attribute, std::vector<dynamo::AttributeValue> values = {}) {
  Condition out{kind, {}, {}};
  out.operands.push_back(Operand::of(dynamo::Path{{std::string(attribute)}}));
  for (dynamo::AttributeValue& value : values) {
    out.operands.push_back(Operand::of(std::make_shared<const dynamo::AttributeValue>(std::move(value))));
  }
  return out;
}

// NOT_CONTAINS is false, too, when the attribute is not there.
Condition negation(Condition condition, std::string_view attribute) {
  Condition none{Kind::none, {}, {}};
  none.children.push_back(std::move(condition));
  Condition all{Kind::all, {}, {}};
  all.children.push_back(of_attribute(Kind::attribute_exists, attribute));
  all.children.push_back(std::move(none));
  return all;
}

Condition compared(const Comparison& comparison, std::string_view attribute,
                   std::vector<dynamo::AttributeValue> values) {
  check_values(comparison, values);
  Condition out = of_attribute(comparison.kind, attribute, std::move(values));
  return comparison.negated ? negation(std::move(out), attribute) : out;
}

std::optional<Condition> joined(RequestReader& reader, std::vector<Condition> conditions) {
  if (conditions.empty()) return std::nullopt;
  const bool any = reader.text("ConditionalOperator") == "OR";
  return Condition{any ? Kind::any : Kind::all, std::move(conditions), {}};
}

// The form without a ComparisonOperator: Value, Exists.
Condition expected_value(RequestReader& condition, const std::string& attribute) {
  const bool exists = condition.flag("Exists", true);
  const json::value* value = condition.find("Value");
  const std::string of_attribute_text = " for Attribute: " + attribute;
  if (exists && !value) {
    refuse(dynamo::invalid_parameter("Value must be provided when Exists is " +
                                     std::string(condition.has("Exists") ? "true" : "null") + of_attribute_text));
  }
  if (!exists && value) {
    refuse(dynamo::invalid_parameter("Value cannot be used when Exists is false" + of_attribute_text));
  }
  if (!exists) return of_attribute(Kind::attribute_not_exists, attribute);
  return of_attribute(Kind::equal, attribute, {value_of(*value)});
}

Condition expected_attribute(RequestReader& condition, const std::string& attribute) {
  const std::string of_attribute_text = " for Attribute: " + attribute;
  const bool list = condition.has("AttributeValueList"), value = condition.has("Value");
  if (list && value) {
    refuse(dynamo::invalid_parameter("Value and AttributeValueList cannot be used together" + of_attribute_text));
  }
  const std::optional<std::string> name = condition.text("ComparisonOperator");
  if (!name && list) {
    refuse(dynamo::invalid_parameter("AttributeValueList can only be used with a ComparisonOperator" +
                                     of_attribute_text));
  }
  if (!name) return expected_value(condition, attribute);
  if (condition.has("Exists")) {
    refuse(dynamo::invalid_parameter("Exists and ComparisonOperator cannot be used together" + of_attribute_text));
  }
  const Comparison& comparison = comparison_named(*name);
  if (comparison.values_min > 0 && !list && !value) {
    refuse(dynamo::invalid_parameter("Value or AttributeValueList must be used with ComparisonOperator: " + *name +
                                     of_attribute_text));
  }
  std::vector<dynamo::AttributeValue> values = values_of(condition);
  if (value) values.push_back(value_of(*condition.find("Value")));
  return compared(comparison, attribute, std::move(values));
}

// Puts one attribute's update into its section.
void add_update(dynamo::Update& update, RequestReader& one, const std::string& attribute) {
  dynamo::Path path{{attribute}};
  const std::string action = one.text("Action").value_or("PUT");
  const json::value* document = one.find("Value");
  if (!document) {
    if (action != "DELETE") {
      refuse(dynamo::invalid_parameter("Only DELETE action is allowed when no attribute value is specified"));
    }
    update.removes.push_back(std::move(path));
    return;
  }
  const auto value = std::make_shared<const dynamo::AttributeValue>(value_of(*document));
  check_attribute_names(dynamo::Map{{attribute, *value}}).value();
  const Type type = value->type();
  const bool set = type == Type::string_set || type == Type::number_set || type == Type::binary_set;
  const std::string of_type = " for the type " + std::string(type_name(type));
  if (action == "DELETE") {
    if (!set) refuse(dynamo::invalid_parameter("DELETE action with value is not supported" + of_type));
    update.deletes.push_back({std::move(path), value});
  } else if (action == "ADD") {
    if (!set && type != Type::number && type != Type::list) {
      refuse(dynamo::invalid_parameter("ADD action is not supported" + of_type));
    }
    update.adds.push_back({std::move(path), value});
  } else {
    update.sets.push_back(
        {std::move(path), {dynamo::UpdateOperand::Kind::value, {}, value, {}}, dynamo::Update::Arithmetic::none, {}});
  }
}

}  // namespace

void note_conditional_operator(RequestReader& reader) {
  reader.choice("ConditionalOperator", conditional_operators);
}

void note_conditions(RequestReader& reader, std::string_view member) {
  const json::object* conditions = reader.object(member);
  if (!conditions) return;
  for (const auto& [attribute, condition] : *conditions) {
    RequestReader one(structure(condition), reader.place(member) + "." + std::string(attribute) + ".member", reader);
    if (member == "Expected")
      one.choice("ComparisonOperator", comparison_operators);
    else
      one.required_choice("ComparisonOperator", comparison_operators);
  }
}

void note_attribute_updates(RequestReader& reader) {
  const json::object* updates = reader.object("AttributeUpdates");
  if (!updates) return;
  for (const auto& [attribute, update] : *updates) {
    RequestReader one(structure(update), reader.place("AttributeUpdates") + "." + std::string(attribute) + ".member",
                      reader);
    one.choice("Action", actions);
  }
}

void note_attributes_to_get(RequestReader& reader) {
  const json::array* names = reader.array("AttributesToGet");
  if (!names) return;
  std::string shown = "'[";
  for (const json::value& name : *names) {
    if (!name.is_string()) refuse(dynamo::serialization_error("NUMBER_VALUE cannot be converted to String"));
    shown += (shown.size() > 2 ? ", " : "") + view_of(name.get_string());
  }
  shown += "]'";
  if (names->empty()) reader.note(shown, "AttributesToGet", "Member must have length greater than or equal to 1");
  if (names->size() > attributes_to_get_max) {
    reader.note(shown, "AttributesToGet",
                "Member must have length less than or equal to " + std::to_string(attributes_to_get_max));
  }
}

void check_conditional_operator(RequestReader& reader) {
  if (!reader.has("ConditionalOperator")) return;
  std::size_t conditions = 0;
  for (std::string_view member : {"Expected", "QueryFilter", "ScanFilter"}) {
    if (const json::object* given = reader.object(member)) conditions = std::max(conditions, given->size());
  }
  if (conditions == 0) {
    refuse(dynamo::validation_error("ConditionalOperator cannot be used without Filter or Expected"));
  }
  if (conditions == 1) {
    refuse(dynamo::validation_error(
        "ConditionalOperator can only be used when Filter or Expected has two or more elements"));
  }
}

std::optional<Condition> expected(RequestReader& reader) {
  std::vector<Condition> out;
  if (const json::object* conditions = reader.object("Expected")) {
    for (const auto& [attribute, condition] : *conditions) {
      RequestReader one(structure(condition));
      out.push_back(expected_attribute(one, std::string(attribute)));
    }
  }
  return joined(reader, std::move(out));
}

std::optional<Condition> legacy_filter(RequestReader& reader, std::string_view member) {
  std::vector<Condition> out;
  if (const json::object* conditions = reader.object(member)) {
    for (const auto& [attribute, condition] : *conditions) {
      RequestReader one(structure(condition));
      std::vector<dynamo::AttributeValue> values = values_of(one);
      out.push_back(compared(comparison_named(one.text("ComparisonOperator").value_or("")), std::string(attribute),
                             std::move(values)));
    }
  }
  return joined(reader, std::move(out));
}

Condition key_conditions(RequestReader& reader) {
  Condition out{Kind::all, {}, {}};
  const json::object* conditions = reader.object("KeyConditions");
  if (!conditions) refuse(dynamo::validation_error("Conditions must not be null"));
  for (const auto& [attribute, condition] : *conditions) {
    RequestReader one(structure(condition));
    std::vector<dynamo::AttributeValue> values = values_of(one);
    const Comparison& comparison = comparison_named(one.text("ComparisonOperator").value_or(""));
    check_values(comparison, values);
    const bool indexable = comparison.values_min > 0 && !comparison.negated && comparison.kind != Kind::in &&
                           comparison.kind != Kind::contains;
    // What cannot be looked up is refused in the same words, whatever it is.
    out.children.push_back(
        of_attribute(indexable ? comparison.kind : Kind::not_equal, std::string(attribute), std::move(values)));
  }
  if (out.children.empty()) refuse(dynamo::validation_error("Conditions can be of length 1 or 2 only"));
  return out;
}

std::optional<dynamo::Update> attribute_updates(RequestReader& reader) {
  const json::object* updates = reader.object("AttributeUpdates");
  if (!updates) return std::nullopt;
  dynamo::Update out;
  out.legacy = true;
  for (const auto& [attribute, update] : *updates) {
    RequestReader one(structure(update));
    add_update(out, one, std::string(attribute));
  }
  return out;
}

void check_attributes_to_get(RequestReader& reader) {
  const json::array* attributes = reader.array("AttributesToGet");
  if (!attributes) return;
  std::set<std::string> unique;
  for (const json::value& name : *attributes) {
    const std::string text = view_of(name.get_string());
    if (!unique.insert(text).second) {
      refuse(dynamo::invalid_parameter("Duplicate value in attribute name: " + text));
    }
    dynamo::check_attribute_name(text).value();
  }
}

std::optional<dynamo::Projection> attributes_to_get(RequestReader& reader) {
  const json::array* attributes = reader.array("AttributesToGet");
  if (!attributes) return std::nullopt;
  check_attributes_to_get(reader);
  std::vector<std::string> names;
  for (const json::value& name : *attributes) names.push_back(view_of(name.get_string()));
  return dynamo::Projection::of_attributes(names);
}

}  // namespace croft::services::dynamodb
