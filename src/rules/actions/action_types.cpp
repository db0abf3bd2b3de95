#include "rules/actions/action_types.h"

namespace croft::rules {

Error invalid_request(std::string message) { return {"InvalidRequestException", std::move(message), 400}; }

Result<std::unique_ptr<Action>> ActionTypes::compile(const json::value& action, const ActionContext& context) const {
  if (!action.is_object() || action.get_object().size() != 1)
    return invalid_request("An action must have exactly one type.");
  const auto& member = *action.get_object().begin();
  const std::string type(member.key().data(), member.key().size());
  const auto found = types_.find(type);
  if (found == types_.end()) return invalid_request("The action type '" + type + "' is not supported by this endpoint.");
  if (!member.value().is_object()) return invalid_request("The parameters of the action '" + type + "' must be an object.");
  return found->second(member.value().get_object(), context);
}

Result<std::string> required_text(const json::object& parameters, std::string_view name) {
  const std::string_view text = json::string_or(parameters, name, "");
  if (text.empty()) return invalid_request("The parameter '" + std::string(name) + "' is required.");
  return std::string(text);
}

static Result<sql::Template> compile_template(std::string_view text, std::string_view name, const ActionContext& context) {
  auto compiled = sql::Template::compile(text, context.version, context.query);
  if (!compiled) return compiled.error();
  if (compiled->calls_external())
    return invalid_request("The substitution template of '" + std::string(name) + "' calls a function that is not supported by this endpoint.");
  return compiled;
}

Result<sql::Template> required_template(const json::object& parameters, std::string_view name, const ActionContext& context) {
  auto text = required_text(parameters, name);
  if (!text) return text.error();
  return compile_template(*text, name, context);
}

Result<std::optional<sql::Template>> optional_template(const json::object& parameters, std::string_view name,
                                                       const ActionContext& context) {
  if (!json::find(parameters, name)) return std::optional<sql::Template>();
  auto compiled = required_template(parameters, name, context);
  if (!compiled) return compiled.error();
  return std::optional<sql::Template>(std::move(*compiled));
}

Result<std::string> required_role(const json::object& parameters) {
  auto role = required_text(parameters, "roleArn");
  if (!role) return role.error();
  if (!role->starts_with("arn:aws") || role->find(":iam::") == std::string::npos || role->find(":role/") == std::string::npos)
    return invalid_request("The roleArn '" + *role + "' is not a valid role ARN.");
  return role;
}

Result<std::string> render(const sql::Template& text, const Firing& firing) {
  if (text.is_constant()) return text.text();
  const sql::Context context = firing.context();
  return text.render(firing.original, context, firing.output.variables());
}

}  // namespace croft::rules
