#pragma once

#include <atomic>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "broker/settings.h"
#include "broker/source.h"
#include "mqtt/encoder.h"
#include "observe/trace_id.h"
#include "types/timestamp.h"

namespace croft::broker {

class Message;
using MessagePtr = boost::intrusive_ptr<const Message>;

// A published message, immutable and shared by everything that receives it on any thread. One piece of memory holds it
// all but its MQTT 5 properties.
class Message {
 public:
  // What make_message() copies.
  struct Content {
    std::string_view topic;
    std::string_view payload{};
    mqtt::QoS qos = mqtt::QoS::at_most_once;
    bool retain = false;
    mqtt::Properties properties{};
    std::optional<Timestamp> expires_at{};  // from Message Expiry Interval
    SourcePtr source = the_service();       // who published it; what rules see
    unsigned republish_hops = 0;            // how many rules it came through
    bool will = false;                      // of a client, as it was set: the service of device shadows takes none
    Timestamp published_at{};               // 0: not told
    trace::Id trace{};                      // of a lifecycle event, and of what rules made of it
  };

  std::string_view topic() const { return {text(), topic_bytes_}; }
  std::string_view payload() const { return {text() + topic_bytes_, payload_bytes_}; }
  mqtt::QoS qos() const { return qos_; }
  bool retain() const { return retain_; }
  const mqtt::Properties& properties() const { return properties_; }
  const std::optional<Timestamp>& expires_at() const { return expires_at_; }
  bool has_expired(Timestamp now) const { return expires_at_ && *expires_at_ <= now; }
  const SourcePtr& source() const { return source_; }
  const std::string& client_id() const { return source_->client_id; }
  unsigned republish_hops() const { return republish_hops_; }
  bool is_will() const { return will_; }
  Timestamp published_at() const { return published_at_; }
  const trace::Id& trace() const { return trace_; }
  // What limits count of it.
  std::size_t bytes() const { return topic_bytes_ + payload_bytes_; }

  // The PUBLISH for a receiver, without a packet id.
  mqtt::PublishView view(mqtt::QoS qos, bool retain) const {
    return {.topic = topic(), .payload = payload(), .qos = qos, .retain = retain, .properties = &properties_};
  }

  friend MessagePtr make_message(Content content);
  friend void intrusive_ptr_add_ref(const Message* message) { message->owners_.fetch_add(1, std::memory_order_relaxed); }
  friend void intrusive_ptr_release(const Message* message) {
    if (message->owners_.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(message);
  }

 private:
  explicit Message(Content& content);
  static void destroy(const Message* message);
  const char* text() const { return reinterpret_cast<const char*>(this + 1); }  // topic and payload lie behind the object

  mutable std::atomic<std::uint32_t> owners_{0};
  std::uint32_t topic_bytes_;
  std::uint32_t payload_bytes_;
  mqtt::QoS qos_;
  bool retain_;
  bool will_;
  unsigned republish_hops_;
  mqtt::Properties properties_;
  std::optional<Timestamp> expires_at_;
  SourcePtr source_;
  Timestamp published_at_;
  trace::Id trace_;
};

MessagePtr make_message(Message::Content content);

// When a message published at `at` with these properties expires; nothing without a Message Expiry Interval.
std::optional<Timestamp> expiry_of(const mqtt::Properties& properties, Timestamp at, const Settings& settings);

}  // namespace croft::broker
