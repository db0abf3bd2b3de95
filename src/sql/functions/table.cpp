#include "sql/functions/function.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace croft::sql {

namespace {

template <class Visit>
void for_each_function(Visit visit) {
  for (const std::span<const Function> family :
       {math_functions(), string_functions(), regexp_functions(), type_functions(), encoding_functions(),
        time_functions(), context_functions(), external_functions()}) {
    for (const Function& function : family) visit(function);
  }
}

// Letters to change, add or leave out to come from one to the other (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t k = 0; k <= b.size(); ++k) row[k] = k;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t k = 0; k < b.size(); ++k) {
      const std::size_t changed = diagonal + (a[i] == b[k] ? 0 : 1);
      diagonal = row[k + 1];
      row[k + 1] = std::min({changed, row[k] + 1, row[k + 1] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

const Function* find_function(std::string_view name) {
  const Function* found = nullptr;
  for_each_function([&](const Function& function) {
    if (function.name == name) found = &function;
  });
  return found;
}

std::string_view nearest_function(std::string_view name) {
  constexpr std::size_t length_max = 40;
  if (name.size() > length_max) return "";
  std::string_view nearest;
  std::size_t least = name.size() / 3 + 1;  // further away it is another word
  for_each_function([&](const Function& function) {
    const std::size_t far = distance(name, function.name);
    if (far < least) {
      least = far;
      nearest = function.name;
    }
  });
  return nearest;
}

bool depends_on_arguments_only(const Function& function) {
  for (const std::span<const Function> family : {context_functions(), external_functions()}) {
    for (const Function& other : family) {
      if (&other == &function) return false;
    }
  }
  return !function.is_external && function.name != "rand";
}

const std::string* string_literal(const Call& call, std::size_t argument) {
  if (argument >= call.arguments.size()) return nullptr;
  const auto* literal = std::get_if<Literal>(&call.arguments[argument]->node);
  return literal && literal->value.is_string() ? &literal->value.as_string() : nullptr;
}

}  // namespace croft::sql
