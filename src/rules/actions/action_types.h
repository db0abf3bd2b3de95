#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rules/firing.h"
#include "text/json.h"

namespace croft::rules {

class ExternalServices;  // external.h

// What an action's parameters are compiled with.
struct ActionContext {
  sql::SqlVersion version;
  const sql::Query* query;  // declares the SET variables that templates may name
  const ExternalServices* services = nullptr;      // null: templates cannot call external functions
  std::vector<sql::Template>* asking = nullptr;    // gathers the templates that call them
};

// The action types this croft runs, by their member name in a rule ("lambda", "dynamoDBv2"). Filled once, at start.
class ActionTypes {
 public:
  using Compile = std::function<Result<std::unique_ptr<Action>>(const json::object& parameters, const ActionContext&)>;

  // Who answers external functions; outlives all rules. Without it rules that call them are refused.
  void use(const ExternalServices& services) { services_ = &services; }
  const ExternalServices* services() const { return services_; }

  void add(std::string type, Compile compile) { types_.emplace(std::move(type), std::move(compile)); }
  // One object of a rule's `actions`: exactly one member, its type. InvalidRequestException for an unknown type, none
  // or two, and whatever its parameters lack.
  Result<std::unique_ptr<Action>> compile(const json::value& action, const ActionContext& context) const;

 private:
  std::map<std::string, Compile, std::less<>> types_;
  const ExternalServices* services_ = nullptr;
};

// Reading parameters: InvalidRequestException that names the member.
Result<std::string> required_text(const json::object& parameters, std::string_view name);
Result<sql::Template> required_template(const json::object& parameters, std::string_view name, const ActionContext& context);
Result<std::optional<sql::Template>> optional_template(const json::object& parameters, std::string_view name,
                                                       const ActionContext& context);
// roleArn: present and of the form arn:aws:iam::ACCOUNT:role/NAME.
Result<std::string> required_role(const json::object& parameters);
// InvalidRequestException when a statement or template calls an external function that cannot be had here.
Result<void> check_externals(const std::vector<std::string_view>& called, const ExternalServices* services);
// The template against the firing's original message.
Result<std::string> render(const sql::Template& text, const Firing& firing);

Error invalid_request(std::string message);

}  // namespace croft::rules
