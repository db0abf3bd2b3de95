#include "app/console_sources.h"

#include "console/page_principal.h"
#include "shard/promise.h"

namespace croft::app {

namespace {

Task<console::Figures> figures_of(broker::ShardBroker& broker) {
  const broker::Core& core = broker.core();
  const broker::Core::Counters& counters = core.counters();
  console::Figures out{.known = core.client_count(),
                       .connects = counters.connects,
                       .disconnects = counters.disconnects,
                       .received = counters.received.total(),
                       .delivered = counters.delivered.total()};
  for (const std::uint64_t open : broker.figures().open) out.connected += open;
  co_return out;
}

Task<std::size_t> count_of(broker::ShardBroker& broker) { co_return broker.core().client_count(); }

Task<Done> visit_all(broker::ShardBroker& broker, ConsoleSources::Visit visit) {
  broker.core().each_client(visit);
  co_return Done{};
}

}  // namespace

Task<console::Figures> ConsoleSources::figures() {
  console::Figures sum;
  for (broker::ShardBroker* broker : devices_.hub().brokers()) {
    const console::Figures one = co_await on<console::Figures>(broker->shard(), [broker] { return figures_of(*broker); });
    sum.connected += one.connected;
    sum.known += one.known;
    sum.connects += one.connects;
    sum.disconnects += one.disconnects;
    sum.received += one.received;
    sum.delivered += one.delivered;
  }
  co_return sum;
}

Task<std::size_t> ConsoleSources::client_count(std::size_t shard) {
  broker::ShardBroker* owner = &broker(shard);
  const std::size_t count = co_await on<std::size_t>(owner->shard(), [owner] { return count_of(*owner); });
  co_return count;
}

Task<void> ConsoleSources::each_client(std::size_t shard, Visit visit) {
  broker::ShardBroker* owner = &broker(shard);
  co_await on<Done>(owner->shard(), [owner, visit = std::move(visit)] { return visit_all(*owner, visit); });
}

Task<net::HttpResponse> ConsoleSources::call(console::Role role, std::string service, net::HttpRequest request) {
  const identity::Credentials root = keys_.root();
  const auto known = keys_.find(root.access_key_id);
  gateway::Caller caller{.access_key_id = root.access_key_id, .only_reads = role != console::Role::admin};
  if (known) {
    caller.arn = known->principal.arn;
    caller.user_id = known->principal.user_id;
  }
  net::HttpResponse response = co_await gateway_.answer_as(std::move(caller), std::move(service), std::move(request));
  co_return response;
}

identity::Credentials ConsoleSources::mqtt_credentials(const console::Asker& asker) {
  return console::page_credentials(keys_, instance_, asker, Timestamp::now());
}

}  // namespace croft::app
