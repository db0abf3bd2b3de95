#pragma once

#include <string>
#include <string_view>

#include "broker/message.h"
#include "types/result.h"

namespace croft::broker {

// A message as a row of the store: format (1 byte: 2, or 3 for a message with a trace), expiry in ms (8 bytes, 0 = none), time
// of publication in ms (8), in format 3 the trace's id (16), client id, principal and source address, each behind its length
// (4 bytes), all big-endian; then the message as a PUBLISH packet of MQTT 5.
std::string to_row(const Message& message);
// `republish_hops` and `will` are not in it. Error: StoreFormat, for a damaged row.
Result<MessagePtr> message_from_row(std::string_view row, unsigned republish_hops = 0, bool will = false);

}  // namespace croft::broker
