#include "services/dynamodb/expression_parameters.h"

#include <set>

#include "dynamo/errors.h"

namespace croft::services::dynamodb {

namespace {

std::string joined(const std::vector<std::string_view>& names, std::string_view separator) {
  std::string out;
  for (std::string_view name : names) out.append(out.empty() ? "" : separator).append(name);
  return out;
}

std::vector<std::string_view> present(const RequestReader& reader, const std::vector<std::string_view>& names) {
  std::vector<std::string_view> out;
  for (std::string_view name : names) {
    if (reader.has(name)) out.push_back(name);
  }
  return out;
}

void check_legacy(const RequestReader& reader, const std::vector<std::string_view>& expressions,
                  const std::vector<std::string_view>& legacy) {
  const std::vector<std::string_view> old_ones = present(reader, legacy);
  if (old_ones.empty()) return;
  const std::vector<std::string_view> new_ones = present(reader, expressions);
  if (!new_ones.empty()) {
    refuse(dynamo::validation_error(
        "Can not use both expression and non-expression parameters in the same request: "
        "Non-expression parameters: {" +
        joined(old_ones, ", ") + "} Expression parameters: {" + joined(new_ones, ", ") + "}"));
  }
  for (std::string_view name : old_ones) {
    if (name == "AttributesToGet") continue;
    refuse(dynamo::validation_error("The legacy parameter " + std::string(name) + " is not supported; use " +
                                    joined(expressions, " or ") + " instead"));
  }
}

}  // namespace

ExpressionParameters::ExpressionParameters(RequestReader& reader, std::vector<std::string_view> expressions,
                                           std::vector<std::string_view> legacy)
    : reader_(reader) {
  check_legacy(reader, expressions, legacy);
  const json::value* names = reader.find("ExpressionAttributeNames");
  const bool any_expression = !present(reader, expressions).empty();
  std::erase(expressions, "ProjectionExpression");  // takes no values
  const json::value* values = expressions.empty() ? nullptr : reader.find("ExpressionAttributeValues");
  if (!names && !values) return;
  if (!any_expression) {
    if (names)
      refuse(dynamo::validation_error("ExpressionAttributeNames can only be specified when using expressions"));
    refuse(dynamo::validation_error(
        "ExpressionAttributeValues can only be specified when using expressions: " + joined(expressions, " and ") +
        (expressions.size() > 1 ? " are null" : " is null")));
  }
  placeholders_ = dynamo::Placeholders::read(names, values).value();
}

std::optional<dynamo::Condition> ExpressionParameters::condition(std::string_view member) {
  const std::optional<std::string> text = reader_.text(member);
  if (!text) return std::nullopt;
  return dynamo::Condition::parse(member, *text, placeholders_).value();
}

std::optional<dynamo::Update> ExpressionParameters::update() {
  const std::optional<std::string> text = reader_.text("UpdateExpression");
  if (!text) return std::nullopt;
  return dynamo::Update::parse(*text, placeholders_).value();
}

std::optional<dynamo::Projection> ExpressionParameters::projection() {
  if (const std::optional<std::string> text = reader_.text("ProjectionExpression")) {
    return dynamo::Projection::parse(*text, placeholders_).value();
  }
  const json::array* attributes = reader_.array("AttributesToGet");
  if (!attributes) return std::nullopt;
  std::vector<std::string> names;
  std::set<std::string> unique;
  for (const json::value& name : *attributes) {
    if (!name.is_string()) refuse(dynamo::serialization_error("NUMBER_VALUE cannot be converted to String"));
    names.emplace_back(name.get_string().data(), name.get_string().size());
    if (!unique.insert(names.back()).second) {
      refuse(dynamo::invalid_parameter("Duplicate value in attribute name: " + names.back()));
    }
  }
  return dynamo::Projection::of_attributes(names);
}

void ExpressionParameters::finish() const { placeholders_.check_all_used().value(); }

}  // namespace croft::services::dynamodb
