#pragma once

#include <array>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "broker/retained.h"
#include "broker/route_cache.h"
#include "broker/session.h"
#include "broker/session_rows.h"
#include "broker/settings.h"
#include "broker/topic_trie.h"

namespace croft::broker {

// The MQTT server for the clients of one shard: bytes and the time go in; bytes for outlets and Outputs come out. No
// socket, clock, thread or randomness of its own inside, so tests, fuzzers and the simulator drive it step by step.
//
// A connection enters with its CONNECT (see Doorstep). Whatever changes a client's presence is given to
// Outputs::record; CONNACK waits for recorded().
//
// Threads: its shard's.
class Core {
 public:
  // What it counted since it was made.
  struct Counters {
    struct ByQos {
      std::array<std::uint64_t, 3> of{};
      std::uint64_t& operator[](mqtt::QoS qos) { return of[static_cast<std::size_t>(qos)]; }
      std::uint64_t total() const { return of[0] + of[1] + of[2]; }
    };
    ByQos received;                       // messages from clients; of QoS 2 their first arrival
    std::uint64_t received_bytes = 0;     // their topics and payloads
    ByQos delivered;                      // messages to clients, by the QoS that they are sent with; again each time
    std::uint64_t delivered_bytes = 0;
    std::uint64_t dropped_slow = 0;       // QoS 0 to clients that do not read
    std::uint64_t dropped_full = 0;       // QoS 1 and 2 to sessions whose queue was full
    std::uint64_t dropped_expired = 0;
    std::uint64_t dropped_throttled = 0;  // over publishes_per_s_max
    std::uint64_t refused_connects = 0;
    std::uint64_t refused_publishes = 0;
    std::uint64_t refused_subscriptions = 0;
    std::uint64_t connects = 0;
    std::uint64_t disconnects = 0;
  };

  // `uuid` makes session identifiers. The references outlive the core.
  Core(const Settings& settings, const Authority& authority, Retained& retained, Outputs& outputs,
       std::function<std::string()> uuid);
  ~Core();

  // Inputs.
  void connect(ConnectionId id, std::shared_ptr<Outlet> outlet, const net::Peer& peer, mqtt::Connect packet,
               bool assigned_client_id, Authority::Verdict verdict, Now now);
  void receive(ConnectionId id, std::span<const char> bytes, Now now);
  // The peer is gone: without a word, or by a word below MQTT.
  void lost(ConnectionId id, Now now, DisconnectReason reason = DisconnectReason::connection_lost);
  void recorded(ConnectionId id, Now now);
  // A message from another shard for the subscribers here.
  void deliver(const MessagePtr& message, Now now);
  // A message for a member of the group `filter`, with its row of group_rows; false when that client has left meanwhile,
  // or went away.
  bool deliver_shared(const MessagePtr& message, std::uint64_t group_row, std::string_view client_id, std::string_view filter,
                      Now now);
  // A message that begins here: kept if it is to be retained, to the subscribers here and further.
  void publish(const MessagePtr& message, Now now);
  // At least once a second.
  void tick(Now now);
  // Takes over what an earlier process stored; connections it left open end as SERVER_ERROR.
  void restore(StoredClient stored, Now now);
  // How a connection is ended from outside.
  struct Ending {
    DisconnectReason reason;
    mqtt::ReasonCode code;      // what a 5.0 client is told
    bool publish_will = true;
    bool keep_session = true;   // as far as the session outlives connections at all
  };
  // False when that client has no connection.
  bool disconnect(std::string_view client_id, const Ending& ending, Now now);
  // The server goes down: every connection ends as SERVER_INITIATED_DISCONNECT.
  void stop(Now now);

  // For listings and statistics.
  void each_client(const std::function<void(const ClientState&)>& visit) const;
  const Client* find(std::string_view client_id) const;
  const Connection* connection(ConnectionId id) const;  // null when there is none
  std::size_t connection_count() const { return connections_.size(); }
  std::size_t client_count() const { return clients_.size(); }
  std::size_t subscription_count() const { return trie_.size(); }
  std::size_t stored_session_count() const { return stored_sessions_; }
  std::size_t queued_bytes() const { return queued_bytes_; }
  const Counters& counters() const { return counters_; }

