#pragma once

#include <string>

#include "sql/syntax.h"

namespace croft::sql {

// The tree as a statement again: parsed once more it is the same tree. Parentheses only where they are needed; a
// constant that simplify() made is JSON text.
std::string to_sql(const Statement& statement);

// Of one expression. A text longer than `bytes_max` is cut and ends with "...".
std::string to_sql(const Expression& expression, std::size_t bytes_max = std::string::npos);

}  // namespace croft::sql
