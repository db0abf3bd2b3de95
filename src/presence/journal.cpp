#include "presence/journal.h"

namespace croft::presence {

Journal::Journal(Store& store, Shard& shard, broker::ShardBroker& broker, broker::MessageObserver& rules,
                 std::size_t in_memory_max)
    : store_(store),
      shard_(shard),
      broker_(broker),
      rules_(rules),
      outbox_(store, shard.index()),
      dispatcher_(store, outbox_, rules, in_memory_max) {}

static broker::MessagePtr message_of(const broker::LifecycleEvent& event) {
  return broker::make_message({.topic = broker::topic_of(event),
                               .payload = broker::to_json(event),
                               .qos = mqtt::QoS::at_least_once,
                               .source = broker::make_source(event.client_id, event.principal, event.ip_address)});
}

void Journal::record(broker::Record record) {
  Batch batch = std::move(record.rows);
  if (record.row) batch.put(Family::sessions, record.row->client_id, broker::to_row(*record.row));
  if (!record.erased_client.empty()) batch.erase(Family::sessions, record.erased_client);
  Entry entry{.then = record.then};
  if (!record.events.empty()) entry.since_us = metrics::now_us();
  for (const broker::LifecycleEvent& event : record.events) {
    broker::MessagePtr message = message_of(event);
    const Sequence sequence = rules_.wants(message->topic()) ? outbox_.append(batch, *message) : 0;
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
    broker_.publish_event(event.message);
    if (event.sequence != 0) dispatcher_.enqueue({event.sequence, std::move(event.message), entry.since_us});
  }
  if (entry.then != 0) broker_.recorded(entry.then);
}

void Journal::start(std::vector<broker::StoredClient> clients) {
  dispatcher_.start();
  for (broker::StoredClient& client : clients) broker_.restore(std::move(client));
}

}  // namespace croft::presence
