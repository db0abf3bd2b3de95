#include "identity/policy_variables.h"

#include "text/encoding.h"

namespace croft::identity {

PolicyVariables& PolicyVariables::set(std::string_view name, std::string value) {
  std::vector<std::string> values;
  values.push_back(std::move(value));
  return set(name, std::move(values));
}

PolicyVariables& PolicyVariables::set(std::string_view name, std::vector<std::string> values) {
  std::string key = normal(name);
  for (auto& [known, known_values] : entries_) {
    if (known == key) {
      known_values = std::move(values);
      return *this;
    }
  }
  entries_.emplace_back(std::move(key), std::move(values));
  return *this;
}

const std::vector<std::string>* PolicyVariables::find(std::string_view normal_name) const {
  for (const auto& [name, values] : entries_) {
    if (name == normal_name) return values.empty() ? nullptr : &values;
  }
  return nullptr;
}

std::string PolicyVariables::normal(std::string_view name) {
  const std::size_t bracket = name.find('[');
  if (bracket == std::string_view::npos) return text::lower(name);
  return text::lower(name.substr(0, bracket)) + std::string(name.substr(bracket));
}

}  // namespace croft::identity
