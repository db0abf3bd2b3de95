#include "net/websocket_handshake.h"

#include <algorithm>

#include "text/digest.h"
#include "text/encoding.h"

namespace croft::net {

namespace {

constexpr std::string_view version = "13";
constexpr std::string_view accept_suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455, 1.3
constexpr std::size_t key_bytes = 16;

// Calls `visit` for each entry of the comma-separated lists in all headers of that name until it returns true.
template <class Visit>
bool any_entry(const HttpRequest& request, std::string_view name, Visit visit) {
  for (const auto& [key, value] : request.headers) {
    if (key != name) continue;
    for (std::size_t at = 0; at <= value.size();) {
      const std::size_t end = std::min(value.find(',', at), value.size());
      if (visit(text::trim(std::string_view(value).substr(at, end - at)))) return true;
      at = end + 1;
    }
  }
  return false;
}

bool names(const HttpRequest& request, std::string_view header, std::string_view wanted) {
  return any_entry(request, header, [&](std::string_view entry) { return text::lower(entry) == wanted; });
}

HttpResponse refuse(int status, std::string_view message) {
  HttpResponse response{status, {{"content-type", "application/json"}}, R"({"message":")" + std::string(message) + "\"}"};
  if (status == 426) {
    response.headers.emplace_back("upgrade", "websocket");
    response.headers.emplace_back("sec-websocket-version", version);
  }
  return response;
}

std::string accept_value(std::string_view key) {
  return text::base64(text::digest("sha1", std::string(key) + std::string(accept_suffix)));
}

}  // namespace

bool asks_for_websocket(const HttpRequest& request) { return names(request, "upgrade", "websocket"); }

HttpResponse answer_websocket(const HttpRequest& request, std::span<const std::string> subprotocols) {
  if (request.method != "GET") return refuse(400, "A WebSocket connection begins with GET.");
  if (!names(request, "connection", "upgrade")) return refuse(400, "The Connection header does not name upgrade.");
  const std::string* stated = request.header("sec-websocket-version");
  if (!stated || text::trim(*stated) != version) return refuse(426, "Sec-WebSocket-Version must be 13.");
  const std::string* key = request.header("sec-websocket-key");
  const auto nonce = key ? text::from_base64(text::trim(*key)) : std::nullopt;
  if (!nonce || nonce->size() != key_bytes) return refuse(400, "Sec-WebSocket-Key must be 16 bytes in base64.");

  std::string chosen;
  any_entry(request, "sec-websocket-protocol", [&](std::string_view offer) {
    const bool fits = std::find(subprotocols.begin(), subprotocols.end(), offer) != subprotocols.end();
    if (fits) chosen = offer;
    return fits;
  });
  if (chosen.empty()) return refuse(400, "Sec-WebSocket-Protocol must offer " + subprotocols.front() + '.');
  return {101,
          {{"upgrade", "websocket"},
           {"connection", "Upgrade"},
           {"sec-websocket-accept", accept_value(text::trim(*key))},
           {"sec-websocket-protocol", chosen}},
          ""};
}

}  // namespace croft::net
