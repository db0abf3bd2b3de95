#pragma once

#include <map>
#include <shared_mutex>
#include <string>
#include <vector>

#include "broker/message.h"
#include "mqtt/topic.h"

namespace croft::broker {

// The last retained message of each topic.
//
// Threads: any. Cost: an exact filter is one lookup; a wildcard one walks the topics that share its literal prefix.
class Retained {
 public:
  // An empty payload removes what was there. False when the table is full and the message was not kept.
  bool set(const MessagePtr& message);
  // Messages whose topic matches, expired ones left out.
  std::vector<MessagePtr> match(std::string_view filter, mqtt::ParentMatch parent, Timestamp now) const;
  std::size_t size() const;

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, MessagePtr, std::less<>> messages_;
};

}  // namespace croft::broker
