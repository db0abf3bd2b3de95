#include "lambda/function_name.h"

#include <algorithm>
#include <vector>

#include "lambda/errors.h"
#include "lambda/limits.h"

namespace croft::lambda {
namespace {

constexpr std::string_view pattern =
    "Member must satisfy regular expression pattern: "
    "(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)"
    "(:(\\$LATEST|[a-zA-Z0-9-_]+))?";

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  });
}

std::vector<std::string_view> split_at_colons(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    std::size_t colon = text.find(':');
    parts.push_back(text.substr(0, colon));
    if (colon == std::string_view::npos) return parts;
    text.remove_prefix(colon + 1);
  }
}

Error malformed(std::string_view text) {
  return validation_error("functionName", text.substr(0, limits::reference_length_max), pattern);
}

// What is left once the ARN's prefix is off: name[:qualifier].
Result<FunctionReference> name_and_qualifier(const std::vector<std::string_view>& parts, std::size_t first,
                                             std::string_view text) {
  std::size_t count = parts.size() - first;
  if (count < 1 || count > 2 || !is_function_name(parts[first])) return malformed(text);
  FunctionReference reference{std::string(parts[first]), {}};
  if (count == 1) return reference;
  if (parts[first + 1] != "$LATEST" && !is_word(parts[first + 1])) return malformed(text);
  reference.qualifier = parts[first + 1];
  return reference;
}

}  // namespace

Result<FunctionReference> parse_reference(std::string_view text, const Instance& instance) {
  if (text.size() > limits::reference_length_max) return malformed(text);
  std::vector<std::string_view> parts = split_at_colons(text);
  std::string_view account = instance.account_id;
  std::size_t first = 0;
  if (parts[0] == "arn") {
    if (parts.size() < 7 || parts[2] != "lambda" || parts[5] != "function") return malformed(text);
    if (parts[3] != instance.region) {
      return Error{"ResourceNotFoundException",
                   "Functions from '" + std::string(parts[3]) + "' are not reachable in this region ('" +
                       instance.region + "')",
                   404};
    }
    account = parts[4];
    first = 6;
  } else if (parts.size() >= 3 && parts[1] == "function") {
    account = parts[0];
    first = 2;
  } else if (parts.size() >= 2 && parts[0] == "function") {
    first = 1;
  }
  Result<FunctionReference> reference = name_and_qualifier(parts, first, text);
  if (reference && account != instance.account_id) return function_not_found(text);
  return reference;
}

bool is_function_name(std::string_view name) {
  return is_word(name) && name.size() <= limits::name_length_max;
}

std::string function_arn(const Instance& instance, std::string_view name) {
  return instance.arn("lambda", "function:" + std::string(name));
}

}  // namespace croft::lambda
