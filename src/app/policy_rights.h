#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/refusals.h"
#include "broker/authority.h"
#include "identity/policy.h"
#include "things/registry.h"
#include "types/instance.h"

namespace croft::app {

// The rights that policies give to one connection; where the policies come from is the derived class's. Each refusal is
// recorded, and logged when it is another than the one before.
//
// Threads: any.
class PolicyRights : public broker::Rights {
 public:
  struct Who {
    std::string principal;
    std::string client_id;
    std::string address;
  };
  // `instance` and `refusals` outlive it.
  PolicyRights(const Instance& instance, Refusals& refusals, Who who)
      : instance_(instance), refusals_(refusals), who_(std::move(who)) {}

  // Nothing, or the recorded refusal of iot:Connect.
  std::optional<Refusal> refusal_of_connect() const { return refusal_of("iot:Connect", "client/" + who_.client_id); }

  bool may_publish(std::string_view topic, bool retain) const override;
  bool may_subscribe(std::string_view filter) const override;
  bool may_receive(std::string_view topic, std::string_view shared) const override;

 protected:
  struct Rules {
    std::shared_ptr<const identity::PolicySet> policies;
    std::shared_ptr<const identity::PolicyVariables> variables;
  };
  const Who& who() const { return who_; }
  // As they are now.
  virtual Rules rules() const = 0;

 private:
  std::optional<Refusal> refusal_of(std::string_view action, std::string_view resource) const;
  bool allows(std::string_view action, std::string_view resource) const;
  identity::Decision decide(std::string_view action, std::string_view resource) const;

  const Instance& instance_;
  Refusals& refusals_;
  const Who who_;
};

// The policy variables of a connection, those of its CONNECT included.
identity::PolicyVariables variables_of(const things::Registry& registry, const net::Peer& peer, const mqtt::Connect& connect);

}  // namespace croft::app
