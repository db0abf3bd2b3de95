#include "things/names.h"

#include <algorithm>

#include "text/encoding.h"
#include "things/errors.h"
#include "things/limits.h"

namespace croft::things {

namespace {

struct Rule {
  const char* pattern;  // as AWS prints it
  const char* others;   // the characters allowed besides letters and digits
  std::size_t bytes_min;
  std::size_t bytes_max;
};

constexpr Rule thing_name{"[a-zA-Z0-9:_-]+", ":_-", 1, limits::name_bytes_max};
constexpr Rule policy_name{R"([\w+=,.@-]+)", "_+=,.@-", 1, limits::name_bytes_max};
constexpr Rule authorizer_name{R"([\w=,@-]+)", "_=,@-", 1, limits::name_bytes_max};
constexpr Rule token_key_name{"[a-zA-Z0-9_-]+", "_-", 1, limits::name_bytes_max};
constexpr Rule signing_key_name{"[a-zA-Z0-9:_-]+", ":_-", 1, limits::name_bytes_max};
constexpr Rule attribute_name{"[a-zA-Z0-9_.,@/:#-]+", "_.,@/:#-", 1, limits::name_bytes_max};
constexpr Rule attribute_value{R"([a-zA-Z0-9_.,@/:#=\[\]-]*)", "_.,@/:#=[]-", 0, limits::attribute_value_bytes_max};

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

Error constraint(std::string_view value, std::string_view member, const std::string& what) {
  return invalid_request("1 validation error detected: Value '" + text::printable(value) + "' at '" +
                         std::string(member) + "' failed to satisfy constraint: Member must " + what);
}

Result<void> check(std::string_view value, std::string_view member, const Rule& rule) {
  if (value.size() < rule.bytes_min) {
    return constraint(value, member, "have length greater than or equal to " + std::to_string(rule.bytes_min));
  }
  if (value.size() > rule.bytes_max) {
    return constraint(value, member, "have length less than or equal to " + std::to_string(rule.bytes_max));
  }
  const std::string_view others = rule.others;
  const bool matches = std::all_of(value.begin(), value.end(), [&](char c) {
    return is_alphanumeric(c) || others.find(c) != std::string_view::npos;
  });
  if (!matches) return constraint(value, member, std::string("satisfy regular expression pattern: ") + rule.pattern);
  return {};
}

}  // namespace

Result<void> check_thing_name(std::string_view name, std::string_view member) {
  return check(name, member, thing_name);
}

Result<void> check_policy_name(std::string_view name) {
  return check(name, "policyName", policy_name);
}

Result<void> check_authorizer_name(std::string_view name) {
  return check(name, "authorizerName", authorizer_name);
}

Result<void> check_token_key_name(std::string_view name) {
  return check(name, "tokenKeyName", token_key_name);
}

Result<void> check_signing_key_name(std::string_view name) {
  return check(name, "tokenSigningPublicKeys", signing_key_name);
}

Result<void> check_certificate_id(std::string_view id) {
  const bool is_hex = id.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
  if (!is_hex) return constraint(id, "certificateId", "satisfy regular expression pattern: (0x)?[a-fA-F0-9]+");
  if (id.size() != 64) return constraint(id, "certificateId", "have length equal to 64");
  return {};
}

Result<void> check_attributes(const Attributes& attributes) {
  for (const auto& [name, value] : attributes) {
    auto name_is = check(name, "attributePayload.attributes", attribute_name);
    if (!name_is) return name_is.error();
    auto value_is = check(value, "attributePayload.attributes", attribute_value);
    if (!value_is) return value_is.error();
  }
  return {};
}

bool is_cognito_identity(std::string_view principal) {
  return principal.size() <= limits::name_bytes_max && principal.find(':') != std::string_view::npos &&
         !principal.starts_with("arn:") && std::all_of(principal.begin(), principal.end(), [](char c) {
           return is_alphanumeric(c) || c == ':' || c == '-';
         });
}

}  // namespace croft::things
