#include "identity/iam_rules.h"

#include <algorithm>

#include "text/json.h"

namespace croft::identity {

namespace {

// Source: IAM API Reference, the pattern [\w+=,.@-]+ of RoleName and PolicyName.
bool is_name(std::string_view name) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-";
  return !name.empty() && name.find_first_not_of(allowed) == std::string_view::npos;
}

std::size_t counted_characters(const std::string& document) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  return document.size() - static_cast<std::size_t>(std::count_if(document.begin(), document.end(), is_space));
}

}  // namespace

Error invalid_member(const std::string& value, const char* member, const std::string& constraint) {
  return {"ValidationError",
          "1 validation error detected: Value '" + value + "' at '" + member +
              "' failed to satisfy constraint: " + constraint,
          400};
}

Result<void> check_name(const std::string& name, const char* member, std::size_t characters_max) {
  if (!is_name(name)) {
    return invalid_member(name, member, "Member must satisfy regular expression pattern: [\\w+=,.@-]+");
  }
  if (name.size() > characters_max) {
    return invalid_member(name, member,
                          "Member must have length less than or equal to " + std::to_string(characters_max));
  }
  return {};
}

Result<void> check_path(const std::string& path) {
  const bool printable = std::all_of(path.begin(), path.end(), [](char c) { return c >= '!' && c <= '~'; });
  if (path.size() <= 512 && path.starts_with('/') && path.ends_with('/') && printable) return {};
  return Error{"ValidationError",
               "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric "
               "characters and/or / characters.",
               400};
}

Result<void> check_policy(const std::string& document, std::size_t characters_max) {
  if (counted_characters(document) > characters_max) {
    return Error{"LimitExceeded", "Cannot exceed quota for PolicySize: " + std::to_string(characters_max), 409};
  }
  const auto parsed = json::parse(document);
  if (!parsed || !parsed->is_object())
    return Error{"MalformedPolicyDocument", "This policy contains invalid Json", 400};
  if (!json::find(parsed->get_object(), "Statement")) {
    return Error{"MalformedPolicyDocument", "Syntax errors in policy.", 400};
  }
  return {};
}

Result<void> check_tags(const std::vector<Tag>& tags) {
  if (tags.size() > 50) return Error{"LimitExceeded", "The number of tags exceeds the maximum of 50 tags.", 409};
  return {};
}

void set_tags(std::vector<Tag>& tags, const std::vector<Tag>& wanted) {
  for (const Tag& tag : wanted) {
    const auto same = std::find_if(tags.begin(), tags.end(), [&](const Tag& t) { return t.key == tag.key; });
    if (same == tags.end())
      tags.push_back(tag);
    else
      same->value = tag.value;
  }
}

}  // namespace croft::identity
