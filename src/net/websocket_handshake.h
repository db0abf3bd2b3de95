#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "net/http.h"

namespace croft::net {

// True when the request asks to go on as a WebSocket connection, in whatever version.
bool asks_for_websocket(const HttpRequest& request);

// The answer to such a request: 101 with the first subprotocol of the client's list that is in `subprotocols`; 426 for a
// version other than 13; 400 for a broken request and when no subprotocol fits. Source: RFC 6455, 4.2.
HttpResponse answer_websocket(const HttpRequest& request, std::span<const std::string> subprotocols);

}  // namespace croft::net
