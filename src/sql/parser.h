#pragma once

#include <optional>
#include <string_view>

#include "sql/lexer.h"
#include "sql/syntax.h"

namespace croft::sql {

// The text as a tree, or SqlParseException. Names of functions and variables are not looked up here; see binder.h.
Result<Statement> parse_statement(std::string_view text, SqlVersion version);

// One expression of a substitution template: from `from`, just after ${, to its closing brace.
struct TemplateExpression {
  ExpressionPtr expression;
  std::size_t end = 0;  // one past the closing brace
};
Result<TemplateExpression> parse_template_expression(std::string_view text, std::size_t from, SqlVersion version);

}  // namespace croft::sql
