// For tests: a Core with everything around it, driven step by step. What the core sends is decoded and told in words,
// what it records is checked: each client's events alternate, and both events of a connection agree.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "broker/core.h"
#include "broker/group_rows.h"
#include "mqtt/encoder.h"
#include "store/manual_store.h"
#include "types/assert.h"

namespace croft::broker {

inline mqtt::Connect connect_v3(std::string client_id) {
  return {
      .version = mqtt::Version::v3_1_1, .clean_start = true, .keep_alive_s = 60, .client_id = std::move(client_id)};
}
inline mqtt::Connect connect_v5(std::string client_id) {
  return {.version = mqtt::Version::v5, .clean_start = true, .keep_alive_s = 60, .client_id = std::move(client_id)};
}
// A session that outlives its connections.
inline mqtt::Connect resume_v3(std::string client_id) {
  mqtt::Connect packet = connect_v3(std::move(client_id));
  packet.clean_start = false;
  return packet;
}
inline mqtt::Connect resume_v5(std::string client_id, std::uint32_t expiry_s) {
  mqtt::Connect packet = connect_v5(std::move(client_id));
  packet.clean_start = false;
  packet.properties.edit().session_expiry_interval = expiry_s;
  return packet;
}

inline std::string words(const mqtt::Packet& packet) {
  const auto code = [](mqtt::ReasonCode reason) {
    return reason == mqtt::ReasonCode::success ? std::string() : " " + std::string(mqtt::name(reason));
  };
  const auto codes = [](const std::vector<mqtt::ReasonCode>& reasons) {
    std::string text;
    for (mqtt::ReasonCode reason : reasons) text += " " + std::to_string(static_cast<unsigned>(reason));
    return text;
  };
  if (auto* p = std::get_if<mqtt::Publish>(&packet)) {
    return "PUBLISH " + p->topic + " '" + p->payload + "'" +
           (p->qos == mqtt::QoS::at_most_once ? "" : " qos " + std::to_string(static_cast<int>(p->qos))) +
           (p->packet_id ? " id " + std::to_string(p->packet_id) : "") + (p->retain ? " retain" : "") +
           (p->dup ? " dup" : "");
  }
  if (auto* p = std::get_if<mqtt::Connack>(&packet))
    return "CONNACK" + std::string(p->session_present ? " present" : "") + code(p->reason);
  if (auto* p = std::get_if<mqtt::Puback>(&packet)) return "PUBACK " + std::to_string(p->packet_id) + code(p->reason);
  if (auto* p = std::get_if<mqtt::Pubrec>(&packet)) return "PUBREC " + std::to_string(p->packet_id) + code(p->reason);
  if (auto* p = std::get_if<mqtt::Pubrel>(&packet)) return "PUBREL " + std::to_string(p->packet_id) + code(p->reason);
  if (auto* p = std::get_if<mqtt::Pubcomp>(&packet))
    return "PUBCOMP " + std::to_string(p->packet_id) + code(p->reason);
  if (auto* p = std::get_if<mqtt::Suback>(&packet))
    return "SUBACK " + std::to_string(p->packet_id) + ":" + codes(p->reasons);
  if (auto* p = std::get_if<mqtt::Unsuback>(&packet))
    return "UNSUBACK " + std::to_string(p->packet_id) + ":" + codes(p->reasons);
  if (std::holds_alternative<mqtt::Pingresp>(packet)) return "PINGRESP";
  if (auto* p = std::get_if<mqtt::Disconnect>(&packet)) return "DISCONNECT" + code(p->reason);
  return "packet " + std::to_string(packet.index());
}

inline std::string words(const LifecycleEvent& event) {
  std::string text = std::string(name(event.type)) + " " + event.client_id;
  if (event.type <= LifecycleEvent::Type::disconnected) text += " " + std::to_string(event.version);
  if (event.type == LifecycleEvent::Type::disconnected) text += " " + std::string(name(event.reason));
  for (const std::string& topic : event.topics) text += " " + topic;
  return text;
}

// Admits everyone as `verdict` says.
class Doorman final : public Authority {
 public:
  Task<Verdict> admit(const net::Peer&, const mqtt::Connect&) const override { co_return verdict; }
  std::uint64_t revision() const override { return revisions; }
  Verdict verdict{.principal = "principal"};
  std::uint64_t revisions = 0;
};

// Rights by exact topics and filters.
class DenyList final : public Rights {
 public:
  bool may_publish(std::string_view topic, bool retain) const override {
    return !topics.contains(std::string(topic)) && !(retain && retained_denied);
  }
  bool may_subscribe(std::string_view filter) const override { return !filters.contains(std::string(filter)); }
  bool may_receive(std::string_view topic, std::string_view shared) const override {
    return !received.contains(std::string(topic)) || granted_groups.contains(std::string(shared));
  }
  bool may_stay() const override { return !revoked; }
  std::set<std::string> topics, filters, received, granted_groups;
  bool retained_denied = false;
  bool revoked = false;
};

class Script final : private Outputs {
 public:
  // AWS's dialect, with what it lacks.
  static Settings everything() {
    Settings settings;
    settings.maximum_qos = mqtt::QoS::exactly_once;
    settings.retained_to_wildcards = settings.subscription_identifiers = settings.will_delay = true;
    return settings;
  }
  explicit Script(Settings chosen = everything()) : settings(chosen) { boot(); }

