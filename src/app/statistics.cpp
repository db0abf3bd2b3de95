#include "app/statistics.h"

namespace croft::app {

std::vector<std::pair<std::string, std::string>> statistics(const std::vector<DeviceSide::ShardFigures>& shards,
                                                            std::size_t retained_messages, std::int64_t uptime_s) {
  broker::Core::Counters sum;
  std::uint64_t received = 0, delivered = 0, clients = 0, connected = 0, subscriptions = 0;
  for (const DeviceSide::ShardFigures& shard : shards) {
    clients += shard.clients;
    subscriptions += shard.subscriptions;
    for (const std::uint64_t open : shard.broker.open) connected += open;
    received += shard.core.received.total();
    sum.received_bytes += shard.core.received_bytes;
    delivered += shard.core.delivered.total();
    sum.delivered_bytes += shard.core.delivered_bytes;
    sum.dropped_slow += shard.core.dropped_slow + shard.core.dropped_full;
  }
  const std::uint64_t disconnected = clients - std::min(clients, connected);
  const std::pair<const char*, std::uint64_t> numbers[] = {{"clients/connected", connected},
                                                           {"clients/disconnected", disconnected},
                                                           {"clients/total", clients},
                                                           {"publish/messages/received", received},
                                                           {"publish/messages/sent", delivered},
                                                           {"publish/messages/dropped", sum.dropped_slow},
                                                           {"publish/bytes/received", sum.received_bytes},
                                                           {"publish/bytes/sent", sum.delivered_bytes},
                                                           {"retained messages/count", retained_messages},
                                                           {"subscriptions/count", subscriptions}};
  std::vector<std::pair<std::string, std::string>> out{{"$SYS/broker/uptime", std::to_string(uptime_s) + " seconds"}};
  for (const auto& [name, value] : numbers)
    out.emplace_back("$SYS/broker/" + std::string(name), std::to_string(value));
  return out;
}

Task<void> publish_statistics(DeviceSide& devices, std::chrono::seconds interval) {
  const MonoTime begin = MonoTime::now();
  broker::ShardBroker& broker = *devices.hub().brokers().front();
  for (;;) {
    co_await sleep_for(interval);
    const auto shards = co_await devices.figures();
    auto values = statistics(shards, devices.hub().retained().size(), (MonoTime::now().ms - begin.ms) / 1000);
    broker.shard().post([&broker, values = std::move(values)] {
      for (const auto& [topic, value] : values)
        broker.publish_event(broker::make_message({.topic = topic, .payload = value}));
    });
  }
}

}  // namespace croft::app
