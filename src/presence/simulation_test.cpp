// The whole path of presence under a seeded scheduler and a simulated clock: connects, takeovers, losses,
// keep-alives, commits that take effect and are told late, rules that finish late or never, crashes, restarts with
// another number of shards. A failing seed is printed; CROFT_SIMULATION_SEED=<seed> runs it alone and prints its
// steps.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "presence/test_process.h"
#include "text/json.h"

namespace croft::presence {

namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::uint32_t long_session_s = 7'200;
constexpr int clients = 5;

struct Event {
  bool connected = false;
  std::string client_id, session, reason;
  std::int64_t version = 0, at_ms = 0;
};

Event event_of(const broker::Message& message) {
  const auto document = json::parse(message.payload()).value().get_object();
  const auto text = [&](const char* name) { return std::string(json::string_or(document, name, "")); };
  return {text("eventType") == "connected",
          text("clientId"),
          text("sessionIdentifier"),
          text("disconnectReason"),
          json::int_or(document, "versionNumber", -1),
          json::int_or(document, "timestamp", 0)};
}

std::string words(const Event& e) {
  return (e.connected ? "connected " : "disconnected ") + e.client_id + " " + std::to_string(e.version) + " " +
         e.reason;
}

// The first broken invariant stops a run.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void require(bool condition, const std::string& what) {
  if (!condition) throw Broken(what);
}

// What the disk says happened, client by client: the truth that rules must come to know, in its order.
class Truth {
 public:
  void commit(const Batch& batch) {
    for (const Batch::Op& op : batch.ops())
      if (op.family == Family::outbox && op.kind == Batch::Op::Kind::put) add(event_of(*decoded(op)));
  }
  // A rule's effect: the next event of its client; after a crash it may go back, but never forward.
  void effect(const Event& event) {
    Client& client = clients_[event.client_id];
    const auto found = client.position.find(key(event));
    require(found != client.position.end(), "a rule saw what is not durable: " + words(event));
    if (std::exchange(client.may_repeat, false))
      require(found->second <= client.next, "a gap after a crash: " + words(event));
    else
      require(found->second == client.next, "not the next event of its client: " + words(event));
    client.next = found->second + 1;
    client.furthest = std::max(client.furthest, client.next);
  }
  void crash() {
    for (auto& [id, client] : clients_) client.may_repeat = true;
  }
  void require_all_seen() const {
    for (const auto& [id, client] : clients_)
      require(client.furthest == client.events.size(), "rules did not learn everything of " + id);
  }
  bool knows(const std::string& client_id, const std::string& session) const {
    const auto found = clients_.find(client_id);
    return found != clients_.end() && found->second.position.contains("+" + session);
  }
  const Event* last(const std::string& client_id) const {
    const auto found = clients_.find(client_id);
    return found == clients_.end() || found->second.events.empty() ? nullptr : &found->second.events.back();
  }

 private:
  struct Client {
    std::vector<Event> events;
    std::map<std::string, std::size_t> position;
    std::size_t next = 0, furthest = 0;
    bool may_repeat = false;
  };
  static std::string key(const Event& event) { return (event.connected ? "+" : "-") + event.session; }

  static broker::MessagePtr decoded(const Batch::Op& op) {
    ManualStore one;
    Batch batch;
    batch.put(Family::outbox, op.key, op.value);
    one.write(std::move(batch));
    const auto shard = static_cast<ShardIndex>(static_cast<unsigned char>(op.key[3]));
    return Outbox(one, shard).read(0, 1).at(0).message;
  }

  void add(Event event) {
    Client& client = clients_[event.client_id];
    const Event* before = client.events.empty() ? nullptr : &client.events.back();
    if (!event.connected) {
      require(before && before->connected, "disconnected twice: " + words(event));
      require(before->version == event.version && before->session == event.session,
              "not the pair of its connect: " + words(event));
    } else if (!before) {
      require(event.version == 0, "the first connect is not 0: " + words(event));
    } else {
      require(!before->connected, "connected twice: " + words(event));
      const std::int64_t away = event.at_ms - before->at_ms;
      const bool next = event.version == before->version + 1, reset = event.version == 0;
      require(next || reset, "a version was left out: " + words(event));
      require(!reset || away >= hour_ms, "a version was reset too early: " + words(event));
      require(reset || away < std::int64_t{long_session_s} * 1000, "a version was not reset: " + words(event));
    }
    client.position[key(event)] = client.events.size();
    client.events.push_back(std::move(event));
  }

