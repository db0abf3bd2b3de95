#include "rules/actions/batches.h"

#include "rules/actions/action_types.h"
#include "rules/destination_limits.h"
#include "rules/error_document.h"

namespace croft::rules {

namespace {

constexpr std::int64_t bytes_min = 100, bytes_max = 131'072;  // AWS's, for every batchConfig

Result<void> read_number(const json::object& config, std::string_view name, std::int64_t least, std::int64_t most,
                         std::int64_t& into) {
  const json::value* found = json::find(config, name);
  if (!found || found->is_null()) return {};
  if (found->is_int64() && found->get_int64() >= least && found->get_int64() <= most) {
    into = found->get_int64();
    return {};
  }
  return invalid_request("'" + std::string(name) + "' must be a number from " + std::to_string(least) + " to " +
                         std::to_string(most) + ".");
}

}  // namespace

Result<BatchLimits> read_batch_config(const json::object& config, BatchLimits limits, const BatchRanges& ranges) {
  std::int64_t size = static_cast<std::int64_t>(limits.size_max), bytes = static_cast<std::int64_t>(limits.bytes_max),
               open = limits.open_max.count();
  if (auto read = read_number(config, "maxBatchSize", ranges.size_min, ranges.size_max, size); !read) return read.error();
  if (auto read = read_number(config, "maxBatchOpenMs", ranges.open_min, ranges.open_max, open); !read) return read.error();
  if (auto read = read_number(config, "maxBatchSizeBytes", bytes_min, bytes_max, bytes); !read) return read.error();
  if (const json::value* across = json::find(config, "batchAcrossTopics"); across && !across->is_bool())
    return invalid_request("'batchAcrossTopics' must be true or false.");
  limits.size_max = static_cast<std::size_t>(size);
  limits.bytes_max = static_cast<std::size_t>(bytes);
  limits.open_max = std::chrono::milliseconds(open);
  limits.across_topics = json::bool_or(config, "batchAcrossTopics", false);
  return limits;
}

// The caller holds the mutex.
void Batches::close(const std::string& key, std::vector<BatchPtr>& closed) {
  const auto found = open_.find(key);
  found->second->is_closed = true;
  closed.push_back(std::move(found->second));
  open_.erase(found);
}

// The batch when this message opened it; else nothing. The caller holds the mutex.
Batches::BatchPtr Batches::put(const std::string& key, Batched message, const Promise<Result<void>>& outcome,
                               std::vector<BatchPtr>& closed) {
  const std::size_t bytes = message.text.size() + overhead_;
  if (const auto found = open_.find(key); found != open_.end()) {
    const Batch& batch = *found->second;
    const bool is_too_much = batch.bytes + bytes > limits_.bytes_max || batch.size + message.size > limits_.size_max;
    if (is_too_much) close(key, closed);
  }
  const bool is_new = !open_.contains(key);
  BatchPtr& batch = open_[key];
  if (is_new) batch = std::make_shared<Batch>();
  batch->key = key;
  batch->size += message.size;
  batch->bytes += bytes;
  batch->messages.push_back(std::move(message));
  batch->outcomes.push_back(outcome);
  const BatchPtr put_into = batch;
  const bool is_full = put_into->size >= limits_.size_max || put_into->bytes >= limits_.bytes_max;
  if (is_full) close(key, closed);
  return is_new && !is_full ? put_into : nullptr;
}

Task<Result<void>> Batches::add(Shard& shard, std::string key, Batched message) {
  const Promise<Result<void>> outcome;
  std::vector<BatchPtr> closed;
  BatchPtr opened;
  {
    std::lock_guard lock(mutex_);
    if (waiting_ >= limits::batched_messages_max)
      co_return Error{"ThrottlingException", "Too many messages wait for the batches of this action.", 429};
    ++waiting_;
    opened = put(key, std::move(message), outcome, closed);
  }
  for (const BatchPtr& batch : closed) shard.spawn(deliver(shared_from_this(), shard, batch));
  if (opened) shard.spawn(close_later(shared_from_this(), shard, opened));
  auto done = co_await outcome.wait();
  co_return done;
}

Task<void> Batches::close_later(std::shared_ptr<Batches> self, Shard& shard, BatchPtr batch) {
  co_await sleep_for(self->limits_.open_max);
  {
    std::lock_guard lock(self->mutex_);
    if (batch->is_closed) co_return;
    std::vector<BatchPtr> closed;
    self->close(batch->key, closed);
  }
  co_await self->deliver(self, shard, batch);
}

// Nobody else touches a closed batch. An exception must not leave the task: it would end the process.
Task<void> Batches::deliver(std::shared_ptr<Batches> self, Shard& shard, BatchPtr batch) {
  json::array payloads;
  for (const Batched& message : batch->messages) payloads.push_back(message.origin);
  Result<void> done = Error{"InternalFailureException", "the batch was not sent", 500};
  try {
    done = co_await self->send_(shard, batch->key, std::move(batch->messages));
  } catch (const std::exception& failure) {
    done = Error{"InternalFailureException", failure.what(), 500};
  }
  {
    std::lock_guard lock(self->mutex_);
    self->waiting_ -= batch->outcomes.size();
  }
  for (std::size_t i = 0; i < batch->outcomes.size(); ++i) {
    if (done)
      batch->outcomes[i].fulfil(Result<void>());
    else
      batch->outcomes[i].fulfil(failure_in_batch(done.error(), payloads, i, self->limits_.across_topics));
  }
}

}  // namespace croft::rules
