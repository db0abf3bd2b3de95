#pragma once

#include <functional>
#include <string_view>

#include "broker/message.h"

namespace croft::broker {

// Sees what is published on its shard; the rules engine implements it, the application connects it.
class MessageObserver {
 public:
  virtual ~MessageObserver() = default;
  // Whether a message on `topic` would be of interest. Threads: the shard's.
  virtual bool wants(std::string_view topic) const = 0;
  // Changes, upwards, whenever an answer of wants() may.
  virtual std::uint64_t version() const = 0;
  // Takes the message into its client's lane. `finished` (may be empty) is called on the shard when everything that the
  // message set off is over, successfully or not; at once, when nothing was.
  virtual void on_message(const MessagePtr& message, std::function<void()> finished) = 0;
};

// Makes records durable; the presence folder implements it.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void record(struct Record record) = 0;
};

}  // namespace croft::broker
