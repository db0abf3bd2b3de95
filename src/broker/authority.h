#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "mqtt/packets.h"
#include "net/peer.h"
#include "shard/task.h"

namespace croft::broker {

// What one admitted connection may do; asked with the concrete topic or filter. Immutable, any thread.
class Rights {
 public:
  virtual ~Rights() = default;
  virtual bool may_publish(std::string_view topic, bool retain) const = 0;
  virtual bool may_subscribe(std::string_view filter) const = 0;
  // `shared` is the whole "$share/NAME/FILTER" by which the message comes, or "".
  virtual bool may_receive(std::string_view topic, std::string_view shared) const = 0;
  // False when the connection must end: its certificate is no longer ACTIVE.
  virtual bool may_stay() const { return true; }
};

// Decides who may connect. The application implements it over certificates, policies and custom authorizers.
// Threads: any.
class Authority {
 public:
  struct Verdict {
    mqtt::ReasonCode reason = mqtt::ReasonCode::success;  // otherwise what CONNACK says
    std::string principal;    // principalIdentifier of lifecycle events; "" when nobody could be identified
    std::string thing_name;   // of an exclusive thing
    std::shared_ptr<const Rights> rights;  // null: everything is allowed
    std::uint32_t life_s = 0; // the connection ends after so long as CUSTOMAUTH_TTL_EXPIRATION; 0 = never
    std::string why;          // of a refusal, for the log
  };
  virtual ~Authority() = default;
  // On the shard that accepted the connection. `peer` and `connect` live until it is over.
  virtual Task<Verdict> admit(const net::Peer& peer, const mqtt::Connect& connect) const = 0;
  // Moves whenever an answer of Rights may have changed.
  virtual std::uint64_t revision() const { return 0; }
};

}  // namespace croft::broker
