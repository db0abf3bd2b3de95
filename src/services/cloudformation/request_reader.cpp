#include "services/cloudformation/request_reader.h"

#include <algorithm>
#include <charconv>

#include "cfn/errors.h"
#include "cfn/json_view.h"
#include "cfn/limits.h"
#include "text/encoding.h"

namespace croft::services::cloudformation {

using gateway::Call;

namespace {

std::string camel(std::string_view member) {
  std::string name(member);
  name[0] = static_cast<char>(name[0] - 'A' + 'a');
  return name;
}

bool as_flag(std::string_view member, std::string_view value) {
  if (value == "true") return true;
  if (value == "false" || value.empty()) return false;
  throw ApiError(cfn::validation_error("1 validation error detected: Value '" + text::printable(value) + "' at '" +
                                       camel(member) + "' failed to satisfy constraint: Member must be a boolean"));
}

// The elements of a list of structures.
std::vector<const json::object*> structures(const Call& call, std::string_view member) {
  std::vector<const json::object*> found;
  const json::value* list = json::find(call.input, member);
  if (!list || !list->is_array()) return found;
  for (const json::value& element : list->get_array()) {
    if (!element.is_object()) {
      throw ApiError(cfn::validation_error("Malformed input: " + std::string(member) + " must be a list of structures"));
    }
    found.push_back(&element.get_object());
  }
  return found;
}

std::string member_text(const json::object& structure, std::string_view name) {
  return std::string(json::string_or(structure, name, ""));
}

std::vector<cfn::GivenParameter> parameters(const Call& call) {
  std::vector<cfn::GivenParameter> given;
  for (const json::object* structure : structures(call, "Parameters")) {
    cfn::GivenParameter parameter{.key = member_text(*structure, "ParameterKey"), .value = {}};
    const json::value* value = json::find(*structure, "ParameterValue");
    if (value && value->is_string()) parameter.value = cfn::str(value->get_string());
    parameter.use_previous = as_flag("UsePreviousValue", member_text(*structure, "UsePreviousValue"));
    given.push_back(std::move(parameter));
  }
  return given;
}

std::optional<std::vector<cfn::Tag>> tags(const Call& call) {
  if (!call.input.contains("Tags")) return std::nullopt;
  std::vector<cfn::Tag> given;
  for (const json::object* structure : structures(call, "Tags")) {
    given.push_back({member_text(*structure, "Key"), member_text(*structure, "Value")});
  }
  return given;
}

}  // namespace

std::int64_t timeout_minutes(const Call& call) {
  const std::string written = text(call, "TimeoutInMinutes");
  if (written.empty()) return 0;
  std::int64_t minutes = 0;
  auto [end, fault] = std::from_chars(written.data(), written.data() + written.size(), minutes);
  if (fault == std::errc() && end == written.data() + written.size() && minutes >= 1) return minutes;
  throw ApiError(cfn::validation_error("1 validation error detected: Value '" + text::printable(written) +
                                       "' at 'timeoutInMinutes' failed to satisfy constraint: Member must have value "
                                       "greater than or equal to 1"));
}

std::string text(const Call& call, std::string_view member) {
  return std::string(json::string_or(call.input, member, ""));
}

std::string required_text(const Call& call, std::string_view member) {
  std::string value = text(call, member);
  if (!value.empty()) return value;
  throw ApiError(cfn::validation_error("1 validation error detected: Value null at '" + camel(member) +
                                       "' failed to satisfy constraint: Member must not be null"));
}

std::optional<std::string> maybe_text(const Call& call, std::string_view member) {
  const json::value* value = json::find(call.input, member);
  if (!value || !value->is_string()) return std::nullopt;
  return cfn::str(value->get_string());
}

bool flag(const Call& call, std::string_view member) { return as_flag(member, text(call, member)); }

std::optional<std::vector<std::string>> maybe_texts(const Call& call, std::string_view member) {
  const json::value* list = json::find(call.input, member);
  if (!list) return std::nullopt;
  std::vector<std::string> texts;
  if (!list->is_array()) return texts;  // "Member=": an empty list
  for (const json::value& element : list->get_array()) {
    if (element.is_string()) texts.push_back(cfn::str(element.get_string()));
  }
  return texts;
}

void refuse_unsupported(const Call& call) {
  const auto refuse = [](std::string_view member) {
    throw ApiError(cfn::validation_error(std::string(member) + " is not supported by croft"));
  };
  for (std::string_view member :
       {"StackPolicyBody", "StackPolicyURL", "StackPolicyDuringUpdateBody", "StackPolicyDuringUpdateURL"}) {
    if (!text(call, member).empty()) refuse(member);
  }
  for (std::string_view member : {"ResourceTypes", "ResourcesToSkip"}) {
    if (!maybe_texts(call, member).value_or(std::vector<std::string>()).empty()) refuse(member);
  }
  const json::value* rollback = json::find(call.input, "RollbackConfiguration");
  if (!rollback || !rollback->is_object()) return;
  const json::value* triggers = json::find(rollback->get_object(), "RollbackTriggers");
  const std::string minutes = member_text(rollback->get_object(), "MonitoringTimeInMinutes");
  if (triggers && triggers->is_array() && !triggers->get_array().empty()) refuse("RollbackConfiguration");
  if (!minutes.empty() && minutes != "0") refuse("RollbackConfiguration");
}

cfn::TemplateChoice template_choice(const Call& call) {
  return {.body = maybe_text(call, "TemplateBody"),
          .url = maybe_text(call, "TemplateURL"),
          .use_previous = flag(call, "UsePreviousTemplate")};
}

cfn::StackRequest stack_request(const Call& call) {
  refuse_unsupported(call);
  return {.stack_name = required_text(call, "StackName"),
          .choice = template_choice(call),
          .parameters = parameters(call),
          .capabilities = maybe_texts(call, "Capabilities").value_or(std::vector<std::string>()),
          .tags = tags(call),
          .notification_arns = maybe_texts(call, "NotificationARNs"),
          .role_arn = text(call, "RoleARN"),
          .token = text(call, "ClientRequestToken")};
}

cfn::OnFailure on_failure(const Call& call, std::string_view member) {
  const std::string wish = text(call, member);
  if (!wish.empty() && call.input.contains("DisableRollback")) {
    throw ApiError(cfn::validation_error("Can not specify both DisableRollback and " + std::string(member) + "."));
  }
  if (wish == "DO_NOTHING" || flag(call, "DisableRollback")) return cfn::OnFailure::keep;
  if (wish == "DELETE") return cfn::OnFailure::remove;
  if (wish.empty() || wish == "ROLLBACK") return cfn::OnFailure::roll_back;
  throw ApiError(cfn::validation_error("1 validation error detected: Value '" + text::printable(wish) + "' at '" +
                                       camel(member) +
                                       "' failed to satisfy constraint: Member must satisfy enum value set: "
                                       "[DO_NOTHING, ROLLBACK, DELETE]"));
}

PageBounds page_bounds(const Call& call, std::size_t count) {
  const std::string token = text(call, "NextToken");
  std::size_t begin = 0;
  auto [end, fault] = std::from_chars(token.data(), token.data() + token.size(), begin);
  const bool is_number = token.empty() || (fault == std::errc() && end == token.data() + token.size());
  if (!is_number) throw ApiError(cfn::validation_error("Invalid pagination token"));
  PageBounds bounds{std::min(begin, count), 0, {}};
  bounds.end = std::min(bounds.begin + cfn::page_items, count);
  if (bounds.end < count) bounds.next_token = std::to_string(bounds.end);
  return bounds;
}

}  // namespace croft::services::cloudformation
