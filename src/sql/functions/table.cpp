#include "sql/functions/function.h"

namespace croft::sql {

const Function* find_function(std::string_view name) {
  for (const std::span<const Function> family :
       {math_functions(), string_functions(), regexp_functions(), type_functions(), encoding_functions(),
        time_functions(), context_functions(), external_functions()}) {
    for (const Function& function : family) {
      if (function.name == name) return &function;
    }
  }
  return nullptr;
}

const std::string* string_literal(const Call& call, std::size_t argument) {
  if (argument >= call.arguments.size()) return nullptr;
  const auto* literal = std::get_if<Literal>(&call.arguments[argument]->node);
  return literal && literal->value.is_string() ? &literal->value.as_string() : nullptr;
}

}  // namespace croft::sql
