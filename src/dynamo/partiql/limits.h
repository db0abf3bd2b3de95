// What a statement may be. Sources: API Reference, ExecuteStatement, BatchExecuteStatement and ExecuteTransaction;
// Developer Guide, "PartiQL operators" (IN), unless a line says otherwise.
#pragma once

#include <cstddef>

namespace croft::dynamo::partiql::limits {

inline constexpr std::size_t statement_length_max = 8192;
inline constexpr std::size_t batch_statements_max = 25;
inline constexpr std::size_t transaction_statements_max = 100;
inline constexpr std::size_t next_token_length_max = 32768;

inline constexpr std::size_t reads_max = 50;  // partitions and sort keys that one SELECT names
inline constexpr std::size_t nesting_max = 200;  // of parentheses, literals and operators; croft's, bounds the recursion
inline constexpr std::size_t branches_max = 1000;  // alternatives of keys looked at in a WHERE; croft's, bounds the work
inline constexpr std::size_t copied_nodes_max = 20'000;  // of conditions compared with each other; croft's

}  // namespace croft::dynamo::partiql::limits
