// The properties of MQTT 5.0, 2.2.2: optional facts beside a packet. MQTT 3.1.1 packets have none.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace croft::mqtt {

// Every property there is; which of them a packet may carry is checked by the decoder, and the encoder leaves out
// those that the packet cannot carry. The order of user properties is kept.
struct PropertyBlock {
  // The message: PUBLISH and will.
  std::optional<std::uint8_t> payload_format_indicator;  // 0 bytes, 1 UTF-8
  std::optional<std::uint32_t> message_expiry_interval;  // seconds
  std::optional<std::string> content_type;
  std::optional<std::string> response_topic;  // free of wildcards
  std::optional<std::string> correlation_data;
  std::optional<std::uint16_t> topic_alias;             // PUBLISH only; never 0
  std::vector<std::uint32_t> subscription_identifiers;  // SUBSCRIBE: at most one; PUBLISH to a client: any number
  std::optional<std::uint32_t> will_delay_interval;     // will only; seconds

  // The session: CONNECT, CONNACK, DISCONNECT.
  std::optional<std::uint32_t> session_expiry_interval;  // seconds; 0xFFFFFFFF: never
  std::optional<std::uint16_t> receive_maximum;          // never 0
  std::optional<std::uint32_t> maximum_packet_size;      // never 0
  std::optional<std::uint16_t> topic_alias_maximum;
  std::optional<bool> request_problem_information;
  std::optional<bool> request_response_information;

  // What the server tells: CONNACK, and server_reference in DISCONNECT.
  std::optional<std::string> assigned_client_identifier;
  std::optional<std::uint16_t> server_keep_alive;  // seconds
  std::optional<std::uint8_t> maximum_qos;         // 0 or 1
  std::optional<bool> retain_available;
  std::optional<bool> wildcard_subscription_available;
  std::optional<bool> subscription_identifier_available;
  std::optional<bool> shared_subscription_available;
  std::optional<std::string> response_information;
  std::optional<std::string> server_reference;

  // Enhanced authentication: CONNECT, CONNACK, AUTH.
  std::optional<std::string> authentication_method;
  std::optional<std::string> authentication_data;

  // Any answer, and any packet.
  std::optional<std::string> reason_string;
  std::vector<std::pair<std::string, std::string>> user_properties;

  friend bool operator==(const PropertyBlock&, const PropertyBlock&) = default;
};

// A PropertyBlock that costs one pointer while absent, as in most packets. A value: copied deeply, compared by
// content, an absent block being equal to an empty one.
class Properties {
 public:
  Properties() = default;
  Properties(const Properties& other) : block_(copy_of(other)) {}
  Properties(Properties&&) noexcept = default;
  Properties& operator=(const Properties& other) {
    if (this != &other) block_ = copy_of(other);
    return *this;
  }
  Properties& operator=(Properties&&) noexcept = default;

  // Null when absent.
  const PropertyBlock* get() const { return block_.get(); }
  explicit operator bool() const { return block_ != nullptr; }

  // Made on first use.
  PropertyBlock& edit() {
    if (!block_) block_ = std::make_unique<PropertyBlock>();
    return *block_;
  }
  void clear() { block_.reset(); }

  friend bool operator==(const Properties& a, const Properties& b);

 private:
  static std::unique_ptr<PropertyBlock> copy_of(const Properties& other) {
    return other.block_ ? std::make_unique<PropertyBlock>(*other.block_) : nullptr;
  }

  std::unique_ptr<PropertyBlock> block_;
};

static_assert(sizeof(Properties) <= 8);

}  // namespace croft::mqtt
