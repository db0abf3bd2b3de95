#pragma once

#include <string>
#include <string_view>

#include "broker/client.h"

namespace croft::console {

// What the page is told of one client, as a JSON array, because a hundred thousand of them are sent at once:
// [clientId, 1 connected | 0 not, since (ms), reason of the last disconnect or "", version, address, principal, thing,
//  keep-alive (s), "3.1.1" | "5.0", session expiry (s), subscriptions that are stored]. web/src/clients.ts reads it.
std::string client_row(const broker::ClientState& client);
// [clientId, -1]: nothing is known of that client any more.
std::string forgotten_row(std::string_view client_id);

}  // namespace croft::console