  // A connection whose connect is on disk at once.
  ConnectionId connect(mqtt::Connect packet) {
    const ConnectionId id = begin(std::move(packet));
    commit();
    return id;
  }
  // A connection whose connect waits for commit().
  ConnectionId begin(mqtt::Connect packet, bool assigned_client_id = false) {
    const ConnectionId id = ++last_id_;
    peers_.emplace(id, std::make_shared<Wire>(packet.version, turn_, unsent_bytes));
    core().connect(id, peers_.at(id), peer, std::move(packet), assigned_client_id, doorman.verdict, now);
    settle();
    return id;
  }
  // Makes durable what was recorded.
  void commit() {
    for (Record& record : std::exchange(undurable_, {})) {
      apply(std::move(record.rows));
      if (record.row) rows[record.row->client_id] = to_row(*record.row);
      if (!record.erased_client.empty()) rows.erase(record.erased_client);
      if (record.then != 0) core().recorded(record.then, now);
      settle();
    }
  }
  void send(ConnectionId from, const mqtt::Packet& packet) {
    std::string bytes;
    mqtt::encode(packet, peers_.at(from)->version, bytes);
    receive(from, bytes);
  }
  void receive(ConnectionId from, std::string_view bytes) {
    core().receive(from, {bytes.data(), bytes.size()}, now);
    settle();
  }
  void lose(ConnectionId connection, DisconnectReason reason = DisconnectReason::connection_lost) {
    core().lost(connection, now, reason);
    settle();
  }
  void subscribe(ConnectionId from, const std::string& filter, mqtt::QoS qos = mqtt::QoS::at_least_once) {
    send(from, mqtt::Subscribe{.packet_id = 900, .subscriptions = {{.filter = filter, .qos = qos}}});
    sent(from);
  }
  void publish(ConnectionId from, const std::string& topic, const std::string& payload,
               mqtt::QoS qos = mqtt::QoS::at_most_once, bool retain = false) {
    const bool numbered = qos != mqtt::QoS::at_most_once;
    send(from, mqtt::Publish{.topic = topic,
                             .payload = payload,
                             .qos = qos,
                             .retain = retain,
                             .packet_id = static_cast<std::uint16_t>(numbered ? 800 : 0)});
  }
  // The same, and releases the packet id of a QoS 2 message.
  void publish_whole(ConnectionId from, const std::string& topic, const std::string& payload, mqtt::QoS qos) {
    publish(from, topic, payload, qos);
    if (qos == mqtt::QoS::exactly_once) send(from, mqtt::Pubrel{.packet_id = 800});
  }
  // A second at a time, as the shard's clock does.
  void pass(std::int64_t seconds) {
    for (; seconds > 0; --seconds) {
      step(1'000);
      core().tick(now);
      settle();
    }
  }
  void step(std::int64_t ms) {
    now.wall.ms += ms;
    now.mono.ms += ms;
  }
  // Ends the turn: what shared subscriptions get is handed out, rows are stored, bytes reach the peers.
  void settle() {
    while (!further_.empty() || !parked_.empty()) {
      for (const MessagePtr& message : std::exchange(further_, {}))
        for (const SharedGroups::Pick& pick : groups->pick(message->topic(), message->qos(), settings.parent_match))
          give(message, 0, pick);
      apply(std::exchange(rows_, {}));
      for (const auto& [filter, waiting] : std::exchange(parked_, {})) {
        const SharedGroups::Offered offered = groups->offer(filter, waiting);
        if (offered.outcome == SharedGroups::Offered::Outcome::waits) continue;
        if (offered.outcome == SharedGroups::Offered::Outcome::given) give(waiting.message, waiting.row, offered.pick);
        else group_rows::erase(rows_, waiting.row);
      }
    }
    apply(std::exchange(rows_, {}));
    for (const std::shared_ptr<Outlet>& outlet : std::exchange(turn_, {})) static_cast<Wire&>(*outlet).take();
  }
  // The process dies and another one takes over what was durable.
  void crash() {
    core_.reset();
    undurable_.clear();
    turn_.clear();
    further_.clear();
    parked_.clear();
    rows_ = {};
    live_.clear();
    for (auto& [id, wire] : peers_) wire->closed = true;
    Batch clients;
    for (const auto& [client_id, row] : rows) {
      const ClientState state = from_row(client_id, row).value();
      if (state.connected && is_published(client_id)) live_[client_id] = {state.version, state.session_identifier.text()};
      clients.put(Family::sessions, client_id, row);
    }
    store.write(std::move(clients));
    boot();
    for (StoredClient& client : load_clients(store)) core().restore(std::move(client), now);
    for (const group_rows::Row& row : group_rows::load(store))
      if (groups->offer(row.filter, {row.message, row.number}).outcome != SharedGroups::Offered::Outcome::waits)
        group_rows::erase(rows_, row.number);
    settle();
  }

  // What came since the last call.
  std::vector<mqtt::Packet> packets(ConnectionId connection) {
    settle();
    return std::exchange(peers_.at(connection)->packets, {});
  }
  std::vector<std::string> sent(ConnectionId connection) {
    std::vector<std::string> text;
    for (const mqtt::Packet& packet : packets(connection)) text.push_back(words(packet));
    return text;
  }
  std::vector<std::string> events() {
    std::vector<std::string> text;
    for (const LifecycleEvent& event : std::exchange(told, {})) text.push_back(words(event));
    return text;
  }
  std::vector<std::string> topics_published() {
    std::vector<std::string> topics;
    for (const MessagePtr& message : std::exchange(messages, {})) topics.emplace_back(message->topic());
    return topics;
  }
  bool is_closed(ConnectionId connection) const { return peers_.at(connection)->closed; }

  Core& core() { return *core_; }

  Settings settings;
  Doorman doorman;
  Retained retained_messages;
  ManualStore store;                        // what a crash leaves beside `rows`: the messages of stored sessions
  int kept = 0;                             // messages retained
  net::Peer peer{.address = "192.0.2.7"};
  Now now{.wall = {1'700'000'000'000}, .mono = {5'000'000}};
  std::map<std::string, std::string> rows;  // durable
  std::vector<LifecycleEvent> told;         // recorded events
  std::vector<MessagePtr> messages;         // published by clients
  std::vector<std::string> published_counts;  // "CLIENT MESSAGES in MILLISECONDS"
  std::map<std::string, int> interested;    // filters that the hub knows
  std::unique_ptr<SharedGroups> groups;
  std::size_t unsent_bytes = 0;

 private:
  struct Wire final : Outlet {
    Wire(mqtt::Version version, Turn& turn, const std::size_t& unsent_bytes)
        : version(version), unsent_bytes(unsent_bytes), decoder(mqtt::Decoder::Side::client, 1 << 28) {
      decoder.set_version(version);
      join(turn);
    }
    std::size_t unsent() const override { return unsent_bytes; }
    std::function<void()> on_unblocked() override {
      return [this] { ++unblocked; };
    }
    void take() {
      const LanesPtr lanes = take_lanes();
      for (const std::string* lane : {&lanes->bytes, &lanes->releases, &lanes->receipts, &lanes->farewell}) {
        CROFT_ASSERT(lane->empty() || !closed);
        CROFT_ASSERT(!decoder.feed({lane->data(), lane->size()}, packets));
      }
      closed = closing;
    }
    mqtt::Version version;
    const std::size_t& unsent_bytes;
    mqtt::Decoder decoder;
    std::vector<mqtt::Packet> packets;
    int unblocked = 0;
    bool closing = false;  // at the end of this turn
    bool closed = false;
  };

  void boot() {
    interested.clear();
    groups = std::make_unique<SharedGroups>(settings);
    core_ = std::make_unique<Core>(settings, doorman, retained_messages, static_cast<Outputs&>(*this),
                                   [this] {
                                     const std::string number = std::to_string(++sessions_);
                                     return "00000000-0000-4000-8000-" + std::string(12 - number.size(), '0') + number;
                                   });
  }

  void close(Outlet& outlet) override {
    Wire& wire = static_cast<Wire&>(outlet);
    CROFT_ASSERT(!wire.closing);
    wire.closing = true;
    (void)wire.bytes();  // so that the turn's end sees it
  }
  Batch& turn_rows() override { return rows_; }
  Reach reach(std::string_view) const override { return {.groups = true, .rules = true}; }
  std::uint64_t reach_version() const override { return 1; }
  void publish_further(const MessagePtr& message, const Reach&) override {
    messages.push_back(message);
    further_.push_back(message);
  }
  Batch& received_rows() override { return rows_; }
  void wait_for_disk() override { ++kept; }
  void handed_out(std::size_t) override {}
  void record(Record record) override {
    for (const LifecycleEvent& event : record.events) check(event);
    told.insert(told.end(), record.events.begin(), record.events.end());
    undurable_.push_back(std::move(record));
  }
  void published(std::string_view client_id, std::uint64_t count, Timestamp since, Timestamp until) override {
    published_counts.push_back(std::string(client_id) + " " + std::to_string(count) + " in " + std::to_string(until.ms - since.ms));
  }
  void interest(std::string_view filter, bool wanted) override {
    const int count = interested[std::string(filter)] += wanted ? 1 : -1;
    CROFT_ASSERT(count >= 0);
    if (count == 0) interested.erase(std::string(filter));
  }

  void membership(std::string_view filter, std::string_view client_id, Membership membership, Keeping keeping) override {
    for (const SharedGroups::Waiting& orphan : groups->set(filter, client_id, 0, membership, keeping))
      group_rows::erase(rows_, orphan.row);
  }
  bool hand_on(std::string_view filter, const MessagePtr& message, std::uint64_t group_row) override {
    if (!groups->has_members(filter)) return false;
    park(std::string(filter), message, group_row);
    return true;
  }
  bool groups_wait() const override { return groups->any_waiting(); }
  std::vector<SharedGroups::Waiting> take_waiting(std::string_view filter, std::size_t most) override {
    return groups->take(filter, most);
  }
  void park(const std::string& filter, const MessagePtr& message, std::uint64_t group_row) {
    if (group_row == 0) group_rows::put(rows_, group_row = ++last_group_row_, filter, *message);
    parked_.emplace_back(filter, SharedGroups::Waiting{message, group_row});
  }
  void give(const MessagePtr& message, std::uint64_t group_row, const SharedGroups::Pick& pick) {
    if (!pick.client_id.empty() && core().deliver_shared(message, group_row, pick.client_id, pick.filter, now)) return;
    if (message->qos() != mqtt::QoS::at_most_once) park(pick.filter, message, group_row);
  }

  void check(const LifecycleEvent& event) {
    if (event.type == LifecycleEvent::Type::connected) {
      CROFT_ASSERT(live_.emplace(event.client_id, std::pair(event.version, event.session_identifier)).second);
    } else if (event.type == LifecycleEvent::Type::disconnected) {
      const auto found = live_.find(event.client_id);
      CROFT_ASSERT(found != live_.end());
      CROFT_ASSERT(found->second == std::pair(event.version, event.session_identifier));
      live_.erase(found);
    }
  }

  std::unique_ptr<Core> core_;
  void apply(Batch batch) {
    if (!batch.empty()) store.write(std::move(batch));
  }

  std::map<ConnectionId, std::shared_ptr<Wire>> peers_;
  Turn turn_;
  Batch rows_;
  std::map<std::string, std::pair<std::uint64_t, std::string>> live_;  // connected and not yet disconnected
  std::vector<Record> undurable_;
  std::vector<MessagePtr> further_;
  std::vector<std::pair<std::string, SharedGroups::Waiting>> parked_;
  std::uint64_t last_group_row_ = 0;
  ConnectionId last_id_ = 0;
  int sessions_ = 0;
};

}  // namespace croft::broker
