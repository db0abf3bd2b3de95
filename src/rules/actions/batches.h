#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/http.h"
#include "rules/firing.h"
#include "shard/promise.h"
#include "text/json.h"

namespace croft::rules {

struct BatchLimits {
  std::size_t size_max = 10;  // messages, or points
  std::size_t bytes_max = 5'120;
  std::chrono::milliseconds open_max{20};
  bool across_topics = false;
};

// One message on its way through a batch.
struct Batched {
  std::string text;        // what it adds to the body
  std::size_t size = 1;    // what it counts for
  net::Headers headers{};  // of the request; those of the last message count
  json::object origin{};   // payload_with_metadata()
};

// The messages of several clients that one action sends together. A batch is for one key (a URL and a topic, say) and closes
// with the first limit that it reaches; a client has one message in it at most, because its lane waits for the outcome.
//
// Threads: any. Shared with the tasks that close batches.
class Batches : public std::enable_shared_from_this<Batches> {
 public:
  // Sends what was gathered under `key`, on the shard that closed the batch.
  using Send = std::function<Task<Result<void>>(Shard& shard, std::string key, std::vector<Batched> messages)>;
  // `overhead` is what each message costs beside its text: the comma or the end of a line.
  Batches(BatchLimits limits, std::size_t overhead, Send send) : limits_(limits), overhead_(overhead), send_(std::move(send)) {}

  // Ends when the batch with the message was delivered, or failed: then with the error of failure_in_batch().
  Task<Result<void>> add(Shard& shard, std::string key, Batched message);
  const BatchLimits& limits() const { return limits_; }

 private:
  struct Batch {
    std::string key;
    std::vector<Batched> messages;
    std::vector<Promise<Result<void>>> outcomes;
    std::size_t size = 0, bytes = 0;
    bool is_closed = false;
  };
  using BatchPtr = std::shared_ptr<Batch>;

  BatchPtr put(const std::string& key, Batched message, const Promise<Result<void>>& outcome, std::vector<BatchPtr>& closed);
  void close(const std::string& key, std::vector<BatchPtr>& closed);
  Task<void> close_later(std::shared_ptr<Batches> self, Shard& shard, BatchPtr batch);
  Task<void> deliver(std::shared_ptr<Batches> self, Shard& shard, BatchPtr batch);

  const BatchLimits limits_;
  const std::size_t overhead_;
  const Send send_;
  std::mutex mutex_;
  std::map<std::string, BatchPtr> open_;
  std::size_t waiting_ = 0;
};

// enableBatching's batchConfig: what it names, each within its range; InvalidRequestException. `limits` has the defaults.
struct BatchRanges {
  std::int64_t size_min, size_max, open_min, open_max;
};
Result<BatchLimits> read_batch_config(const json::object& config, BatchLimits limits, const BatchRanges& ranges);

}  // namespace croft::rules
