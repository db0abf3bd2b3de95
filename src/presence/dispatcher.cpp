#include "presence/dispatcher.h"

#include <algorithm>
#include <charconv>

#include "presence/limits.h"

namespace croft::presence {

Dispatcher::Dispatcher(Store& store, Outbox& outbox, broker::MessageObserver& rules, std::size_t in_memory_max)
    : store_(store), outbox_(outbox), rules_(rules), in_memory_max_(in_memory_max) {}

void Dispatcher::start() {
  spilled_ = true;
  read_back();
}

void Dispatcher::enqueue(OutboxEntry entry) {
  if (entry.sequence <= last_handed_out_) return;  // read back before its turn came
  if (spilled_ || in_memory_ >= in_memory_max_) {
    spilled_ = true;
    return;  // its row is read back when the ones before it are done
  }
  hand_out(std::move(entry));
}

// Of an event that waited on disk: its own `timestamp` tells.
static std::int64_t moment_of(const broker::Message& event) {
  constexpr std::string_view member = "\"timestamp\":";
  const std::string_view payload = event.payload();
  const std::size_t at = payload.find(member);
  const std::int64_t now_us = metrics::now_us();
  if (at == std::string_view::npos) return now_us;
  std::int64_t timestamp_ms = 0;
  const std::string_view digits = payload.substr(at + member.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), timestamp_ms);
  return now_us - std::max<std::int64_t>(Timestamp::now().ms - timestamp_ms, 0) * 1000;
}

void Dispatcher::hand_out(OutboxEntry entry) {
  const Sequence sequence = entry.sequence;
  last_handed_out_ = sequence;
  ++in_memory_;
  const std::int64_t since = entry.since_us != 0 ? entry.since_us : moment_of(*entry.message);
  rules_.on_message(entry.message, [this, sequence, since] { finished(sequence, since); });
}

void Dispatcher::finished(Sequence sequence, std::int64_t since_us) {
  --in_memory_;
  event_time_.add(metrics::now_us() - since_us);
  erasures_.push_back(sequence);
  if (spilled_ && in_memory_ <= in_memory_max_ / 2) read_back();
}

// Reads rows behind the last one handed out until memory is full or the disk has no more. Rules may finish at once,
// from inside on_message, which calls back here: the outermost call does the work.
void Dispatcher::read_back() {
  if (reading_) return;
  reading_ = true;
  while (spilled_ && in_memory_ < in_memory_max_) {
    const std::size_t room = std::min(in_memory_max_ - in_memory_, limits::events_read_at_once);
    std::vector<OutboxEntry> entries = outbox_.read(last_handed_out_, room);
    if (entries.empty()) spilled_ = false;
    for (OutboxEntry& entry : entries) hand_out(std::move(entry));
  }
  reading_ = false;
}

void Dispatcher::take_erasures(Batch& batch) {
  for (Sequence sequence : erasures_) outbox_.erase(batch, sequence);
  erasures_.clear();
}

void Dispatcher::flush() {
  if (erasures_.empty()) return;
  Batch batch;
  take_erasures(batch);
  store_.commit(std::move(batch), [] {});
}

}  // namespace croft::presence
