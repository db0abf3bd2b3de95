#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace croft::broker {

// Who published a message: what all messages of one connection share.
//
// Threads: the texts are constant; the count is for any.
struct Source {
  std::string client_id;  // all three are "" for messages of the service itself
  std::string principal;
  std::string source_ip;

  // Its messages that wait in the full queue of a connected client. While there are any its publishes are not
  // acknowledged, so it slows down to what its slowest subscriber takes.
  mutable std::atomic<std::int32_t> blocking{0};
  std::function<void()> unblocked{};  // called, on any thread, when the last of them went; may be empty

  void block() const { blocking.fetch_add(1, std::memory_order_relaxed); }
  void unblock() const {
    if (blocking.fetch_sub(1, std::memory_order_acq_rel) == 1 && unblocked) unblocked();
  }
  bool is_blocked() const { return blocking.load(std::memory_order_acquire) > 0; }
};
using SourcePtr = std::shared_ptr<const Source>;

// The source of what croft says by itself.
const SourcePtr& the_service();
SourcePtr make_source(std::string client_id, std::string principal, std::string source_ip);

}  // namespace croft::broker
