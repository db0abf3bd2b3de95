#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sql/syntax.h"
#include "types/result.h"

namespace croft::sql {

// Completes a parsed tree: finds functions and SET variables, prepares constants, and refuses what cannot work, with
// the position in `text` (SqlParseException).
std::optional<Error> bind_statement(Statement& statement, std::string_view text);

// The same for one expression of a template that may name these variables. Adds the external functions that it calls.
std::optional<Error> bind_expression(Expression& expression, SqlVersion version,
                                     const std::vector<std::string>& variables, std::string_view text,
                                     std::vector<std::string_view>& externals);

}  // namespace croft::sql
