#include "console/page_principal.h"

#include "console/limits.h"
#include "text/digest.h"

namespace croft::console {

namespace {

std::string role_arn(const Instance& instance, Role role) {
  return instance.iam_arn("role/croft-console-" + std::string(name_of(role)));
}

// As AccessKeys makes it of a role's ARN.
std::string role_id(const Instance& instance, Role role) {
  return identity::unique_id("AROA", text::sha256(role_arn(instance, role)));
}

}  // namespace

identity::Credentials page_credentials(identity::AccessKeys& keys, const Instance& instance, const Asker& asker,
                                       Timestamp now) {
  if (asker.session.empty()) return keys.root();
  const identity::SessionRequest request{.role_arn = role_arn(instance, asker.role),
                                         .role_id = role_id(instance, asker.role),
                                         .session_name = asker.name + '@' + asker.session,
                                         .lifetime = std::chrono::seconds(limits::mqtt_url_life_s)};
  return keys.issue_session(request, now).credentials;
}

std::optional<PagePrincipal> page_principal(const Instance& instance, std::string_view principal) {
  const std::size_t colon = principal.find(':'), at = principal.rfind('@');
  if (colon == std::string_view::npos || at == std::string_view::npos || at < colon) return std::nullopt;
  for (const Role role : {Role::admin, Role::read_only})
    if (principal.substr(0, colon) == role_id(instance, role))
      return PagePrincipal{role, std::string(principal.substr(at + 1))};
  return std::nullopt;
}

}  // namespace croft::console
