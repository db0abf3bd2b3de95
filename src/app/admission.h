#pragma once

#include "broker/authority.h"
#include "things/registry.h"

namespace croft::app {

// Who may connect, and what a connection may do: certificates and policies of the registry. Plain connections are
// possible on loopback only and may do everything, and so may a WebSocket connection that an access key signed: the
// policies of croft's keys allow everything.
//
// Threads: any.
class Admission final : public broker::Authority {
 public:
  explicit Admission(const things::Registry& registry) : registry_(registry) {}

  Task<Verdict> admit(const net::Peer& peer, const mqtt::Connect& connect) const override;
  std::uint64_t revision() const override { return registry_.revision(); }
  // For the TLS handshake: registered and ACTIVE. Source: AWS IoT developer guide, "X.509 client certificates".
  bool is_active(const net::ClientCertificate& certificate) const;

 private:
  Verdict judge(const net::Peer& peer, const mqtt::Connect& connect) const;

  const things::Registry& registry_;
};

}  // namespace croft::app
