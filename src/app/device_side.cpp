#include "app/device_side.h"

#include <malloc.h>
#include <sched.h>

#include <future>
#include <thread>

#include "observe/log.h"
#include "shard/promise.h"

namespace croft::app {

static constexpr std::chrono::milliseconds tick_interval{200};
static constexpr std::chrono::milliseconds handshake_patience{10'000};  // as long as the broker waits for a CONNECT
static constexpr std::chrono::milliseconds request_patience{60'000};
static constexpr std::size_t request_bytes_max = 256 * 1024;  // a message has 128 KB; nobody is known before its request is whole

struct DeviceSide::Part {
  Part(ShardIndex index, const Config& config, Store& store, const broker::Authority& authority, broker::Hub& hub,
       rules::Engine& engine, const rules::RuleLog& rule_log, things::ShadowService& shadows, console::PresenceChanges& changes,
       presence::Told told)
      : shard(index, "device-" + std::to_string(index)),
        broker(shard, config.broker, authority, hub, &store),
        lanes(shard, engine, rule_log, [this](const broker::MessagePtr& message, auto kept) { broker.publish(message, std::move(kept)); },
              told.traces),
        shadow_observer(shadows, lanes),
        journal(store, shard, broker, lanes, presence::limits::events_in_memory_max, told),
        watch(journal, changes) {
    broker.connect_to(watch, shadow_observer, told.timelines);
  }

  Shard shard;
  broker::ShardBroker broker;
  rules::Lanes lanes;
  things::ShadowObserver shadow_observer;
  presence::Journal journal;
  console::PresenceWatch watch;
  struct Entrance {
    std::unique_ptr<net::Listener> listener;
    Speaks speaks;
    std::string_view name;
    std::uint64_t accepted = 0;
  };
  std::vector<Entrance> entrances;
  metrics::Histogram loop_lag;
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

// How much later than wished the loop gets to it is the shard's lag.
Task<void> sleep_for_tick(metrics::Histogram& loop_lag) {
  const std::int64_t due_us = metrics::now_us() + std::chrono::microseconds(tick_interval).count();
  co_await sleep_for(tick_interval);
  loop_lag.add(metrics::now_us() - due_us);
}

// Gives the memory of many closed connections back to the system, once it is quiet: the allocator keeps it otherwise.
class MemoryReturn {
 public:
  void look(std::size_t connections) {
    peak_ = std::max(peak_, connections);
    quiet_ = connections == before_ ? quiet_ + 1 : 0;
    before_ = connections;
    if (quiet_ < looks || peak_ - connections < many) return;
    malloc_trim(0);
    peak_ = connections;
  }

 private:
  static constexpr std::size_t many = 1'000;
  static constexpr std::size_t looks = 10;  // two seconds: closed connections linger for one
  std::size_t peak_ = 0, before_ = 0, quiet_ = 0;
};

Task<void> tick(broker::ShardBroker& broker, presence::Journal& journal, broker::Hub& hub, metrics::Histogram& loop_lag,
                const bool& ticking) {
  MemoryReturn memory;
  while (ticking) {
    broker.tick();
    memory.look(broker.core().connection_count());
    journal.flush();
    hub.traces().end_forgotten(MonoTime::now());
    co_await sleep_for_tick(loop_lag);
  }
}

Task<void> serve_requests(net::Transport transport, const net::HttpHandler& http) {
  co_await net::serve_http(std::move(transport), http, request_patience, request_bytes_max);
}

// A connection to the port for everything. Source: AWS IoT developer guide, "Device communication protocols", "Protocols,
// port mappings, and authentication".
Task<void> ask_alpn(net::Transport transport, broker::ShardBroker& broker, const net::HttpHandler& http) {
  transport.expire_after(handshake_patience);
  const bool is_known = co_await transport.handshake(broker.shard().read_buffer());
  if (!is_known) co_return;
  transport.expire_after({});
  const std::string& alpn = transport.peer().alpn;
  if (alpn == alpn_mqtt_certificate || alpn == alpn_mqtt_authorizer) co_return broker.accept(std::move(transport));
  co_await serve_requests(std::move(transport), http);
}

// Those that this process may run on.
std::size_t usable_cores() {
  cpu_set_t cores;
  return sched_getaffinity(0, sizeof cores, &cores) == 0 ? static_cast<std::size_t>(CPU_COUNT(&cores)) : 1;
}

}  // namespace

DeviceSide::DeviceSide(const Config& config, Store& store, const broker::Authority& authority, rules::Engine& engine,
                       const rules::RuleLog& rule_log, things::Shadows& shadows, console::PresenceChanges& changes,
                       presence::Told told)
    : config_(config), store_(store), hub_(64, &store, config.broker), shadows_(hub_, shadows, store) {
  const std::size_t count = config.device_shards != 0 ? config.device_shards : std::clamp<std::size_t>(usable_cores(), 1, 64);
  // The outbox's rows belong to shards by their client's hash: they move before any Outbox reads its numbers.
  presence::Outbox::rehome(store, [count](std::string_view client_id) {
    return static_cast<ShardIndex>(std::hash<std::string_view>()(client_id) % count);
  });
  for (std::size_t i = 0; i < count; ++i) {
    parts_.push_back(
        std::make_unique<Part>(static_cast<ShardIndex>(i), config, store, authority, hub_, engine, rule_log, shadows_, changes, told));
    hub_.add(parts_.back()->broker);
  }
}

DeviceSide::~DeviceSide() {
  for (auto& part : parts_) part->shard.stop();
}

void DeviceSide::recover() {
  const std::vector<broker::rule_rows::Row> unfinished = broker::rule_rows::load(store_);  // before there are new ones
  if (!unfinished.empty()) hub_.continue_rule_rows_after(unfinished.back().number);
  const std::vector<broker::group_rows::Row> waiting = broker::group_rows::load(store_);
  if (!waiting.empty()) hub_.continue_group_rows_after(waiting.back().number);
  std::vector<std::vector<broker::StoredClient>> clients(parts_.size());
  for (broker::StoredClient& client : broker::load_clients(store_))
    clients[hub_.owner_index(client.state.client_id)].push_back(std::move(client));
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    Part& part = *parts_[i];
    part.shard.start();
    part.shard.post([&part, mine = std::make_shared<std::vector<broker::StoredClient>>(std::move(clients[i]))] {
      part.journal.start(std::move(*mine));
    });
  }
  for (auto& part : parts_) ask(part->shard, [] {});  // all are restored: what is published from here on reaches everyone
  restore_groups(waiting);
  resume_rules(unfinished);
  for (auto& part : parts_)
    part->shard.spawn(tick(part->broker, part->journal, hub_, part->loop_lag, part->ticking));
  std::promise<void> durable;  // the committer works in order: when this is done, so is everything before it
  for (auto& part : parts_) ask(part->shard, [] {});
  store_.commit(Batch(), [&] { durable.set_value(); });
  durable.get_future().wait();
}

// Their members are away; a group without any is over.
void DeviceSide::restore_groups(const std::vector<broker::group_rows::Row>& rows) {
  Batch over;
  for (const broker::group_rows::Row& row : rows) {
    const bool expired = row.message->has_expired(Timestamp::now());
    const bool waits = !expired && hub_.shared().offer(row.filter, {row.message, row.number}).outcome ==
                                       broker::SharedGroups::Offered::Outcome::waits;
    if (!waits) broker::group_rows::erase(over, row.number);
  }
  if (!over.empty()) store_.write(std::move(over));
}

void DeviceSide::resume_rules(const std::vector<broker::rule_rows::Row>& rows) {
  for (const broker::rule_rows::Row& row : rows) {
    broker::ShardBroker& broker = hub_.owner(row.message->client_id().empty() ? row.message->topic() : row.message->client_id());
    broker.shard().post([&broker, row] { broker.resume(row); });
  }
}

// Binds the port once without sharing it, so that a port of another process is noticed, then once for each shard.
Result<std::uint16_t> DeviceSide::open(const Port& wanted) {
  std::uint16_t port = *wanted.wanted;
  {
    auto probe = net::Listener::open(parts_.front()->shard, wanted.address, port, nullptr, false);
    if (!probe) return probe.error();
    port = (*probe)->port();
    (*probe)->stop();
  }
  for (auto& part : parts_) {
    auto listener = net::Listener::open(part->shard, wanted.address, port, wanted.tls, true);
    if (!listener) return listener.error();
    part->entrances.push_back({std::move(*listener), wanted.speaks, wanted.name});
  }
  if (wanted.tls) tls_.emplace(wanted.name, wanted.tls);
  return port;
}

Result<void> DeviceSide::bind(TlsContexts tls) {
  const Port ports[] = {{"mqtt", config_.mqtt_port, config_.mqtt_address(), nullptr, Speaks::mqtt, mqtt_port_},
                        {"mqtts", config_.mqtts_port, config_.listen, tls.mqtts, Speaks::mqtt, mqtts_port_},
                        {"device", config_.device_port, config_.listen, tls.device, Speaks::as_alpn_says, device_port_},
                        {"https", config_.https_port, config_.listen, tls.https, Speaks::http, https_port_}};
  for (const Port& port : ports) {
    if (!port.wanted) continue;
    auto opened = open(port);
    if (!opened) return opened.error();
    port.bound = *opened;
  }
  return {};
}

void DeviceSide::greet(Part& part, Speaks speaks, net::Transport transport, const net::HttpHandler& http) {
  switch (speaks) {
    case Speaks::mqtt:
      return part.broker.accept(std::move(transport));
    case Speaks::http:
      return part.shard.spawn(serve_requests(std::move(transport), http));
    case Speaks::as_alpn_says:
      return part.shard.spawn(ask_alpn(std::move(transport), part.broker, http));
  }
}

void DeviceSide::accept(const net::HttpHandler& http) {
  for (auto& part : parts_) {
    for (Part::Entrance& entrance : part->entrances) {
      entrance.listener->start([&http, &entrance, part = part.get()](net::Transport transport) {
        ++entrance.accepted;
        greet(*part, entrance.speaks, std::move(transport), http);
      });
    }
  }
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
      for (auto& entrance : part->entrances) entrance.listener->stop();
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

Task<DeviceSide::ShardFigures> DeviceSide::figures_of(Part& part) {
  const broker::Core& core = part.broker.core();
  ShardFigures out{.name = "device-" + std::to_string(part.shard.index()),
                   .core = core.counters(),
                   .broker = part.broker.figures(),
                   .clients = core.client_count(),
                   .subscriptions = core.subscription_count(),
                   .stored_sessions = core.stored_session_count(),
                   .queued_bytes = core.queued_bytes(),
                   .mail_messages = part.broker.mail_count(),
                   .mail_bytes = part.broker.mail_bytes(),
                   .journal_pending = part.journal.pending(),
                   .rule_jobs = part.lanes.waiting(),
                   .rule_time = part.lanes.rule_time(),
                   .event_time = part.journal.event_time(),
                   .loop_lag = part.loop_lag};
  for (const Part::Entrance& entrance : part.entrances) out.accepted[entrance.name] = entrance.accepted;
  co_return out;
}

Task<std::vector<DeviceSide::ShardFigures>> DeviceSide::figures() {
  std::vector<ShardFigures> all;
  for (auto& part : parts_) {
    ShardFigures figures = co_await on<ShardFigures>(part->shard, [part = part.get()] { return figures_of(*part); });
    all.push_back(std::move(figures));
  }
  co_return all;
}

std::map<std::string_view, net::TlsContext::Handshakes> DeviceSide::handshakes() const {
  std::map<std::string_view, net::TlsContext::Handshakes> all;
  for (const auto& [listener, context] : tls_) all[listener] = context->handshakes();
  return all;
}

void DeviceSide::on_each(const std::function<void(broker::ShardBroker&)>& visit) {
  for (auto& part : parts_) ask(part->shard, [&] { visit(part->broker); });
}

}  // namespace croft::app
