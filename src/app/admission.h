#pragma once

#include "app/custom_authorizer.h"
#include "app/refusals.h"
#include "broker/authority.h"
#include "console/sessions.h"
#include "things/registry.h"

namespace croft::app {

// Who may connect, and what a connection may do: certificates and policies of the registry, or a custom authorizer.
// Plain connections are possible on loopback only and may do everything, and so may a WebSocket connection that an
// access key signed: the policies of croft's keys allow everything. That of the console's page has the rights of whoever
// signed in there, and ends with their session. Who is refused is recorded, with the reason.
//
// Threads: any.
class Admission final : public broker::Authority {
 public:
  // All outlive it.
  Admission(const things::Registry& registry, CustomAuthorizers& authorizers, RefusalBooks& refusals,
            const console::Sessions& sessions)
      : registry_(registry), authorizers_(authorizers), refusals_(refusals), sessions_(sessions) {}

  Task<Verdict> admit(const net::Peer& peer, const mqtt::Connect& connect) const override;
  std::uint64_t revision() const override { return registry_.revision() + authorizers_.revision() + sessions_.revision(); }
  // For the TLS handshake: registered and ACTIVE. Source: AWS IoT developer guide, "X.509 client certificates".
  bool is_active(const net::ClientCertificate& certificate) const;

 private:
  std::string fault_of(const net::ClientCertificate& certificate) const;
  Verdict judge(const net::Peer& peer, const mqtt::Connect& connect) const;
  void judge_signed(const net::Peer& peer, const mqtt::Connect& connect, Verdict& verdict) const;

  const things::Registry& registry_;
  CustomAuthorizers& authorizers_;
  RefusalBooks& refusals_;
  const console::Sessions& sessions_;
};

}  // namespace croft::app
