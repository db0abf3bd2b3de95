#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/message.h"
#include "store/store.h"

namespace croft::broker {

// The rows "g/NUMBER" of Family::queued: QoS 1 and 2 messages that wait for a member of their group of shared
// subscriptions, or are with one whose session has no rows of its own. docs/store.md has their form.
namespace group_rows {

struct Row {
  std::uint64_t number;
  std::string filter;  // the whole "$share/NAME/FILTER"
  MessagePtr message;
};

void put(Batch& batch, std::uint64_t number, std::string_view filter, const Message& message);
void erase(Batch& batch, std::uint64_t number);
// In the order of their numbers. Damaged rows are told in the log and erased.
std::vector<Row> load(Store& store);

}  // namespace group_rows

}  // namespace croft::broker
