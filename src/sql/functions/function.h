// How a SQL function is declared: one row in the table of its family.
#pragma once

#include <climits>
#include <span>
#include <string>
#include <string_view>

#include "sql/evaluator.h"
#include "sql/syntax.h"

namespace croft::sql {

// One call at run time. The number of arguments fits the row; any of them may be Undefined.
struct Invocation {
  std::span<const Value> arguments;
  const Call& call;
  Evaluator& evaluator;

  const Value& operator[](std::size_t i) const { return arguments[i]; }
  std::size_t size() const { return arguments.size(); }
  // To String of an argument; nothing for Undefined and Null.
  std::optional<std::string> text(std::size_t i) const { return to_text(arguments[i], evaluator.version()); }
  std::optional<Number> number(std::size_t i) const { return to_number(arguments[i]); }
};

inline constexpr int any_number = INT_MAX;

struct Function {
  std::string_view name;  // lower case
  int arguments_min, arguments_max;
  SqlVersion since;  // a statement of an earlier version that names it is refused
  Value (*run)(const Invocation&);

  // Looks at the call once, at compile time: prepares constants, and returns why the call cannot work ("" when it
  // can). Not asked for a call with a wrong number of arguments, which gives Undefined.
  std::string (*prepare)(Call&) = nullptr;
  bool raw_star = false;        // a top-level `*` argument is the message's bytes rather than its JSON
  bool is_external = false;     // asks Context::external, whatever its arguments
  bool absorbs_failure = false; // a failure in the first argument makes it Undefined
};

// Null when there is none. `name` is lower case.
const Function* find_function(std::string_view name);

// The function whose name is spelt most like `name`; "" when none is near.
std::string_view nearest_function(std::string_view name);

inline bool takes(const Function& function, std::size_t arguments) {
  const int count = static_cast<int>(arguments);
  return count >= function.arguments_min && count <= function.arguments_max;
}
// Not for what looks at the message's context, asks a service or gives something new each time.
bool depends_on_arguments_only(const Function& function);

std::span<const Function> math_functions();
std::span<const Function> string_functions();
std::span<const Function> regexp_functions();
std::span<const Function> type_functions();
std::span<const Function> encoding_functions();
std::span<const Function> time_functions();
std::span<const Function> context_functions();
std::span<const Function> external_functions();

// The argument as a string literal, or null.
const std::string* string_literal(const Call& call, std::size_t argument);

}  // namespace croft::sql
