#include "identity/trust_policy.h"

#include "text/json.h"

namespace croft::identity {

namespace {

// A string, or a list of them.
template <class Matches>
bool any(const json::value* value, Matches matches) {
  if (!value) return false;
  if (value->is_string()) return matches(std::string_view(value->get_string()));
  if (!value->is_array()) return false;
  for (const json::value& one : value->get_array())
    if (one.is_string() && matches(std::string_view(one.get_string()))) return true;
  return false;
}

bool names_service(const json::value* principal, std::string_view service) {
  if (!principal) return false;
  if (principal->is_string()) return principal->get_string() == "*";
  if (!principal->is_object()) return false;
  return any(json::find(principal->get_object(), "Service"), [&](std::string_view name) { return name == service; });
}

bool is_about_assuming(const json::object& statement) {
  return any(json::find(statement, "Action"),
             [](std::string_view action) { return action == "sts:AssumeRole" || action == "sts:*" || action == "*"; });
}

}  // namespace

bool trusts_service(std::string_view trust_policy, std::string_view service) {
  const auto document = json::parse(trust_policy);
  const json::value* listed = document && document->is_object() ? json::find(document->get_object(), "Statement") : nullptr;
  if (!listed) return false;
  bool trusted = false;
  for (const json::value& one : listed->is_array() ? listed->get_array() : json::array{*listed}) {
    if (!one.is_object()) continue;
    const json::object& statement = one.get_object();
    if (!is_about_assuming(statement) || !names_service(json::find(statement, "Principal"), service)) continue;
    if (json::string_or(statement, "Effect", "") != "Allow") return false;
    trusted = true;
  }
  return trusted;
}

}  // namespace croft::identity