 private:
  // What a delivery needs of a subscription, so that it looks at no more memory.
  struct Subscriber {
    Client* client;
    std::uint32_t identifier = 0;
    mqtt::QoS qos{};
    bool no_local = false;
    bool retain_as_published = false;
    friend bool same_owner(const Subscriber& a, const Subscriber& b) { return a.client == b.client; }
  };
  using Route = RouteCache<Subscriber>::Route;
  enum class Outcome { go_on, closed };

  // Connecting and leaving: core_connect.cpp
  const SourcePtr& source_of(Connection& connection);
  Connection& make_connection(ConnectionId id, const net::Peer& peer, mqtt::Connect& packet, Now now);
  void refuse_connect(Outlet& outlet, const mqtt::Connect& packet, const net::Peer& peer,
                      const Authority::Verdict& verdict, Now now);
  std::optional<mqtt::ReasonCode> judge_connect(const mqtt::Connect& packet, const Authority::Verdict& verdict) const;
  bool start_session(Client& client, const mqtt::Connect& packet, Now now);
  std::uint64_t next_version(const Client& client, bool known, Now now) const;
  mqtt::Connack accept(const Connection& connection, const mqtt::Connect& packet, bool present, bool assigned) const;
  void take_over(Client& client, std::vector<LifecycleEvent>& events, Now now);
  void end(Connection& connection, DisconnectReason reason, Now now, bool publish_will = true);
  LifecycleEvent detach(Connection& connection, DisconnectReason reason, Now now, bool publish_will);
  void end_with(Connection& connection, mqtt::ReasonCode code, DisconnectReason reason, Now now);
  void drop_session(Client& client);
  std::int64_t kept_until_ms(const ClientState& client) const;
  void schedule_expiry(Client& client);
  void cancel_expiry(Client& client);
  void expire_clients(Now now);
  bool has_session_ended(const ClientState& client, Now now) const;
  void restore_session(Client& client, StoredClient stored, Now now);
  void restore_connected(Client& client, Now now);
  void watch_keep_alive(Connection& connection, Now now);
  void check_keep_alives(Now now);
  void end_revoked(Now now);
  void record(Record record);

  // Wills: core_wills.cpp
  bool is_will_topic(std::string_view topic, bool retain) const;
  void leave_will(Connection& connection, Now now);
  void leave_stored_will(Client& client, Now now);
  void wait_or_publish(Client& client, PendingWill pending, std::int64_t wait_ms, Now now);
  void wait(Client& client, PendingWill pending);
  void publish_will(Client& client, const PendingWill& pending, Now now);
  void settle_pending_will(Client& client, bool session_goes_on, Now now);
  void publish_due_wills(Now now);

  // Packets: core_packets.cpp
  void process(Connection& connection, std::span<const char> bytes, Now now);
  Outcome process_one(Connection& connection, std::span<const char>& bytes, Now now);
  Outcome handle(Connection& connection, mqtt::Packet& packet, Now now);
  std::optional<Outcome> throttle(Connection& connection, Now now);
  Outcome handle_publish(Connection& connection, mqtt::InboundPublish& packet, Now now);
  Outcome resolve_alias(Connection& connection, mqtt::InboundPublish& packet, Now now);
  std::optional<mqtt::ReasonCode> judge_publish(Connection& connection, const mqtt::InboundPublish& packet) const;
  Outcome refuse_publish(Connection& connection, const mqtt::InboundPublish& packet, mqtt::ReasonCode reason, Now now);
  bool fits_quota(std::string_view topic) const;
  bool is_publishable(std::string_view topic, bool retain) const;
  void accept_publish(Connection& connection, mqtt::InboundPublish& packet, Now now);
  void count_publish(Connection& connection, mqtt::QoS qos, Now now);
  void tell_published(Connection& connection);
  Outcome take_exactly_once(Connection& connection, mqtt::InboundPublish& packet, Now now);
  void handle_pubrel(Connection& connection, std::uint16_t packet_id);
  Outcome handle_disconnect(Connection& connection, const mqtt::Disconnect& packet, Now now);
  // False when the packet is larger than the client takes: it is not sent. MQTT 5.0, 3.1.2-24.
  template <class Packet>
  bool send(const Connection& connection, const Packet& packet);
  // As send(), into another lane of the outlet.
  template <class Packet>
  bool answer(const Connection& connection, const Packet& packet, std::string& lane);