  std::map<std::string, Client> clients_;
};

// Rules with a lane for each client. An action has its effect and is finished at two moments, so that a crash may
// fall between them.
class SlowRules final : public broker::MessageObserver {
 public:
  SlowRules(Truth& truth, std::mt19937& random) : truth_(truth), random_(random) {}

  bool wants(std::string_view topic) const override { return topic.starts_with("$aws/events/presence/"); }
  std::uint64_t version() const override { return 1; }
  void on_message(const broker::MessagePtr& message, std::function<void()> finished) override {
    const Event event = event_of(*message);
    auto& lane = lanes_[event.client_id];
    if (lane.empty() && random_() % 8 == 0) {  // at once, from inside the call
      truth_.effect(event);
      return finished();
    }
    lane.push_back({event, std::move(finished), false});
  }
  void step() {
    if (lanes_.empty()) return;
    auto lane = std::next(lanes_.begin(), static_cast<std::ptrdiff_t>(random_() % lanes_.size()));
    if (lane->second.empty()) return;
    Job& job = lane->second.front();
    if (!std::exchange(job.had_effect, true)) return truth_.effect(job.event);
    const auto finished = std::move(job.finished);
    lane->second.pop_front();
    finished();
  }
  bool is_idle() const {
    for (const auto& [client, lane] : lanes_)
      if (!lane.empty()) return false;
    return true;
  }
  void crash() { lanes_.clear(); }

 private:
  struct Job {
    Event event;
    std::function<void()> finished;
    bool had_effect;
  };
  Truth& truth_;
  std::mt19937& random_;
  std::map<std::string, std::deque<Job>> lanes_;
};

