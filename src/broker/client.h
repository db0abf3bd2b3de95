#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/lifecycle_event.h"
#include "mqtt/packets.h"
#include "text/uuid.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::broker {

// One subscription of a session, as it is stored.
struct SubscriptionState {
  mqtt::Subscription subscription;
  std::uint32_t identifier = 0;  // 0 = none
};

// What the broker remembers of a client id, connected or not: the row of Family::sessions, and what `croft devices`
// shows. It outlives the connection by an hour (the version's life), or by the session's expiry.
struct ClientState {
  std::string client_id;
  std::uint64_t version = 0;
  text::Uuid session_identifier;  // of the latest connection
  std::string principal;
  std::string thing_name;
  std::string address;
  Timestamp since;                                       // of the latest connect or disconnect
  DisconnectReason reason = DisconnectReason::none;      // of the latest disconnect
  bool connected = false;
  bool clean_start = true;
  mqtt::Version protocol = mqtt::Version::v3_1_1;
  std::uint16_t keep_alive_s = 0;
  std::uint32_t session_expiry_s = 0;                    // 0: the session ends with the connection
  std::vector<SubscriptionState> subscriptions;          // of a session that outlives its connection
  std::shared_ptr<const mqtt::Will> will;                // of the connection, or waiting for its delay; may be null
};

std::string to_row(const ClientState& client);
Result<ClientState> from_row(std::string_view client_id, std::string_view row);

}  // namespace croft::broker