  // Subscriptions: core_subscriptions.cpp
  struct Wanted {  // of the retained messages, by one SUBSCRIBE
    MessagePtr message;
    mqtt::QoS qos;
    std::uint32_t identifier;
  };
  Outcome handle_subscribe(Connection& connection, const mqtt::Subscribe& packet, Now now);
  std::string& lane_of_subscriptions(Connection& connection);
  Outcome handle_unsubscribe(Connection& connection, const mqtt::Unsubscribe& packet, Now now);
  std::optional<mqtt::ReasonCode> judge_subscribe(const mqtt::Subscribe& packet, std::uint32_t identifier) const;
  std::optional<mqtt::ReasonCode> judge_filter(std::string_view filter) const;
  mqtt::ReasonCode subscribe_one(Connection& connection, const mqtt::Subscription& wanted, std::uint32_t identifier,
                                 std::vector<Wanted>& retained, Now now);
  void record_subscriptions(Client& client, LifecycleEvent::Type type, std::vector<std::string> topics, Now now);
  void add_subscription(Client& client, SubscriptionState state);
  void remove_subscription(Client& client, std::string_view filter);
  void tell_groups(const Client& client, Membership membership);

  // What waits for groups: core_groups.cpp
  void give(Client& client, const SubscriptionState& state, const MessagePtr& message, std::uint64_t group_row, Now now);
  bool may_fetch(const Client& client) const;
  void fetch(Client& client, Now now);
  void fetch_behind_suback(Client& client, Now now);
  void fetch_more(Now now);
  bool hand_on(Client& client, Sequence number);
  void hand_on_waiting(Client& client, std::string_view filter);
  void hand_on_session(Client& client);
  void erase_group_row(Delivery& delivery);

  // Delivery: core_delivery.cpp
  const Route& route_of(std::string_view topic);
  void deliver_on(const Route& route, const MessagePtr& message, Now now);
  void deliver_at_most_once(const Route& route, const mqtt::PublishView& message, Connection& from);
  bool may_receive(Connection& connection, std::string_view topic) const;
  void deliver_to(Client& client, Delivery delivery, Now now);
  bool is_full(const Client& client, const Message& message) const;
  void queue(Client& client, Delivery delivery, Now now);
  void send_queued(Client& client, Now now);
  void send_next(Client& client, Now now);
  void resend(Client& client, Now now);
  bool transmit(Connection& connection, const Delivery& delivery, Sequence number, bool dup, Now now);
  bool put(Connection& connection, mqtt::PublishView view, std::uint32_t identifier,
           std::optional<std::uint32_t> expiry_s, std::string& lane);
  void begin_resending(Client& client) const;
  void finish(Client& client, Sequence number);
  void handle_ack(Connection& connection, std::uint16_t packet_id, bool exactly_once, Delivery::State answered, Now now);
  void handle_pubrec(Connection& connection, const mqtt::Pubrec& packet, Now now);
  void release_sources(Client& client);
  void release_stalled(Now now);

  const Settings& settings_;
  const Authority& authority_;
  Retained& retained_;
  Outputs& outputs_;
  std::function<std::string()> uuid_;

  // Clients by their id.
  struct ById {
    using is_transparent = void;
    static std::string_view id(std::string_view client_id) { return client_id; }
    static std::string_view id(const std::unique_ptr<Client>& client) { return client->state.client_id; }
    std::size_t operator()(const auto& a) const { return std::hash<std::string_view>()(id(a)); }
    bool operator()(const auto& a, const auto& b) const { return id(a) == id(b); }
  };
  std::unordered_set<std::unique_ptr<Client>, ById, ById> clients_;
  std::unordered_map<ConnectionId, Connection> connections_;
  TopicTrie<Subscriber> trie_;
  std::uint64_t trie_version_ = 1;
  RouteCache<Subscriber> routes_;
  std::set<std::pair<std::int64_t, Client*>> expiries_;  // by wall clock: clients that are away
  std::multimap<MonoTime, std::string> due_wills_;  // client ids; an entry whose will is gone means nothing
  std::set<std::string> congested_;                 // clients with Session::congested
  std::set<std::string> fetching_;                  // clients that go on with what waits for their groups at the next tick
  std::size_t stored_sessions_ = 0;
  std::size_t queued_bytes_ = 0;                    // of all sessions
  Counters counters_;
  bool stopping_ = false;
  std::vector<std::vector<ConnectionId>> keep_alive_wheel_;  // one bucket a second
  std::int64_t wheel_second_ = -1;
  std::uint64_t rights_revision_ = 0;
};

}  // namespace croft::broker
