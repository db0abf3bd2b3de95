#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "mqtt/encoder.h"
#include "types/shared_bytes.h"
#include "types/timestamp.h"

namespace croft::broker {

// A published message, immutable and shared by everything that receives it on any thread. The payload is stored once;
// the bytes on the wire are built once for each protocol version and QoS, on first use.
class Message {
 public:
  struct Content {
    std::string topic;
    SharedBytes payload{};
    mqtt::QoS qos = mqtt::QoS::at_most_once;
    bool retain = false;
    mqtt::Properties properties{};
    std::optional<Timestamp> expires_at{};  // from Message Expiry Interval
    // Who published it; what rules see. "" for messages of the service itself.
    std::string client_id{};
    std::string principal{};
    std::string source_ip{};
    unsigned republish_hops = 0;  // how many rules it came through
  };
  explicit Message(Content content) : content_(std::move(content)) {}

  const Content* operator->() const { return &content_; }
  const Content& content() const { return content_; }

  // The PUBLISH for a receiver with this version and QoS, RETAIN 0.
  const mqtt::PublishWire& wire(mqtt::Version version, mqtt::QoS qos) const;
  mqtt::PublishView view(mqtt::QoS qos, bool retain) const;

 private:
  struct Wire {
    std::once_flag built;
    mqtt::PublishWire form;
  };
  Content content_;
  mutable std::array<Wire, 6> wires_;
};

using MessagePtr = std::shared_ptr<const Message>;

// What limits count of a message.
inline std::size_t bytes_of(const Message& message) { return message->payload.size() + message->topic.size(); }

// When a message published at `at` with these properties expires; nothing without a Message Expiry Interval.
std::optional<Timestamp> expiry_of(const mqtt::Properties& properties, Timestamp at);

inline MessagePtr make_message(Message::Content content) { return std::make_shared<const Message>(std::move(content)); }

}  // namespace croft::broker
