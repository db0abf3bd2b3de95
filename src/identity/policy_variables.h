#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace croft::identity {

// What is known about a request: the values of policy variables and condition keys. A value; about ten entries, made
// once a connection and passed to every decision.
//
// Names are compared as IAM does, without regard to case, except for what stands in [brackets], which is an attribute
// name of a thing. A variable with no values counts as absent.
class PolicyVariables {
 public:
  PolicyVariables& set(std::string_view name, std::string value);
  PolicyVariables& set(std::string_view name, std::vector<std::string> values);

  // nullptr when absent. `normal_name` comes from normal().
  const std::vector<std::string>* find(std::string_view normal_name) const;

  // The form in which names are compared.
  static std::string normal(std::string_view name);

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> entries_;
};

}  // namespace croft::identity
