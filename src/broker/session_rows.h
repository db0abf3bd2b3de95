#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "broker/client.h"
#include "broker/delivery_queue.h"
#include "store/store.h"
#include "types/result.h"

namespace croft::broker {

// The rows of Family::queued that hold what a stored session has beside its subscriptions: "m/CLIENT\0NUMBER" a message
// to be delivered, "q/CLIENT\0ID" a QoS 2 packet id between PUBLISH and PUBREL. docs/store.md has their form.
namespace session_rows {

void put_delivery(Batch& batch, std::string_view client_id, Sequence number, const Delivery& delivery);
void erase_delivery(Batch& batch, std::string_view client_id, Sequence number);
void put_received(Batch& batch, std::string_view client_id, std::uint16_t packet_id);
void erase_received(Batch& batch, std::string_view client_id, std::uint16_t packet_id);
// Both kinds, all of them.
void erase_session(Batch& batch, std::string_view client_id);

}  // namespace session_rows

// A client as an earlier process stored it.
struct StoredClient {
  struct Message {
    Sequence number;
    Delivery delivery;
  };
  ClientState state;
  std::vector<Message> deliveries;           // in the order of their numbers
  std::vector<std::uint16_t> received_qos2;  // sorted
};

// Reads every client of the store. Damaged rows are told in the log and left out; rows of sessions that are gone are
// erased.
std::vector<StoredClient> load_clients(Store& store);

}  // namespace croft::broker
