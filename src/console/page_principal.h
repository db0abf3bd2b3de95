#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "console/access.h"
#include "identity/access_keys.h"
#include "types/instance.h"

namespace croft::console {

inline constexpr std::string_view page_client_prefix = "iotconsole-";  // as AWS's own test client

// What the page's MQTT client signs with: the keys of an assumed role that names the person and their session, so that its
// connection has that session's rights and ends with it. On loopback, where nobody signed in, the account's own.
identity::Credentials page_credentials(identity::AccessKeys& keys, const Instance& instance, const Asker& asker, Timestamp now);

// Whose such a connection is.
struct PagePrincipal {
  Role role = Role::none;
  std::string session;  // its id
};
// Nothing for the principals of everyone else.
std::optional<PagePrincipal> page_principal(const Instance& instance, std::string_view principal);

}  // namespace croft::console
