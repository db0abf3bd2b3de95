#pragma once

#include <cstdint>
#include <vector>

#include "broker/message.h"
#include "store/store.h"

namespace croft::broker {

// The rows "r/NUMBER" of Family::queued: QoS 1 and 2 messages that rules act on, from before their publisher's receipt
// until the rules are done with them. docs/store.md has their form.
namespace rule_rows {

struct Row {
  std::uint64_t number;
  MessagePtr message;
};

void put(Batch& batch, std::uint64_t number, const Message& message);
void erase(Batch& batch, std::uint64_t number);
// What an earlier process was not done with, in the order of its publication. Damaged rows are told in the log and erased.
std::vector<Row> load(Store& store);

}  // namespace rule_rows

}  // namespace croft::broker
