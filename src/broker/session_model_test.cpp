// Random lives of a few clients against a simple model of what MQTT promises a session.
//
// The model knows nothing of packet ids, queues or windows: it keeps what each session is owed, and judges what comes.
// A failure prints its seed and the whole sequence.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <optional>
#include <random>
#include <sstream>

#include "broker/core_script.h"
#include "mqtt/topic.h"

namespace croft::broker {

namespace {

using mqtt::QoS;
using mqtt::Version;

// Further seeds: CROFT_SEEDS=5000 croft_broker_test --gtest_filter='SessionModel*'
constexpr int seeds = 300;
constexpr int steps = 400;
constexpr std::uint16_t any_receive_maximum = 65'535;
constexpr std::uint16_t aliases_max = 2;

// A promise was broken.
struct Violation {
  std::string what;
};

// A message that a session is owed.
struct Owed {
  std::string topic, payload;
  QoS qos;
  bool retain;
  bool may_vanish = false;                // unsubscribed before it was sent
  bool after_crash = false;               // waited then: croft does not know any more whether it was sent, and sets DUP
  std::uint16_t packet_id = 0;            // 0 while it was never sent
  std::uint64_t order = 0;                // of its first sending
  ConnectionId sent_on = 0;               // the last connection that saw it
  bool released = false;                  // PUBREC reached the server
  ConnectionId release_sent_on = 0;       // the last connection that saw its PUBREL
  int received = 0;                       // by the client, which drops what a QoS 2 id repeats
};

struct ModelSession {
  Version version;
  std::uint32_t expiry_s = 0;
  std::int64_t left_ms = 0;  // when its connection ended
  std::map<std::string, mqtt::Subscription> subscriptions;
  std::deque<Owed> owed;
};

// A QoS 0 message that is to come at once.
struct Due {
  std::string topic, payload;
  bool retain;
};

// The next answer that a client owes the server.
struct Answer {
  mqtt::PacketType kind;
  std::uint16_t packet_id;
};

// A QoS 2 message that its publisher has not released.
struct Held {
  std::string topic, payload;
};

struct ModelClient {
  std::string id;
  Version version;
  ConnectionId connection = 0;  // 0 = away
  std::string connack;          // that is due when its connect is durable
  std::uint16_t receive_maximum = any_receive_maximum;
  std::optional<ModelSession> session;
  std::vector<Answer> answers;           // to what came on this connection
  std::set<std::uint16_t> received_ids;  // QoS 2, between PUBLISH and PUBREL
  std::map<std::uint16_t, Held> held;
  std::map<std::uint16_t, std::string> aliases;  // that the server gave on this connection
  std::vector<Due> due;                  // in the order of their topic
  std::vector<std::string> replies;      // due now, in this order
};

class Life {
 public:
  explicit Life(std::uint64_t seed) : random_(seed) {
    script_.settings.maximum_qos = QoS::exactly_once;
    script_.settings.retained_to_wildcards = true;
    clients_ = {{.id = "old", .version = Version::v3_1_1},
                {.id = "new", .version = Version::v5},
                {.id = "narrow", .version = Version::v5}};
  }

  void run() {
    for (int i = 0; i < steps; ++i) {
      step();
      observe();
    }
    settle_everything();
  }

  std::string story() const {
    std::ostringstream text;
    for (const std::string& line : story_) text << "  " << line << "\n";
    return text.str();
  }

 private:
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(random_() % bound); }
  bool chance(std::size_t percent) { return below(100) < percent; }
  template <class T>
  T one_of(std::initializer_list<T> choices) {
    return choices.begin()[below(choices.size())];
  }
  void tell(const std::string& line) { story_.push_back(line); }
  void demand(bool kept, const std::string& what) const {
    if (!kept) throw Violation{what};
  }

  void step() {
    ModelClient& client = clients_[below(clients_.size())];
    const std::size_t what = below(100);
    if (what < 3) return crash();
    if (what < 8) return pass(1 + below(40));
    if (!client.connack.empty()) return what < 20 ? lose(client, false) : commit();
    if (!client.connection || what < 14) return connect(client);
    if (what < 17) return disconnect(client);
    if (what < 22) return lose(client, chance(50));
    if (what < 32) return subscribe(client);
    if (what < 37) return unsubscribe(client);
    if (what < 65) return publish(client);
    if (what < 72) return publish_again_or_release(client);
    answer_something(client);
  }

