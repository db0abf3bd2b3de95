#include "rules/actions/action_types.h"

#include "rules/external.h"

namespace croft::rules {

Error invalid_request(std::string message) { return {"InvalidRequestException", std::move(message), 400}; }

namespace {

// An action whose templates call external functions: what they give is there before it runs.
class AskingAction final : public Action {
 public:
  AskingAction(std::unique_ptr<Action> action, std::vector<sql::Template> templates, const ExternalServices& services)
      : action_(std::move(action)), templates_(std::move(templates)), services_(services) {}

  std::string name() const override { return action_->name(); }
  std::string resource() const override { return action_->resource(); }
  json::object resources(const Firing& firing) const override { return action_->resources(firing); }

  Task<Result<void>> run(const Firing& firing) const override {
    Firing ready = firing;
    RenderedTemplates rendered = co_await render_all(templates_, firing, services_);
    ready.rendered = std::make_shared<const RenderedTemplates>(std::move(rendered));
    Result<void> done = co_await action_->run(ready);
    co_return done;
  }

 private:
  const std::unique_ptr<Action> action_;
  const std::vector<sql::Template> templates_;
  const ExternalServices& services_;
};

}  // namespace

Result<void> check_externals(const std::vector<std::string_view>& called, const ExternalServices* services) {
  for (const std::string_view function : called) {
    if (!services || !services->has(function))
      return invalid_request("The function " + std::string(function) + " is not supported by this endpoint" +
                             (services ? services->lack(function) : std::string()) + ".");
  }
  return {};
}

Result<std::unique_ptr<Action>> ActionTypes::compile(const json::value& action, const ActionContext& context) const {
  if (!action.is_object() || action.get_object().size() != 1)
    return invalid_request("An action must have exactly one type.");
  const auto& member = *action.get_object().begin();
  const std::string type(member.key().data(), member.key().size());
  const auto found = types_.find(type);
  if (found == types_.end()) return invalid_request("The action type '" + type + "' is not supported by this endpoint.");
  if (!member.value().is_object()) return invalid_request("The parameters of the action '" + type + "' must be an object.");
  std::vector<sql::Template> asking;
  ActionContext own = context;
  own.services = services_;
  own.asking = &asking;
  auto compiled = found->second(member.value().get_object(), own);
  if (!compiled || asking.empty()) return compiled;
  return std::make_unique<AskingAction>(std::move(*compiled), std::move(asking), *services_);
}

Result<std::string> required_text(const json::object& parameters, std::string_view name) {
  const std::string_view text = json::string_or(parameters, name, "");
  if (text.empty()) return invalid_request("The parameter '" + std::string(name) + "' is required.");
  return std::string(text);
}

static Result<sql::Template> compile_template(std::string_view text, std::string_view name, const ActionContext& context) {
  auto compiled = sql::Template::compile(text, context.version, context.query);
  if (!compiled) return compiled.error();
  if (!compiled->calls_external()) return compiled;
  const ExternalServices* services = context.asking ? context.services : nullptr;
  if (auto can = check_externals(compiled->externals(), services); !can)
    return invalid_request("The substitution template of '" + std::string(name) + "' cannot be used: " + can.error().message);
  context.asking->push_back(*compiled);
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
  if (text.calls_external()) {
    const auto found = firing.rendered ? firing.rendered->find(&text.text()) : RenderedTemplates::const_iterator();
    if (!firing.rendered || found == firing.rendered->end())
      return Error{"InternalFailureException", "the substitution template " + text.text() + " was not rendered", 500};
    return found->second;
  }
  const sql::Context context = firing.context();
  return text.render(firing.original, context, firing.output.variables());
}

}  // namespace croft::rules
