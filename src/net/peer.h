#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace croft::net {

// A client certificate as the TLS handshake saw it. The chain is not judged here: AWS asks its registry.
struct ClientCertificate {
  std::string id;   // SHA-256 of the DER in lower-case hex: AWS's certificate id
  std::string common_name;
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
  std::string principal;    // unique id of the AWS identity that signed a WebSocket's request; "" for all others
};

}  // namespace croft::net
