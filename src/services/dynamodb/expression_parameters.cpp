#include "services/dynamodb/expression_parameters.h"

#include <algorithm>

#include "dynamo/errors.h"
#include "services/dynamodb/legacy_parameters.h"

namespace croft::services::dynamodb {

namespace {

using Names = std::vector<std::string_view>;

std::string joined(const Names& names, std::string_view separator) {
  std::string out;
  for (std::string_view name : names) out.append(out.empty() ? "" : separator).append(name);
  return out;
}

Names present(const RequestReader& reader, const Names& names) {
  Names out;
  for (std::string_view name : names) {
    if (reader.has(name)) out.push_back(name);
  }
  return out;
}

bool is_in(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// KeyConditions may stand beside expressions, but for the one that replaced them.
void check_mixture(const Names& expressions, Names legacy) {
  if (!is_in(expressions, "KeyConditionExpression")) std::erase(legacy, "KeyConditions");
  if (expressions.empty() || legacy.empty()) return;
  refuse(dynamo::validation_error(
      "Can not use both expression and non-expression parameters in the same request: "
      "Non-expression parameters: {" +
      joined(legacy, ", ") + "} Expression parameters: {" + joined(expressions, ", ") + "}"));
}

// Query's message does not say which expressions.
std::string values_without_expression(const Names& expressions) {
  const std::string message = "ExpressionAttributeValues can only be specified when using expressions";
  if (is_in(expressions, "KeyConditionExpression")) return message;
  return message + ": " + joined(expressions, " and ") + (expressions.size() > 1 ? " are null" : " is null");
}

}  // namespace

ExpressionParameters::ExpressionParameters(RequestReader& reader, Names expressions, Names legacy) : reader_(reader) {
  const Names given = present(reader, expressions);
  check_mixture(given, present(reader, legacy));
  names_ = reader.find("ExpressionAttributeNames");
  if (names_ && given.empty()) {
    refuse(dynamo::validation_error("ExpressionAttributeNames can only be specified when using expressions"));
  }
  std::erase(expressions, "ProjectionExpression");  // takes no values
  if (!expressions.empty()) values_ = reader.find("ExpressionAttributeValues");
  if (values_ && present(reader, expressions).empty()) {
    refuse(dynamo::validation_error(values_without_expression(expressions)));
  }
  check_conditional_operator(reader);
}

dynamo::Placeholders& ExpressionParameters::placeholders() {
  if (!placeholders_) placeholders_ = dynamo::Placeholders::read(names_, values_).value();
  return *placeholders_;
}

std::optional<dynamo::Condition> ExpressionParameters::condition(std::string_view member) {
  const std::optional<std::string> text = reader_.text(member);
  if (!text) return std::nullopt;
  return dynamo::Condition::parse(member, *text, placeholders()).value();
}

std::optional<dynamo::Update> ExpressionParameters::update() {
  const std::optional<std::string> text = reader_.text("UpdateExpression");
  if (!text) return std::nullopt;
  return dynamo::Update::parse(*text, placeholders()).value();
}

std::optional<dynamo::Projection> ExpressionParameters::projection() {
  const std::optional<std::string> text = reader_.text("ProjectionExpression");
  if (!text) return attributes_to_get(reader_);
  return dynamo::Projection::parse(*text, placeholders()).value();
}

void ExpressionParameters::finish() {
  if (names_ || values_) placeholders().check_all_used().value();
}

}  // namespace croft::services::dynamodb
