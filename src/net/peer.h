#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace croft::net {

// A client certificate as the TLS handshake saw it. The chain is not judged here: AWS asks its registry.
struct ClientCertificate {
  std::string id;   // SHA-256 of the DER in lower-case hex: AWS's certificate id
  std::string common_name;
};

// What the HTTP request for a WebSocket connection carried, for whoever judges the connection by it.
struct UpgradeRequest {
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case, in the order of arrival
  std::string query;                                         // as sent, without '?'
};

// Who is at the other end of a connection.
struct Peer {
  std::string address;  // IPv4 or IPv6 text, no port
  std::uint16_t port = 0;
  bool tls = false;
  std::string server_name;  // SNI, "" when none was sent
  std::string alpn;         // "" when none was chosen
  std::optional<ClientCertificate> certificate;
  bool websocket = false;
  std::shared_ptr<const UpgradeRequest> upgrade{};  // of a WebSocket connection that nobody signed; null for all others
  std::string principal;    // unique id of the AWS identity that signed a WebSocket's request; "" for all others
};

}  // namespace croft::net
