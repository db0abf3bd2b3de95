#include "presence/dispatcher.h"

#include <algorithm>
#include <charconv>

#include "presence/limits.h"

namespace croft::presence {

Dispatcher::Dispatcher(Store& store, Outbox& outbox, broker::MessageObserver& rules, std::size_t in_memory_max,
                       trace::Traces* traces)
    : store_(store), outbox_(outbox), rules_(rules), in_memory_max_(in_memory_max), traces_(traces) {}

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
  const trace::Id id = traces_ ? entry.message->trace() : trace::Id();
  if (id) trace_wait(entry, since);
  rules_.on_message(entry.message, [this, sequence, since, id] { finished(sequence, since, id); });
}

// $aws/events/presence/connected/ID and $aws/events/subscriptions/subscribed/ID
static std::string_view kind_of(const broker::Message& event) {
  std::string_view topic = event.topic();
  for (int levels = 0; levels < 3; ++levels) topic.remove_prefix(std::min(topic.find('/') + 1, topic.size()));
  return topic.substr(0, topic.find('/'));
}

// The trace of an event that was read back may be gone, or be that of an earlier process: it goes on from here.
void Dispatcher::trace_wait(const OutboxEntry& entry, std::int64_t since_us) const {
  const broker::Message& message = *entry.message;
  const bool was_read_back = entry.durable_us == 0;
  trace::Context context = traces_->at(message.trace());
  if (was_read_back) {
    trace::Detail detail;
    detail.text("topic", message.topic()).json("payload", message.payload());
    context = traces_->resume(message.trace(), {.client_id = message.client_id(),
                                                .event = kind_of(message),
                                                .step = kind_of(message),
                                                .detail = detail.take(),
                                                .at_us = since_us});
  }
  trace::Detail detail;
  detail.number("ahead", static_cast<std::int64_t>(in_memory_) - 1);
  if (was_read_back) detail.flag("readBack", true);
  context.add({.kind = trace::Kind::wait,
               .outcome = trace::Outcome::ok,
               .name = "outbox",
               .began_us = was_read_back ? since_us : entry.durable_us,
               .ended_us = metrics::now_us(),
               .detail = detail.take()});
}

void Dispatcher::finished(Sequence sequence, std::int64_t since_us, const trace::Id& id) {
  --in_memory_;
  if (id) traces_->finish(id);
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