class Simulation {
 public:
  Simulation(std::uint32_t seed, bool verbose) : random_(seed), verbose_(verbose), rules_(truth_, random_) {
    store_.on_commit = [this](const Batch& batch) { truth_.commit(batch); };
    boot();
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      step();
      require_connacks_durable();
    }
    if (random_() % 2) crash();
    quiesce();
    truth_.require_all_seen();
    require_agreement();
  }

 private:
  void say(const std::string& what) {
    if (verbose_)
      std::fprintf(stderr, "%lld %s\n", static_cast<long long>(now_.wall.ms % 1'000'000'000), what.c_str());
  }
  std::string some_client() { return "client-" + std::to_string(random_() % clients); }

  void step() {
    switch (random_() % 20) {
      case 0:
      case 1:
      case 2:
        return connect(some_client());
      case 3:
        return send(some_client(), mqtt::Disconnect{});
      case 4:
        return send(some_client(), mqtt::Pingreq{});
      case 5:
        return send(some_client(), mqtt::Connect{.client_id = "x"});  // a second CONNECT: CLIENT_ERROR
      case 6:
        return lose(some_client());
      case 7:
        return send(some_client(), mqtt::Subscribe{.packet_id = 1,
                                                   .subscriptions = {{.filter = "$aws/events/presence/#",
                                                                      .qos = mqtt::QoS::at_least_once}}});
      case 8:
      case 9:
      case 10:
        return store_.apply_one();
      case 11:
      case 12:
        store_.tell_one();
        return process_->run();
      case 13:
      case 14:
      case 15:
      case 16:
        return rules_.step();
      case 17:
        return pass(1 + static_cast<std::int64_t>(random_() % 20'000));
      case 18:
        return rare();
      default:
        return process_->run();
    }
  }
  void rare() {
    switch (random_() % 10) {
      case 0:
        return crash();
      case 1:
        return stop();
      case 2:
        return pass(hour_ms / 2 + static_cast<std::int64_t>(random_() % (2 * hour_ms)));
      case 3:
        return pass(100'000);  // keep-alives run out
      case 4:
        say("end from outside");
        process_->broker_of(some_client())
            .disconnect(some_client(), {broker::DisconnectReason::api_initiated_disconnect,
                        mqtt::ReasonCode::administrative_action});
        return;
      case 5:
        now_.wall.ms -= static_cast<std::int64_t>(random_() % 2'000);
        return;  // the civil clock is corrected
      default:
        return process_->tick();
    }
  }

  void connect(const std::string& client_id) {
    say("connect " + client_id);
    process_->connect(random_() % 3 == 0 ? broker::resume_v5(client_id, long_session_s)
                                         : broker::connect_v3(client_id));
  }
  void send(const std::string& client_id, const mqtt::Packet& packet) {
    say("packet " + std::to_string(packet.index()) + " from " + client_id);
    process_->send(client_id, packet);
  }
  void lose(const std::string& client_id) {
    const broker::Client* client = process_->owner(client_id).find(client_id);
    if (!client || !client->connection) return;
    say("lose " + client_id);
    process_->owner(client_id).lost(client->connection->id, now_);
  }
  void pass(std::int64_t ms) {
    say("pass " + std::to_string(ms) + " ms");
    now_.wall.ms += ms;
    now_.mono.ms += ms;
    process_->tick();
  }
  void crash() {
    say("crash");
    store_.crash();
    rules_.crash();
    truth_.crash();
    boot();
  }
  void stop() {
    say("stop");
    process_->stop();
    store_.finish_all();
    for (int i = 0; i < clients; ++i) {
      const Event* last = truth_.last("client-" + std::to_string(i));
      require(!last || !last->connected, "still connected after a stop");
    }
    crash();
  }
  void boot() {
    process_.reset();
    const std::size_t shards = 1 + random_() % 3;
    process_ = std::make_unique<TestProcess>(
        store_, rules_, [this] { return now_; }, shards, 1 + random_() % 4);
    say("boot with " + std::to_string(shards) + " shards");
  }
  void quiesce() {
    for (int idle = 0; idle < 3; ++idle) {
      process_->tick();
      store_.finish_all();
      process_->run();
      while (!rules_.is_idle()) {
        rules_.step();
        idle = 0;
      }
    }
    require(process_->pending() == 0 && store_.scan(Family::outbox, "", "", 1, false).empty(),
            "something is left in the outbox");
  }

  // A client that has its CONNACK is known to be connected, whatever happens next.
  void require_connacks_durable() {
    for (int i = 0; i < clients; ++i) {
      const std::string id = "client-" + std::to_string(i);
      const broker::Client* client = process_->owner(id).find(id);
      if (client && client->connection && client->connection->established)
        require(truth_.knows(id, client->state.session_identifier.text()), "CONNACK before the event was durable: " + id);
    }
  }
  // Memory, disk and what rules learned say the same.
  void require_agreement() {
    for (int i = 0; i < clients; ++i) {
      const std::string id = "client-" + std::to_string(i);
      const broker::Client* client = process_->owner(id).find(id);
      const Event* last = truth_.last(id);
      const auto row = store_.get(Family::sessions, id);
      const bool connected = client && client->connection;
      require(connected == (last && last->connected), "rules have a wrong picture of " + id);
      require(row.has_value() == (client != nullptr), "the row of " + id + " does not agree");
      if (!row) continue;
      const broker::ClientState state = broker::from_row(id, *row).value();
      require(state.connected == connected, "the row of " + id + " has a wrong picture");
      require(static_cast<std::int64_t>(state.version) == last->version && state.session_identifier.text() == last->session,
              "the row of " + id + " is of another connection");
    }
  }

  std::mt19937 random_;
  bool verbose_;
  broker::Now now_{.wall = {1'700'000'000'000}, .mono = {10'000'000}};
  Truth truth_;
  ManualStore store_;
  SlowRules rules_;
  std::unique_ptr<TestProcess> process_;
};

}  // namespace

TEST(Simulation, EveryClientsEventsReachTheRulesInOrderThroughCrashes) {
  constexpr std::uint32_t seeds = 400;
  constexpr int steps = 600;
  const char* chosen = std::getenv("CROFT_SIMULATION_SEED");
  const std::uint32_t first = chosen ? static_cast<std::uint32_t>(std::strtoul(chosen, nullptr, 10)) : 1;
  const std::uint32_t last = chosen ? first : seeds;
  for (std::uint32_t seed = first; seed <= last; ++seed) {
    try {
      Simulation(seed, chosen != nullptr).run(steps);
    } catch (const Broken& broken) {
      FAIL() << broken.what() << "\nrun again with CROFT_SIMULATION_SEED=" << seed;
    }
  }
}

}  // namespace croft::presence
