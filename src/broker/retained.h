#pragma once

#include <map>
#include <shared_mutex>
#include <string>
#include <vector>

#include "broker/message.h"
#include "broker/settings.h"
#include "mqtt/topic.h"
#include "store/store.h"

namespace croft::broker {

// The last retained message of each topic, in memory, and with a store as rows of Family::retained: topic ->
// broker::to_row. A change is written before set() returns, so that it outlives the process.
//
// Threads: any. Cost: an exact filter is one lookup; a wildcard one walks the topics that share its literal prefix.
class Retained {
 public:
  // Loads what `store`, which outlives the object, has: what has expired by `now` is removed, a damaged row told and left.
  // nullptr: nothing is stored.
  explicit Retained(Store* store = nullptr, Timestamp now = {}, std::size_t messages_max = Settings().retained_messages_max);

  // An empty payload removes what was there. False when the table is full and the message was not kept.
  bool set(const MessagePtr& message);
  // Messages whose topic matches, expired ones left out.
  std::vector<MessagePtr> match(std::string_view filter, mqtt::ParentMatch parent, Timestamp now) const;
  std::size_t size() const;

 private:
  Store* store_;
  std::size_t messages_max_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, MessagePtr, std::less<>> messages_;
};

}  // namespace croft::broker
