#include "presence/journal.h"

#include "broker/timeline_entries.h"

namespace croft::presence {

Journal::Journal(Store& store, Shard& shard, broker::ShardBroker& broker, broker::MessageObserver& rules,
                 std::size_t in_memory_max, Told told)
    : store_(store),
      shard_(shard),
      broker_(broker),
      rules_(rules),
      told_(told),
      outbox_(store, shard.index()),
      dispatcher_(store, outbox_, rules, in_memory_max, told.traces) {}

static trace::Id begin_trace(trace::Traces& traces, const broker::LifecycleEvent& event, const std::string& topic,
                             const std::string& payload, std::int64_t at_us) {
  trace::Detail detail;
  detail.text("topic", topic).json("payload", payload);
  const std::string_view type = broker::name(event.type);
  using Type = broker::LifecycleEvent::Type;
  if (event.type == Type::connected || event.type == Type::disconnected)
    detail.number("version", static_cast<std::int64_t>(event.version));
  return traces.begin({.client_id = event.client_id, .event = type, .step = type, .detail = detail.take(), .at_us = at_us}).id();
}

broker::MessagePtr Journal::make_known(const broker::Record& record, const broker::LifecycleEvent& event, bool wanted,
                                       std::int64_t at_us) const {
  const std::string topic = broker::topic_of(event), payload = broker::to_json(event);
  trace::Id id;
  if (told_.traces && wanted) id = begin_trace(*told_.traces, event, topic, payload, at_us);
  const broker::ClientState* state = record.row ? &*record.row : nullptr;
  if (told_.timelines) told_.timelines->add(event.client_id, broker::timeline_entry(event, state, id));
  return broker::make_message({.topic = topic,
                               .payload = payload,
                               .qos = mqtt::QoS::at_least_once,
                               .source = broker::make_source(event.client_id, event.principal, event.ip_address),
                               .trace = id});
}

void Journal::record(broker::Record record) {
  Batch batch = std::move(record.rows);
  if (record.row) batch.put(Family::sessions, record.row->client_id, broker::to_row(*record.row));
  if (!record.erased_client.empty()) batch.erase(Family::sessions, record.erased_client);
  Entry entry{.then = record.then};
  if (!record.events.empty()) entry.since_us = metrics::now_us();
  for (const broker::LifecycleEvent& event : record.events) {
    const bool wanted = rules_.wants(broker::topic_of(event));
    broker::MessagePtr message = make_known(record, event, wanted, entry.since_us);
    const Sequence sequence = wanted ? outbox_.append(batch, *message) : 0;
    entry.events.push_back({std::move(message), sequence});
  }
  entry.needs_disk = !batch.empty();
  waiting_.push_back(std::move(entry));
  if (batch.empty()) return shard_.post([this] { take_durable(); });  // not now: the core is in the middle of its input
  dispatcher_.take_erasures(batch);
  store_.commit(std::move(batch), [this] {
    if (durable_.fetch_add(1) == 0) shard_.post([this] { take_durable(); });
  });
}

void Journal::take_durable() {
  std::size_t durable = durable_.exchange(0);
  while (!waiting_.empty() && (durable > 0 || !waiting_.front().needs_disk)) {
    Entry entry = std::move(waiting_.front());
    waiting_.pop_front();
    if (entry.needs_disk) --durable;
    announce(std::move(entry));
  }
}

// Events first: what the connection does after its CONNACK comes later.
void Journal::announce(Entry entry) {
  for (Event& event : entry.events) {
    const trace::Id id = event.message->trace();
    if (id) told_.traces->at(id).close({});
    broker_.publish_event(event.message);
    if (event.sequence != 0) dispatcher_.enqueue({event.sequence, std::move(event.message), entry.since_us, metrics::now_us()});
  }
  if (entry.then != 0) broker_.recorded(entry.then);
}

void Journal::start(std::vector<broker::StoredClient> clients) {
  dispatcher_.start();
  for (broker::StoredClient& client : clients) broker_.restore(std::move(client));
}

}  // namespace croft::presence