  // Connections.

  void connect(ModelClient& client) {
    const bool clean = chance(20);
    mqtt::Connect packet{.version = client.version, .clean_start = clean, .keep_alive_s = 60, .client_id = client.id};
    std::uint32_t expiry_s = clean ? 0 : 3'600;
    client.receive_maximum = 100;
    if (client.version == Version::v5) {
      expiry_s = one_of<std::uint32_t>({0, 30, 3'600});
      if (client.id == "narrow") client.receive_maximum = one_of<std::uint16_t>({1, 2, 5});
      packet.properties.edit().session_expiry_interval = expiry_s;
      packet.properties.edit().receive_maximum = client.receive_maximum;
      packet.properties.edit().topic_alias_maximum = chance(50) ? aliases_max : std::uint16_t{0};
    }
    enter(client, packet, expiry_s);
    if (chance(75)) commit();
  }

  void enter(ModelClient& client, const mqtt::Connect& packet, std::uint32_t expiry_s) {
    tell(client.id + " connects" + (packet.clean_start ? " clean" : "") + ", expiry " + std::to_string(expiry_s) +
         ", receive maximum " + std::to_string(client.receive_maximum));
    const ConnectionId old = client.connection;
    if (old) leave(client);
    forget_expired();
    const bool present = client.session && !packet.clean_start;
    if (!present) forget(client);
    if (!client.session) client.session = ModelSession{.version = client.version};
    client.session->expiry_s = expiry_s;
    client.connection = script_.begin(packet);
    client.connack = present ? "CONNACK present" : "CONNACK";
    if (old) demand(script_.is_closed(old), "3.1.4: the connection that was taken over is open");
  }

  void commit() {
    tell("everything is durable");
    script_.commit();
    for (ModelClient& client : clients_) {
      if (client.connack.empty()) continue;
      if (client.connection) client.replies.push_back(client.connack);
      client.connack.clear();
    }
  }

  // What the end of a connection does to the session.
  void leave(ModelClient& client) {
    client.connection = 0;
    client.connack.clear();
    client.answers.clear();
    client.aliases.clear();
    client.session->left_ms = script_.now.wall.ms;
    if (client.session->expiry_s == 0) forget(client);
  }

  void forget(ModelClient& client) {
    client.session.reset();
    client.received_ids.clear();
    client.held.clear();
  }

  void forget_expired() {
    for (ModelClient& client : clients_)
      if (!client.connection && client.session &&
          script_.now.wall.ms - client.session->left_ms >= std::int64_t{client.session->expiry_s} * 1000)
        forget(client);
  }

  void disconnect(ModelClient& client) {
    mqtt::Disconnect packet;
    const bool end_session = client.version == Version::v5 && chance(20);
    tell(client.id + " disconnects" + (end_session ? " for good" : ""));
    if (end_session) {
      packet.properties.edit().session_expiry_interval = 0;
      client.session->expiry_s = 0;
    }
    const ConnectionId connection = client.connection;
    script_.send(connection, packet);
    demand(script_.is_closed(connection), "3.14.4: open behind a DISCONNECT");
    leave(client);
  }

  // With `after_answers` the client believes that it has answered what the server never heard.
  void lose(ModelClient& client, bool after_answers) {
    tell(client.id + " is cut off" + (after_answers ? " with its answers" : ""));
    if (after_answers)
      for (const Answer& answer : client.answers)
        if (answer.kind == mqtt::PacketType::pubcomp) client.received_ids.erase(answer.packet_id);
    script_.lose(client.connection);
    leave(client);
  }

  // Sessions that outlive their connections outlive the server too, with all that they hold.
  void crash() {
    commit();
    observe();
    tell("the server dies");
    script_.crash();
    for (ModelClient& client : clients_) {
      if (client.connection) leave(client);
      if (!client.session) continue;
      for (Owed& owed : client.session->owed) owed.after_crash = true;
    }
  }

  void pass(std::size_t seconds) {
    tell(std::to_string(seconds) + " s pass");
    for (ModelClient& client : clients_) {
      if (!client.connection || !client.connack.empty()) continue;
      script_.send(client.connection, mqtt::Pingreq{});
      client.replies.push_back("PINGRESP");
    }
    script_.pass(static_cast<std::int64_t>(seconds));
    forget_expired();
  }

  // Subscriptions.

  void subscribe(ModelClient& client) {
    mqtt::Subscription wanted{.filter = one_of<const char*>({"a", "b", "+", "c/#", "c/+", "#"}),
                              .qos = static_cast<QoS>(below(3))};
    if (client.version == Version::v5) {
      wanted.no_local = chance(20);
      wanted.retain_as_published = chance(30);
      wanted.retain_handling = one_of<std::uint8_t>({0, 0, 1, 2});
    }
    tell(client.id + " subscribes to " + wanted.filter + " with QoS " + std::to_string(static_cast<int>(wanted.qos)) +
         (wanted.no_local ? ", no local" : "") + ", retain handling " + std::to_string(wanted.retain_handling));
    script_.send(client.connection, mqtt::Subscribe{.packet_id = 700, .subscriptions = {wanted}});
    client.replies.push_back("SUBACK 700: " + std::to_string(static_cast<int>(wanted.qos)));
    const bool is_new = client.session->subscriptions.insert_or_assign(wanted.filter, wanted).second;
    if (wanted.retain_handling == 2 || (wanted.retain_handling == 1 && !is_new)) return;
    for (const auto& [topic, kept] : retained_)
      if (mqtt::matches(wanted.filter, topic))
        owe(client, {.topic = topic,
                     .payload = kept.payload,
                     .qos = std::min(kept.qos, wanted.qos),
                     .retain = true});
  }

  void unsubscribe(ModelClient& client) {
    const std::string filter = one_of<const char*>({"a", "b", "+", "c/#", "c/+", "#"});
    tell(client.id + " unsubscribes from " + filter);
    script_.send(client.connection, mqtt::Unsubscribe{.packet_id = 701, .filters = {filter}});
    const bool known = client.session->subscriptions.erase(filter) > 0;
    client.replies.push_back("UNSUBACK 701:" + std::string(client.version == Version::v3_1_1 ? "" : known ? " 0" : " 17"));
    for (Owed& owed : client.session->owed)
      if (owed.packet_id == 0) owed.may_vanish = true;
  }

  // Messages.

  void owe(ModelClient& client, Owed owed) {
    if (owed.qos != QoS::at_most_once) {
      client.session->owed.push_back(std::move(owed));
    } else if (client.connection && client.connack.empty()) {
      client.due.push_back({owed.topic, owed.payload, owed.retain});
    }
  }

  // Several messages in one piece are one turn of the server.
  void publish(ModelClient& client) {
    std::string bytes;
    std::vector<std::uint16_t> to_release;
    for (std::size_t i = chance(30) ? 2 + below(4) : 1; i > 0; --i) {
      const mqtt::Publish packet = next_message(client);
      mqtt::encode(packet, client.version, bytes);
      if (packet.qos == QoS::exactly_once && chance(50)) to_release.push_back(packet.packet_id);
    }
    script_.receive(client.connection, bytes);
    for (std::uint16_t packet_id : to_release) release(client, packet_id);
  }

  mqtt::Publish next_message(ModelClient& client) {
    mqtt::Publish packet{.topic = one_of<const char*>({"a", "a", "b", "c/x", "c/y"}),
                         .qos = static_cast<QoS>(below(3)),
                         .retain = chance(15)};
    if (!packet.retain || !chance(30)) packet.payload = std::to_string(++last_payload_);
    if (packet.qos != QoS::at_most_once)
      do packet.packet_id = static_cast<std::uint16_t>(1 + below(1'000));
      while (client.held.contains(packet.packet_id));
    tell(client.id + " publishes " + words(mqtt::Packet(packet)));
    for (ModelClient& other : clients_) owe_copies(other, packet, client.id);
    if (packet.retain && packet.payload.empty()) retained_.erase(packet.topic);
    if (packet.retain && !packet.payload.empty()) retained_[packet.topic] = {packet.payload, packet.qos};
    if (packet.qos == QoS::at_least_once) client.replies.push_back("PUBACK " + std::to_string(packet.packet_id));
    if (packet.qos == QoS::exactly_once) {
      client.replies.push_back("PUBREC " + std::to_string(packet.packet_id));
      client.held[packet.packet_id] = {packet.topic, packet.payload};
    }
    return packet;
  }

  // One for each matching subscription, as croft reads MQTT 5.0, 3.3.4.
  void owe_copies(ModelClient& client, const mqtt::Publish& packet, const std::string& from) {
    if (!client.session) return;
    for (const auto& [filter, subscription] : client.session->subscriptions) {
      if (!mqtt::matches(filter, packet.topic) || (subscription.no_local && client.id == from)) continue;
      owe(client, {.topic = packet.topic,
                   .payload = packet.payload,
                   .qos = std::min(packet.qos, subscription.qos),
                   .retain = packet.retain && subscription.retain_as_published});
    }
  }

  void publish_again_or_release(ModelClient& client) {
    if (client.held.empty()) return;
    const auto found = std::next(client.held.begin(), static_cast<std::ptrdiff_t>(below(client.held.size())));
    const std::uint16_t packet_id = found->first;
    if (chance(50)) return release(client, packet_id);
    tell(client.id + " publishes '" + found->second.payload + "' again");
    script_.send(client.connection, mqtt::Publish{.topic = found->second.topic,
                                                  .payload = found->second.payload,
                                                  .qos = QoS::exactly_once,
                                                  .dup = true,
                                                  .packet_id = packet_id});
    client.replies.push_back("PUBREC " + std::to_string(packet_id));
  }

  void release(ModelClient& client, std::uint16_t packet_id) {
    tell(client.id + " releases " + std::to_string(packet_id));
    script_.send(client.connection, mqtt::Pubrel{.packet_id = packet_id});
    client.replies.push_back("PUBCOMP " + std::to_string(packet_id));
    client.held.erase(packet_id);
  }

  void answer_something(ModelClient& client) {
    if (client.answers.empty()) return;
    const auto chosen = client.answers.begin() + static_cast<std::ptrdiff_t>(below(client.answers.size()));
    const Answer answer = *chosen;
    client.answers.erase(chosen);
    give(client, answer);
  }

  void give(ModelClient& client, Answer answer) {
    tell(client.id + " answers " + std::to_string(answer.packet_id) + " with packet " +
         std::to_string(static_cast<int>(answer.kind)));
    Owed* owed = in_flight(client, answer.packet_id);
    if (answer.kind == mqtt::PacketType::pubrec) {
      demand(owed, "the model lost a message");
      owed->released = true;
      script_.send(client.connection, mqtt::Pubrec{.packet_id = answer.packet_id});
      return;
    }
    if (owed) finish(client, *owed);
    if (answer.kind == mqtt::PacketType::puback) {
      script_.send(client.connection, mqtt::Puback{.packet_id = answer.packet_id});
    } else {
      script_.send(client.connection, mqtt::Pubcomp{.packet_id = answer.packet_id});
    }
  }

  void finish(ModelClient& client, const Owed& owed) {
    const bool once = owed.received == 1 || (owed.received > 1 && owed.qos == QoS::at_least_once);
    demand(once,
           "4.3: " + client.id + " received '" + owed.payload + "' " + std::to_string(owed.received) + " times");
    std::erase_if(client.session->owed, [&](const Owed& other) { return &other == &owed; });
  }

  Owed* in_flight(ModelClient& client, std::uint16_t packet_id) {
    for (Owed& owed : client.session->owed)
      if (owed.packet_id == packet_id) return &owed;
    return nullptr;
  }

  // What the server did.

  void observe() {
    for (ModelClient& client : clients_) {
      if (!client.connection) {
        client.due.clear();
        client.replies.clear();
        continue;
      }
      demand(!script_.is_closed(client.connection), client.id + " was closed");
      std::vector<std::string> replies;
      for (const mqtt::Packet& packet : script_.packets(client.connection)) {
        if (auto* publish = std::get_if<mqtt::Publish>(&packet)) {
          receive(client, without_alias(client, *publish));
        } else if (auto* pubrel = std::get_if<mqtt::Pubrel>(&packet)) {
          receive(client, *pubrel);
        } else {
          replies.push_back(words(packet));
        }
      }
      demand(replies == client.replies, client.id + " was answered " + testing::PrintToString(replies) + " and not " +
                                            testing::PrintToString(client.replies));
      client.replies.clear();
      demand(client.due.empty(), client.id + " did not get '" + (client.due.empty() ? "" : client.due.front().payload) + "'");
      check_window(client);
      for (const Owed& owed : client.session->owed)
        demand(!owed.released || owed.release_sent_on == client.connection || owed.sent_on != client.connection,
               "4.3.3: no PUBREL for '" + owed.payload + "'");
    }
  }

  mqtt::Publish without_alias(ModelClient& client, mqtt::Publish packet) {
    const mqtt::PropertyBlock* properties = packet.properties.get();
    if (!properties || !properties->topic_alias) return packet;
    std::string& topic = client.aliases[*properties->topic_alias];
    if (!packet.topic.empty()) topic = packet.topic;
    demand(!topic.empty(), "3.3.2: " + client.id + " was never told alias " + std::to_string(*properties->topic_alias));
    packet.topic = topic;
    return packet;
  }

  void receive(ModelClient& client, const mqtt::Publish& packet) {
    tell("    " + client.id + " gets " + words(mqtt::Packet(packet)));
    if (packet.qos == QoS::at_most_once) return take_due(client, packet);
    Owed& owed = packet.dup ? repeated(client, packet) : fresh(client, packet);
    owed.sent_on = client.connection;
    const bool is_message = packet.qos == QoS::at_least_once || client.received_ids.insert(packet.packet_id).second;
    if (is_message) ++owed.received;
    const auto kind = packet.qos == QoS::at_least_once ? mqtt::PacketType::puback : mqtt::PacketType::pubrec;
    client.answers.push_back({kind, packet.packet_id});
  }

  void take_due(ModelClient& client, const mqtt::Publish& packet) {
    const auto of_topic = [&](const Due& due) { return due.topic == packet.topic; };
    const auto first = std::find_if(client.due.begin(), client.due.end(), of_topic);
    demand(first != client.due.end() && first->payload == packet.payload,
           client.id + " is not owed " + words(mqtt::Packet(packet)) + " now");
    const auto found = std::find_if(first, client.due.end(), [&](const Due& due) {
      return of_topic(due) && due.payload == packet.payload && due.retain == packet.retain;
    });
    demand(found != client.due.end(), "3.3.1: RETAIN of " + words(mqtt::Packet(packet)));
    client.due.erase(found);
  }

  static bool is_same(const Owed& owed, const mqtt::Publish& packet) {
    return owed.topic == packet.topic && owed.payload == packet.payload && owed.qos == packet.qos && owed.retain == packet.retain;
  }

  Owed& repeated(ModelClient& client, const mqtt::Publish& packet) {
    const std::string what = "'" + packet.payload + "' to " + client.id;
    Owed* owed = in_flight(client, packet.packet_id);
    if (!owed) return fresh(client, packet);
    demand(is_same(*owed, packet), "4.4: a repeated " + what + " that was not in flight");
    demand(owed->sent_on != client.connection, "4.4: " + what + " sent twice on one connection");
    demand(!owed->released, "4.3.3: " + what + " sent again behind its PUBREL");
    for (const Owed& other : client.session->owed) {
      const bool is_earlier =
          other.packet_id != 0 && other.order < owed->order && other.topic == owed->topic && other.qos == owed->qos;
      demand(!is_earlier || other.released || other.sent_on == client.connection, "4.6: " + what + " repeated out of order");
    }
    return *owed;
  }

  Owed& fresh(ModelClient& client, const mqtt::Publish& packet) {
    const std::string what = "'" + packet.payload + "' to " + client.id;
    demand(packet.packet_id != 0 && !in_flight(client, packet.packet_id), "2.2.1: " + what + " with a packet id in use");
    for (Owed& owed : client.session->owed) {
      const bool waits = owed.packet_id == 0;
      if (waits && is_same(owed, packet)) {
        demand(!packet.dup || owed.after_crash, "3.3.1: " + what + " is marked as repeated the first time");
        owed.packet_id = packet.packet_id;
        owed.order = ++last_order_;
        return owed;
      }
      const bool same_order = owed.topic == packet.topic && owed.qos == packet.qos && !owed.may_vanish;
      demand(!same_order || (!waits && owed.sent_on == client.connection) || owed.released,
             "4.6: " + what + " overtook '" + owed.payload + "'");
    }
    throw Violation{client.id + " is not owed " + words(mqtt::Packet(packet))};
  }

  void receive(ModelClient& client, const mqtt::Pubrel& packet) {
    tell("    " + client.id + " gets PUBREL " + std::to_string(packet.packet_id));
    Owed* owed = in_flight(client, packet.packet_id);
    demand(owed, "4.3.3: PUBREL of an unknown message");
    demand(owed->released, "4.3.3: PUBREL before PUBREC");
    demand(owed->release_sent_on != client.connection, "4.4: PUBREL twice on one connection");
    owed->release_sent_on = owed->sent_on = client.connection;
    client.received_ids.erase(packet.packet_id);
    client.answers.push_back({mqtt::PacketType::pubcomp, packet.packet_id});
  }

  void check_window(const ModelClient& client) const {
    const auto open = std::count_if(client.session->owed.begin(), client.session->owed.end(), [&](const Owed& owed) {
      return owed.packet_id != 0 && owed.sent_on == client.connection;
    });
    demand(open <= client.receive_maximum, "4.9: more than " + client.id + "'s receive maximum is open");
  }

  // Everybody comes back and answers everything: nothing that is owed stays away.
  void settle_everything() {
    commit();
    observe();
    for (ModelClient& client : clients_) {
      forget_expired();
      if (!client.connection) {
        client.receive_maximum = 3;
        mqtt::Connect packet{
            .version = client.version, .clean_start = false, .keep_alive_s = 60, .client_id = client.id};
        if (client.version == Version::v5) {
          packet.properties.edit().session_expiry_interval = 60;
          packet.properties.edit().receive_maximum = client.receive_maximum;
        } else {
          client.receive_maximum = 100;
        }
        enter(client, packet, client.version == Version::v5 ? 60 : 3'600);
        commit();
        observe();
      }
      while (!client.answers.empty()) {
        answer_something(client);
        observe();
      }
      for (const Owed& owed : client.session->owed)
        demand(owed.may_vanish, client.id + " never got '" + owed.payload + "'");
    }
  }

  struct Kept {
    std::string payload;
    QoS qos;
  };

  std::mt19937_64 random_;
  Script script_;
  std::vector<ModelClient> clients_;
  std::map<std::string, Kept> retained_;
  std::vector<std::string> story_;
  std::uint64_t last_order_ = 0;
  int last_payload_ = 0;
};

}  // namespace

TEST(SessionModel, RandomLivesKeepEveryPromise) {
  const char* wish = std::getenv("CROFT_SEEDS");
  const int last = wish ? std::atoi(wish) : seeds;
  for (int seed = 0; seed < last; ++seed) {
    Life life(static_cast<std::uint64_t>(seed));
    try {
      life.run();
    } catch (const Violation& violation) {
      FAIL() << "seed " << seed << ": " << violation.what << "\n" << life.story();
    }
  }
}

// MQTT 5.0, 3.3.2.3.4: the PUBLISH that names the topic waits until its QoS 2 message is durable, those behind it do not.
TEST(SessionModel, AnAliasIsToldBeforeItIsUsed) {
  Script script;
  script.settings.maximum_qos = QoS::exactly_once;
  mqtt::Connect hello = resume_v5("alice", 600);
  hello.properties.edit().topic_alias_maximum = 1;
  const ConnectionId alice = script.connect(hello), bob = script.connect(connect_v3("bob"));
  script.subscribe(alice, "a", QoS::exactly_once);
  std::string bytes;
  mqtt::encode(mqtt::Publish{.topic = "a", .payload = "1", .qos = QoS::exactly_once, .packet_id = 1}, Version::v3_1_1, bytes);
  mqtt::encode(mqtt::Publish{.topic = "a", .payload = "2"}, Version::v3_1_1, bytes);

  script.receive(bob, bytes);

  const std::vector<mqtt::Packet> packets = script.packets(alice);
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_EQ(std::get<mqtt::Publish>(packets[0]).topic, "a");
}

}  // namespace croft::broker
