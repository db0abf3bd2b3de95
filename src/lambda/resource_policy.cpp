#include "lambda/resource_policy.h"

#include <algorithm>

#include "lambda/errors.h"

namespace croft::lambda {
namespace {

bool is_account_id(std::string_view text) {
  return text.size() == 12 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_statement_id(std::string_view id) {
  return !id.empty() && id.size() <= 100 &&
         std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_'; });
}

json::value principal_of(std::string_view principal) {
  if (principal == "*") return "*";
  if (is_account_id(principal)) {
    return json::object{{"AWS", "arn:aws:iam::" + std::string(principal) + ":root"}};
  }
  if (principal.starts_with("arn:")) return json::object{{"AWS", principal}};
  return json::object{{"Service", principal}};
}

json::object conditions_of(const json::object& input) {
  json::object equals;
  json::object out;
  std::string_view account = json::string_or(input, "SourceAccount", "");
  std::string_view arn = json::string_or(input, "SourceArn", "");
  std::string_view organization = json::string_or(input, "PrincipalOrgID", "");
  std::string_view token = json::string_or(input, "EventSourceToken", "");
  std::string_view url_auth = json::string_or(input, "FunctionUrlAuthType", "");
  if (!account.empty()) equals["AWS:SourceAccount"] = account;
  if (!organization.empty()) equals["aws:PrincipalOrgID"] = organization;
  if (!token.empty()) equals["lambda:EventSourceToken"] = token;
  if (!url_auth.empty()) equals["lambda:FunctionUrlAuthType"] = url_auth;
  if (!equals.empty()) out["StringEquals"] = std::move(equals);
  if (!arn.empty()) out["ArnLike"] = json::object{{"AWS:SourceArn", arn}};
  return out;
}

const json::object* object_in(const json::object& o, std::string_view name) {
  const json::value* member = json::find(o, name);
  return member && member->is_object() ? &member->get_object() : nullptr;
}

bool principal_matches(const json::object& statement, std::string_view service) {
  if (json::string_or(statement, "Principal", "") == "*") return true;
  const json::object* principal = object_in(statement, "Principal");
  return principal && json::string_or(*principal, "Service", "") == service;
}

bool action_matches(const json::object& statement) {
  std::string_view action = json::string_or(statement, "Action", "");
  return action == "lambda:InvokeFunction" || action == "lambda:Invoke*" || action == "lambda:*" || action == "*";
}

bool conditions_match(const json::object& statement, const ServiceCaller& caller) {
  const json::object* conditions = object_in(statement, "Condition");
  if (!conditions) return true;
  const json::object* equals = object_in(*conditions, "StringEquals");
  if (equals) {
    for (const auto& [name, value] : *equals) {
      if (name != "AWS:SourceAccount" || !value.is_string()) return false;
      if (std::string_view(value.get_string()) != caller.source_account) return false;
    }
  }
  const json::object* like = object_in(*conditions, "ArnLike");
  return !like || arn_like(json::string_or(*like, "AWS:SourceArn", ""), caller.source_arn);
}

}  // namespace

Result<json::object> make_statement(const json::object& input, const std::string& function_arn) {
  std::string_view id = json::string_or(input, "StatementId", "");
  std::string_view action = json::string_or(input, "Action", "");
  std::string_view principal = json::string_or(input, "Principal", "");
  if (!is_statement_id(id)) {
    return validation_error("statementId", id, "Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)");
  }
  if (action != "*" && action != "lambda:*" && !action.starts_with("lambda:")) {
    return validation_error("action", action,
                            "Member must satisfy regular expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])");
  }
  if (principal.empty()) return validation_error("principal", "", "Member must not be null");
  json::object statement;
  statement["Sid"] = id;
  statement["Effect"] = "Allow";
  statement["Principal"] = principal_of(principal);
  statement["Action"] = action;
  statement["Resource"] = function_arn;
  json::object conditions = conditions_of(input);
  if (!conditions.empty()) statement["Condition"] = std::move(conditions);
  return statement;
}

bool permits(const Function& function, const ServiceCaller& caller) {
  for (const json::value& value : function.statements) {
    if (!value.is_object()) continue;
    const json::object& statement = value.get_object();
    if (principal_matches(statement, caller.service) && action_matches(statement) &&
        conditions_match(statement, caller)) {
      return true;
    }
  }
  return false;
}

bool arn_like(std::string_view pattern, std::string_view arn) {
  // Greedy matching with one point of return: linear in practice, quadratic at worst, never exponential.
  std::size_t p = 0;
  std::size_t a = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (a < arn.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = a;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == arn[a])) {
      ++p;
      ++a;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      a = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace croft::lambda
