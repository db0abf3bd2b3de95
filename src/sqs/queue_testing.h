// For tests: a queue over rows in memory, with a clock that is moved by hand.
#pragma once

#include <gmock/gmock.h>

#include "sqs/queue.h"
#include "store/manual_store.h"

namespace croft::sqs {

inline constexpr std::int64_t start_ms = 1'800'000'000'000;

struct QueueUnderTest {
  explicit QueueUnderTest(std::string name = "q", Attributes attributes = {}, Queue::Bounds bounds = {})
      : bounds(bounds) {
    definition.name = std::move(name);
    definition.number = 7;
    definition.id = "0011223344556677";
    definition.attributes = std::move(attributes);
    restart();
  }
  QueueUnderTest(QueueUnderTest& neighbour, std::string name, std::uint32_t number)
      : store(neighbour.store), sequences(neighbour.sequences) {
    definition.name = std::move(name);
    definition.number = number;
    definition.id = "8899aabbccddeeff";
    restart();
  }

  void restart() { queue = std::make_unique<Queue>(*store, *sequences, definition, now_ms, bounds); }

  Sent send(std::string body, std::string group = {}, std::string deduplication = {},
            std::optional<std::int64_t> delay_s = {}) {
    Outgoing outgoing{.message = {.body = std::move(body),
                                  .group_id = std::move(group),
                                  .deduplication_id = std::move(deduplication)},
                      .delay_s = delay_s};
    return queue->send({std::move(outgoing)}, now_ms).front();
  }
  std::vector<Delivery> receive(std::size_t count = 1, std::int64_t visibility_s = 30,
                                Queue* dead_letters = nullptr) {
    return queue->receive({.count = count, .visibility_s = visibility_s, .attempt_id = {}}, dead_letters, now_ms)
        .value();
  }
  std::vector<std::string> bodies(std::size_t count = 10, std::int64_t visibility_s = 30) {
    std::vector<std::string> found;
    for (const Delivery& delivery : receive(count, visibility_s)) found.push_back(delivery.message.body);
    return found;
  }
  Result<void> erase(const std::string& handle) { return queue->erase({handle}, now_ms).front(); }
  Result<void> hide(const std::string& handle, std::int64_t seconds) {
    return queue->change_visibility({{handle, seconds}}, now_ms).front();
  }
  std::vector<std::uint64_t> counts() {
    const Counts c = queue->counts(now_ms);
    return {c.visible, c.in_flight, c.delayed};
  }
  std::size_t rows() {
    return store->scan(Family::messages, queue->rows().begin(), queue->rows().end(), SIZE_MAX, false).size();
  }
  void pass_s(std::int64_t seconds) { now_ms += seconds * 1'000; }

  std::shared_ptr<ManualStore> store = std::make_shared<ManualStore>();
  std::shared_ptr<Sequences> sequences = std::make_shared<Sequences>();
  QueueDefinition definition;
  Queue::Bounds bounds;
  std::int64_t now_ms = start_ms;
  std::unique_ptr<Queue> queue;
};

inline QueueUnderTest fifo_queue(Attributes attributes = {}, Queue::Bounds bounds = {}) {
  return QueueUnderTest("q.fifo", std::move(attributes), bounds);
}

}  // namespace croft::sqs
