#include "app/device_side.h"

#include <future>
#include <thread>

#include "observe/log.h"

namespace croft::app {

static constexpr std::chrono::milliseconds tick_interval{200};

struct DeviceSide::Part {
  Part(ShardIndex index, const Config& config, Store& store, const broker::Authority& authority, broker::Hub& hub,
       rules::Engine& engine)
      : shard(index, "device-" + std::to_string(index)),
        broker(shard, config.broker, authority, hub),
        lanes(shard, engine, [this](broker::MessagePtr message) { broker.publish(message, {}); }),
        journal(store, shard, broker, lanes) {
    broker.connect_to(journal, lanes);
  }

  Shard shard;
  broker::ShardBroker broker;
  rules::Lanes lanes;
  presence::Journal journal;
  std::vector<std::unique_ptr<net::Listener>> listeners;
  bool ticking = true;
};

namespace {

// Runs `work` on the shard and waits for its value.
template <class F>
auto ask(Shard& shard, F work) {
  std::promise<decltype(work())> result;
  shard.post([&] {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      result.set_value();
    } else {
      result.set_value(work());
    }
  });
  return result.get_future().get();
}

Task<void> tick(broker::ShardBroker& broker, presence::Journal& journal, const bool& ticking) {
  while (ticking) {
    broker.tick();
    journal.flush();
    co_await sleep_for(tick_interval);
  }
}

}  // namespace

DeviceSide::DeviceSide(const Config& config, Store& store, const broker::Authority& authority, rules::Engine& engine)
    : config_(config), store_(store), hub_(64, &store) {
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t count = config.device_shards != 0 ? config.device_shards : std::min<std::size_t>(cores, 64);
  // The outbox's rows belong to shards by their client's hash: they move before any Outbox reads its numbers.
  presence::Outbox::rehome(store, [count](std::string_view client_id) {
    return static_cast<ShardIndex>(std::hash<std::string_view>()(client_id) % count);
  });
  for (std::size_t i = 0; i < count; ++i) {
    parts_.push_back(std::make_unique<Part>(static_cast<ShardIndex>(i), config, store, authority, hub_, engine));
    hub_.add(parts_.back()->broker);
  }
}

DeviceSide::~DeviceSide() {
  for (auto& part : parts_) part->shard.stop();
}

void DeviceSide::recover() {
  std::vector<std::vector<broker::ClientState>> clients(parts_.size());
  store_.visit(Family::sessions, "", "", false, [&](std::string_view client_id, std::string_view row) {
    auto client = broker::from_row(client_id, row);
    if (client) clients[hub_.owner_index(client_id)].push_back(std::move(*client));
    else log::error("app", "the session row of client '" + std::string(client_id) + "' is damaged and was left out");
    return true;
  });
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Part& part = *parts_[i];
    part.shard.start();
    part.shard.post([&part, mine = std::move(clients[i])]() mutable {
      part.journal.start(std::move(mine));
      part.shard.spawn(tick(part.broker, part.journal, part.ticking));
    });
  }
  std::promise<void> durable;  // the committer works in order: when this is done, so is everything before it
  for (auto& part : parts_) ask(part->shard, [] {});
  store_.commit(Batch(), [&] { durable.set_value(); });
  durable.get_future().wait();
}

// Binds the port once without sharing it, so that a port of another process is noticed, then once for each shard.
Result<std::uint16_t> DeviceSide::open(const std::string& address, std::uint16_t port, std::shared_ptr<net::TlsContext> tls) {
  {
    auto probe = net::Listener::open(parts_.front()->shard, address, port, nullptr, false);
    if (!probe) return probe.error();
    port = (*probe)->port();
    (*probe)->stop();
  }
  for (auto& part : parts_) {
    auto listener = net::Listener::open(part->shard, address, port, tls, true);
    if (!listener) return listener.error();
    part->listeners.push_back(std::move(*listener));
  }
  return port;
}

Result<void> DeviceSide::bind(std::shared_ptr<net::TlsContext> tls) {
  if (config_.mqtt_port) {
    auto port = open(config_.mqtt_address(), *config_.mqtt_port, nullptr);
    if (!port) return port.error();
    mqtt_port_ = *port;
  }
  if (config_.mqtts_port) {
    auto port = open(config_.listen, *config_.mqtts_port, std::move(tls));
    if (!port) return port.error();
    mqtts_port_ = *port;
  }
  return {};
}

void DeviceSide::accept() {
  for (auto& part : parts_)
    for (auto& listener : part->listeners)
      listener->start([&broker = part->broker](net::Transport transport) { broker.accept(std::move(transport)); });
}

void DeviceSide::take(net::Transport transport) {
  Part& part = *parts_[taken_++ % parts_.size()];
  transport.detach();
  part.shard.post([&part, moving = std::make_shared<net::Transport>(std::move(transport))] {
    moving->attach(part.shard);
    part.broker.accept(std::move(*moving));
  });
}

std::size_t DeviceSide::pending() {
  std::size_t total = 0;
  for (auto& part : parts_) total += ask(part->shard, [&part] { return part->journal.pending(); });
  return total;
}

void DeviceSide::stop(std::chrono::milliseconds patience) {
  for (auto& part : parts_) {
    ask(part->shard, [&part] {
      for (auto& listener : part->listeners) listener->stop();
      part->broker.stop();
    });
  }
  const MonoTime deadline{MonoTime::now().ms + patience.count()};
  while (pending() > 0 && MonoTime::now() < deadline) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  for (auto& part : parts_) {
    ask(part->shard, [&part] {
      part->ticking = false;
      part->journal.flush();
    });
  }
  store_.drain();
  for (auto& part : parts_) part->shard.stop();
}

void DeviceSide::on_each(const std::function<void(broker::ShardBroker&)>& visit) {
  for (auto& part : parts_) ask(part->shard, [&] { visit(part->broker); });
}

}  // namespace croft::app
