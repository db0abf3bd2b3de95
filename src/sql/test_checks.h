// What holds for every statement and payload: each check gives "" or what is wrong. For property tests and fuzzers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sql/children.h"
#include "sql/parser.h"
#include "sql/printer.h"
#include "sql/query.h"

namespace croft::sql {

// Two trees, wherever they stood in their texts.
bool same_tree(const Expression& a, const Expression& b);

inline bool same_tree(const ExpressionPtr& a, const ExpressionPtr& b) {
  return a && b ? same_tree(*a, *b) : !a && !b;
}

inline bool same_projection(const Projection& a, const Projection& b) {
  if (a.is_value != b.is_value || a.items.size() != b.items.size()) return false;
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (a.items[i].path != b.items[i].path || a.items[i].spread != b.items[i].spread) return false;
    if (!same_tree(a.items[i].expression, b.items[i].expression)) return false;
  }
  return true;
}

// What a node holds beside the expressions below it, as text.
inline std::string own_content(const Expression& expression) {
  const auto& node = expression.node;
  if (const auto* at = std::get_if<Literal>(&node)) {
    const Value& value = at->value;
    const std::string kind = std::to_string(static_cast<int>(value.kind()));
    if (value.is_number())
      return kind + (value.as_number().is_decimal() ? "d" : "i") + value.as_number().exact_text();
    return kind + write_json(value, SqlVersion::v2016_03_23, std::string::npos).value();
  }
  if (const auto* at = std::get_if<Name>(&node)) return at->name;
  if (const auto* at = std::get_if<VariableReference>(&node)) return at->name;
  if (const auto* at = std::get_if<Member>(&node)) return at->name;
  if (const auto* at = std::get_if<Operation>(&node)) return std::to_string(static_cast<int>(at->op));
  if (const auto* at = std::get_if<Cast>(&node)) return std::to_string(static_cast<int>(at->type));
  if (const auto* at = std::get_if<Case>(&node))
    return std::to_string(at->branches.size()) + (at->otherwise ? "e" : "");
  if (const auto* at = std::get_if<Call>(&node)) return at->name;
  if (const auto* at = std::get_if<Subselect>(&node)) return at->alias + (at->where ? "?" : "");
  std::string names;
  if (const auto* at = std::get_if<ObjectLiteral>(&node)) {
    for (const auto& [name, value] : at->members) names += std::to_string(name.size()) + name;
  }
  return names;
}

inline bool same_tree(const Expression& a, const Expression& b) {
  if (a.node.index() != b.node.index() || a.height != b.height || own_content(a) != own_content(b)) return false;
  if (const auto* select = std::get_if<Subselect>(&a.node)) {
    if (!same_projection(select->projection, std::get<Subselect>(b.node).projection)) return false;
  }
  std::vector<const Expression*> left, right;
  for_each_child(a, [&](const ExpressionPtr& child) { left.push_back(child.get()); });
  for_each_child(b, [&](const ExpressionPtr& child) { right.push_back(child.get()); });
  if (left.size() != right.size()) return false;
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!same_tree(*left[i], *right[i])) return false;
  }
  return true;
}

inline bool same_tree(const Statement& a, const Statement& b) {
  if (a.topic_filter != b.topic_filter || a.variables.size() != b.variables.size()) return false;
  for (std::size_t i = 0; i < a.variables.size(); ++i) {
    if (a.variables[i].name != b.variables[i].name || !same_tree(a.variables[i].value, b.variables[i].value))
      return false;
  }
  return same_projection(a.projection, b.projection) && same_tree(a.where, b.where);
}

// Parsed, printed and parsed again a statement is the same tree; printed again, the same text.
inline std::string printing_problem(std::string_view text, SqlVersion version) {
  const Result<Statement> first = parse_statement(text, version);
  if (!first) return "";
  const std::string printed = to_sql(*first);
  const Result<Statement> second = parse_statement(printed, version);
  if (!second) {
    const std::string& reason = second.error().message;  // more parentheses than may be
    return reason.ends_with("nested too deeply") || reason.starts_with("the statement is longer")
               ? ""
               : printed + ": " + reason;
  }
  if (!same_tree(*first, *second)) return printed + " is another tree";
  return to_sql(*second) == printed ? "" : printed + " prints as " + to_sql(*second);
}

// The quick reading of a payload finds what the plain one finds.
inline std::string reading_problem(const std::string& payload) {
  const std::optional<Value> plain = read_json(payload);
  PayloadIndex index;
  const bool is_document = plain && (plain->is_object() || plain->is_array());
  switch (index.read(payload)) {
    case PayloadIndex::State::not_json:
      return is_document ? "is JSON but was not read" : "";
    case PayloadIndex::State::plain_reader:
      return "";
    default:
      break;
  }
  if (!is_document) return "is no JSON but was read";
  const Value quick = index.value(index.root());
  const auto text = [](const Value& value) { return *write_json(value, SqlVersion::v2015_10_08, std::string::npos); };
  if (text(quick) != text(*plain)) return "reads as " + text(quick) + " instead of " + text(*plain);
  if (!plain->is_object()) return "";
  for (const auto& [name, member] : plain->as_object().members()) {
    const PayloadIndex::Entry* entry = index.member(index.root(), name);
    if (!entry || !(index.value(*entry) == member)) return "has another member " + name;
  }
  return "";
}

// What came out: the payload, "no match", or the code of the failure.
inline std::string outcome(const Result<std::optional<Output>>& result) {
  if (!result) return "failed: " + result.error().message;
  return *result ? "gave " + (*result)->payload().str() : "no match";
}

// A simplified statement gives what the statement as written gives. What met a limit may differ: the simplified one
// does less.
inline std::string evaluation_problem(std::string_view text, std::string_view version, const std::string& payload,
                                      const Context& context) {
  const Result<Query> quick = Query::compile(text, version),
                      plain = Query::compile(text, version, Query::Form::plain);
  if (quick.has_value() != plain.has_value()) return "one form compiles";
  if (!quick) return "";
  const Result<std::optional<Output>> expected = plain->evaluate(Message(SharedBytes(payload)), context);
  const Result<std::optional<Output>> got = quick->evaluate(Message(SharedBytes(payload)), context);
  if (!expected && expected.error().code == "RuleExecutionFailure") return "";
  if (outcome(got) != outcome(expected)) return outcome(got) + " instead of " + outcome(expected);
  if (!got || !*got) return "";
  if (!((*got)->value() == (*expected)->value())) return "has another value";
  return (*got)->variables() == (*expected)->variables() ? "" : "has other variables";
}

}  // namespace croft::sql
