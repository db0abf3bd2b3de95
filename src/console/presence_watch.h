#pragma once

#include <atomic>
#include <functional>

#include "broker/message_observer.h"
#include "broker/outputs.h"
#include "console/change_log.h"
#include "console/limits.h"

namespace croft::console {

// The changes of clients on all shards, while somebody looks.
//
// Threads: any. Cost while nobody looks: one load for each connect and disconnect.
class PresenceChanges {
 public:
  // `changed` is called, on any thread, with each change.
  void tell(std::function<void()> changed) { changed_ = std::move(changed); }

  void begin_watching() { watched_ = true; }
  void end_watching() {
    watched_ = false;
    log_.clear();
  }
  bool is_watched() const { return watched_.load(std::memory_order_relaxed); }

  void add(std::string_view client_id, std::string row) {
    log_.add(client_id, std::move(row));
    if (changed_) changed_();
  }
  const ChangeLog& log() const { return log_; }

 private:
  ChangeLog log_{limits::changes_max};
  std::atomic<bool> watched_{false};
  std::function<void()> changed_;
};

// Stands before the recorder of one shard and sees what changes clients on its way to the disk. So the page shows a connect
// about one fsync before its CONNACK.
//
// Threads: its shard's.
class PresenceWatch final : public broker::Recorder {
 public:
  PresenceWatch(broker::Recorder& recorder, PresenceChanges& changes) : recorder_(recorder), changes_(changes) {}

  void record(broker::Record record) override;

 private:
  broker::Recorder& recorder_;
  PresenceChanges& changes_;
};

}  // namespace croft::console
