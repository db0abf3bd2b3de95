#include "cfn/stack_rows.h"

#include "cfn/json_view.h"
#include "types/assert.h"

namespace croft::cfn {
namespace {

std::string text(const json::object& row, std::string_view name) { return std::string(json::string_or(row, name, "")); }
Timestamp time(const json::object& row, std::string_view name) { return {json::int_or(row, name, 0)}; }

std::optional<Timestamp> maybe_time(const json::object& row, std::string_view name) {
  if (!json::find(row, name)) return std::nullopt;
  return time(row, name);
}

json::object map(const json::object& row, std::string_view name) {
  const json::object* found = find_object(row, name);
  return found ? *found : json::object();
}

json::array list(const json::object& row, std::string_view name) {
  const json::value* v = json::find(row, name);
  return v && v->is_array() ? v->get_array() : json::array();
}

std::vector<std::string> texts(const json::object& row, std::string_view name) {
  std::vector<std::string> out;
  for (const json::value& v : list(row, name)) out.push_back(str(v.as_string()));
  return out;
}

std::set<std::string> text_set(const json::object& row, std::string_view name) {
  const std::vector<std::string> in_order = texts(row, name);
  return {in_order.begin(), in_order.end()};
}

json::array to_json(const std::set<std::string>& texts) {
  return cfn::to_json(std::vector<std::string>(texts.begin(), texts.end()));
}

json::object to_row(const Made& made) {
  return {{"id", made.physical_id},
          {"properties", made.properties},
          {"attributes", made.attributes},
          {"deletion_policy", made.deletion_policy},
          {"update_replace_policy", made.update_replace_policy}};
}

Made made_of(const json::object& row) {
  return {.physical_id = text(row, "id"),
          .properties = map(row, "properties"),
          .attributes = map(row, "attributes"),
          .deletion_policy = text(row, "deletion_policy"),
          .update_replace_policy = text(row, "update_replace_policy")};
}

json::object to_row(const StackOutput& output) {
  return {{"key", output.key},
          {"value", output.value},
          {"description", output.description},
          {"export", output.export_name}};
}

StackOutput output_of(const json::object& row) {
  return {text(row, "key"), text(row, "value"), text(row, "description"), text(row, "export")};
}

}  // namespace

std::string_view to_text(OnFailure on_failure) {
  if (on_failure == OnFailure::keep) return "DO_NOTHING";
  return on_failure == OnFailure::remove ? "DELETE" : "ROLLBACK";
}

OnFailure on_failure_of(std::string_view text) {
  if (text == "DO_NOTHING") return OnFailure::keep;
  return text == "DELETE" ? OnFailure::remove : OnFailure::roll_back;
}

json::array to_json(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

json::array to_json(const std::vector<Tag>& tags) {
  json::array out;
  for (const Tag& tag : tags) out.push_back(json::object{{"Key", tag.key}, {"Value", tag.value}});
  return out;
}

json::array to_json(const std::vector<ShownParameter>& parameters) {
  json::array out;
  for (const ShownParameter& parameter : parameters) {
    out.push_back(json::object{{"ParameterKey", parameter.key}, {"ParameterValue", parameter.value}});
  }
  return out;
}

std::vector<ShownParameter> shown_parameters_of(const json::object& row) {
  std::vector<ShownParameter> out;
  for (const json::value& v : list(row, "parameters")) {
    out.push_back({text(v.as_object(), "ParameterKey"), text(v.as_object(), "ParameterValue")});
  }
  return out;
}

json::object to_row(const Stack& stack) {
  json::array outputs;
  for (const StackOutput& output : stack.outputs) outputs.push_back(to_row(output));
  json::object row{{"id", stack.id},
                   {"name", stack.name},
                   {"status", to_text(stack.status)},
                   {"reason", stack.status_reason},
                   {"description", stack.description},
                   {"created", stack.created.ms},
                   {"on_failure", to_text(stack.on_failure)},
                   {"protected", stack.has_termination_protection},
                   {"timeout_minutes", stack.timeout_minutes},
                   {"change_set", stack.change_set_id},
                   {"token", stack.token},
                   {"unwanted", stack.is_unwanted},
                   {"retained", to_json(stack.retained)},
                   {"parameters", to_json(stack.shown_parameters)},
                   {"outputs", std::move(outputs)},
                   {"imports", to_json(stack.imports)},
                   {"next_event", stack.next_event}};
  if (stack.updated) row["updated"] = stack.updated->ms;
  if (stack.deleted) row["deleted"] = stack.deleted->ms;
  return row;
}

Stack stack_of(const json::object& row) {
  Stack stack;
  stack.id = text(row, "id");
  stack.name = text(row, "name");
  const auto status = stack_status(text(row, "status"));
  CROFT_ASSERT(status && !stack.id.empty() && !stack.name.empty());
  stack.status = *status;
  stack.status_reason = text(row, "reason");
  stack.description = text(row, "description");
  stack.created = time(row, "created");
  stack.updated = maybe_time(row, "updated");
  stack.deleted = maybe_time(row, "deleted");
  stack.on_failure = on_failure_of(text(row, "on_failure"));
  stack.has_termination_protection = json::bool_or(row, "protected", false);
  stack.timeout_minutes = json::int_or(row, "timeout_minutes", 0);
  stack.change_set_id = text(row, "change_set");
  stack.token = text(row, "token");
  stack.is_unwanted = json::bool_or(row, "unwanted", false);
  stack.retained = text_set(row, "retained");
  stack.shown_parameters = shown_parameters_of(row);
  for (const json::value& v : list(row, "outputs")) stack.outputs.push_back(output_of(v.as_object()));
  stack.imports = text_set(row, "imports");
  stack.next_event = static_cast<std::uint64_t>(json::int_or(row, "next_event", 0));
  return stack;
}

json::object to_row(const StackSource& source) {
  json::object parameters;
  for (const auto& [key, value] : source.parameters) parameters.emplace(key, value);
  return {{"body", source.template_body},
          {"parameters", std::move(parameters)},
          {"capabilities", cfn::to_json(source.capabilities)},
          {"tags", cfn::to_json(source.tags)},
          {"notifications", cfn::to_json(source.notification_arns)},
          {"role", source.role_arn}};
}

StackSource source_of(const json::object& row) {
  StackSource source;
  source.template_body = text(row, "body");
  for (const auto& [key, value] : map(row, "parameters")) source.parameters[str(key)] = str(value.as_string());
  source.capabilities = texts(row, "capabilities");
  for (const json::value& tag : list(row, "tags")) {
    source.tags.push_back({text(tag.as_object(), "Key"), text(tag.as_object(), "Value")});
  }
  source.notification_arns = texts(row, "notifications");
  source.role_arn = text(row, "role");
  return source;
}

json::object to_row(const StackResource& resource) {
  json::object row{{"logical_id", resource.logical_id},
                   {"type", resource.type},
                   {"status", to_text(resource.status)},
                   {"reason", resource.status_reason},
                   {"changed", resource.changed.ms},
                   {"now", to_row(resource.now)},
                   {"needs", to_json(resource.needs)},
                   {"metadata", resource.metadata},
                   {"new", resource.is_new},
                   {"leaving", resource.is_leaving},
                   {"restored", resource.is_restored}};
  if (resource.before) row["before"] = to_row(*resource.before);
  return row;
}

StackResource resource_of(const json::object& row) {
  StackResource resource;
  resource.logical_id = text(row, "logical_id");
  resource.type = text(row, "type");
  const auto status = resource_status(text(row, "status"));
  CROFT_ASSERT(status && !resource.logical_id.empty());
  resource.status = *status;
  resource.status_reason = text(row, "reason");
  resource.changed = time(row, "changed");
  resource.now = made_of(map(row, "now"));
  if (const json::object* before = find_object(row, "before")) resource.before = made_of(*before);
  resource.needs = text_set(row, "needs");
  resource.metadata = map(row, "metadata");
  resource.is_new = json::bool_or(row, "new", false);
  resource.is_leaving = json::bool_or(row, "leaving", false);
  resource.is_restored = json::bool_or(row, "restored", false);
  return resource;
}

json::object to_row(const StackEvent& event) {
  return {{"id", event.id},
          {"time", event.time.ms},
          {"logical_id", event.logical_id},
          {"physical_id", event.physical_id},
          {"type", event.type},
          {"status", event.status},
          {"reason", event.reason},
          {"properties", event.properties},
          {"token", event.token}};
}

StackEvent event_of(const json::object& row) {
  return {.id = text(row, "id"),
          .time = time(row, "time"),
          .logical_id = text(row, "logical_id"),
          .physical_id = text(row, "physical_id"),
          .type = text(row, "type"),
          .status = text(row, "status"),
          .reason = text(row, "reason"),
          .properties = text(row, "properties"),
          .token = text(row, "token")};
}

}  // namespace croft::cfn
