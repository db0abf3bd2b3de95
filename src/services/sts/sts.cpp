#include "services/sts/sts.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "identity/limits.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::services::sts {

namespace {

using gateway::Call;
using gateway::Reply;

std::string text_of(const Call& call, std::string_view name) {
  return std::string(json::string_or(call.input, name, ""));
}

Error invalid(const std::string& value, const char* member, const std::string& constraint) {
  return {"ValidationError",
          "1 validation error detected: Value '" + value + "' at '" + member +
              "' failed to satisfy constraint: " + constraint,
          400};
}
Error missing(const char* member) {
  return {"ValidationError",
          std::string("1 validation error detected: Value null at '") + member +
              "' failed to satisfy constraint: Member must not be null",
          400};
}

// Source: STS API Reference, AssumeRole: [\w+=,.@-]{2,64}.
Result<void> check_session_name(const std::string& name) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-";
  if (name.empty()) return missing("roleSessionName");
  if (name.find_first_not_of(allowed) != std::string::npos) {
    return invalid(name, "roleSessionName", "Member must satisfy regular expression pattern: [\\w+=,.@-]*");
  }
  if (name.size() < 2 || name.size() > 64) {
    return invalid(name, "roleSessionName", "Member must have length between 2 and 64");
  }
  return {};
}

Result<std::int64_t> read_duration(const std::string& text, std::int64_t most) {
  if (text.empty()) return 3600;
  std::int64_t seconds = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (failure != std::errc() || end != text.data() + text.size() || seconds < identity::session_duration_s_min) {
    return invalid(text, "durationSeconds", "Member must have value greater than or equal to 900");
  }
  if (seconds > identity::session_duration_s_max) {
    return invalid(text, "durationSeconds", "Member must have value less than or equal to 43200");
  }
  if (seconds > most) {
    return Error{"ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
                 400};
  }
  return seconds;
}

Task<Reply> get_caller_identity(const Instance& instance, Call& call) {
  Reply reply;
  reply.output = {{"Arn", call.caller.arn}, {"UserId", call.caller.user_id}, {"Account", instance.account_id}};
  co_return reply;
}

// A session policy narrows what the session may do. Nothing here would, so it is refused.
void refuse_session_policies(const Call& call) {
  const json::value* arns = json::find(call.input, "PolicyArns");
  const bool has_arns = arns && arns->is_array() && !arns->get_array().empty();
  if (!has_arns && text_of(call, "Policy").empty()) return;
  throw ApiError({"ValidationError",
                  std::string(has_arns ? "PolicyArns" : "Policy") +
                      " is not supported by croft: it does not evaluate the policies of roles",
                  400});
}

// The external ids that a statement of a trust policy asks for; nothing when it asks for none. StringEquals alone.
std::optional<std::vector<std::string>> external_ids(const json::object& statement) {
  const json::value* condition = json::find(statement, "Condition");
  const json::value* equals =
      condition && condition->is_object() ? json::find(condition->get_object(), "StringEquals") : nullptr;
  if (!equals || !equals->is_object()) return std::nullopt;
  for (const auto& [key, wanted] : equals->get_object()) {
    if (text::lower(key) != "sts:externalid") continue;
    std::vector<std::string> ids;
    if (wanted.is_string()) ids.emplace_back(wanted.get_string());
    for (const json::value& id : wanted.is_array() ? wanted.get_array() : json::array()) {
      if (id.is_string()) ids.emplace_back(id.get_string());
    }
    return ids;
  }
  return std::nullopt;
}

// True if every statement of the trust policy that allows something asks for another external id.
bool lacks_external_id(const std::string& trust_policy, const std::string& given) {
  const auto parsed = json::parse(trust_policy);
  const json::value* listed = parsed && parsed->is_object() ? json::find(parsed->get_object(), "Statement") : nullptr;
  if (!listed) return false;
  bool is_asked = false;
  for (const json::value& statement : listed->is_array() ? listed->get_array() : json::array{*listed}) {
    if (!statement.is_object() || json::string_or(statement.get_object(), "Effect", "") != "Allow") continue;
    const auto wanted = external_ids(statement.get_object());
    if (!wanted || std::find(wanted->begin(), wanted->end(), given) != wanted->end()) return false;
    is_asked = true;
  }
  return is_asked;
}

// Of the trust policy only sts:ExternalId is evaluated: whoever may call croft may assume its roles.
Task<Reply> assume_role(identity::AccessKeys& keys, const identity::Roles& roles, Call& call) {
  const std::string arn = text_of(call, "RoleArn"), name = text_of(call, "RoleSessionName");
  if (arn.empty()) throw ApiError(missing("roleArn"));
  check_session_name(name).value();
  refuse_session_policies(call);
  const auto role = roles.find_by_arn(arn);
  if (!role || lacks_external_id(role->trust_policy, text_of(call, "ExternalId"))) {
    throw ApiError({"AccessDenied",
                    "User: " + call.caller.arn + " is not authorized to perform: sts:AssumeRole on resource: " + arn,
                    403});
  }
  const std::int64_t seconds = read_duration(text_of(call, "DurationSeconds"), role->max_session_duration_s).value();
  const identity::Session session =
      keys.issue_session({arn, role->id, name, std::chrono::seconds(seconds)}, Timestamp::now());
  Reply reply;
  reply.output = {
      {"AssumedRoleUser", json::object{{"AssumedRoleId", session.principal.user_id}, {"Arn", session.principal.arn}}},
      {"Credentials", json::object{{"AccessKeyId", session.credentials.access_key_id},
                                   {"SecretAccessKey", session.credentials.secret_access_key},
                                   {"SessionToken", session.credentials.session_token},
                                   {"Expiration", text::iso8601(session.expires)}}}};
  co_return reply;
}

}  // namespace

gateway::Service sts_service(identity::AccessKeys& keys, const identity::Roles& roles, Instance instance) {
  return {"sts",
          {"sts"},
          gateway::Protocol::query,
          "2011-06-15",
          "https://sts.amazonaws.com/doc/2011-06-15/",
          {
              {"GetCallerIdentity", "", [instance](Call& call) { return get_caller_identity(instance, call); }},
              {"AssumeRole", "", [&keys, &roles](Call& call) { return assume_role(keys, roles, call); }},
          }};
}

}  // namespace croft::services::sts
