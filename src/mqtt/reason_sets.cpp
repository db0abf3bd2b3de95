#include "mqtt/reason_sets.h"

#include <array>
#include <initializer_list>

#include "mqtt/encoder.h"

namespace croft::mqtt {

namespace {

// A bit for each of the 256 codes.
class ReasonSet {
 public:
  constexpr ReasonSet(std::initializer_list<std::uint8_t> codes) {
    for (const std::uint8_t code : codes) bits_[code / 64] |= std::uint64_t{1} << code % 64;
  }
  constexpr bool has(std::uint8_t code) const { return (bits_[code / 64] >> code % 64 & 1) != 0; }

 private:
  std::array<std::uint64_t, 4> bits_{};
};

constexpr ReasonSet of_connack = {0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
                                  0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9F};
constexpr ReasonSet of_publish_answer = {0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99};
constexpr ReasonSet of_release = {0x00, 0x92};
constexpr ReasonSet of_suback = {0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2};
constexpr ReasonSet of_unsuback = {0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91};
constexpr ReasonSet of_disconnect = {0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8D,
                                     0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
                                     0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2};
constexpr ReasonSet of_auth = {0x00, 0x18, 0x19};

}  // namespace

bool is_reason_of(PacketType type, std::uint8_t code) {
  switch (type) {
    case PacketType::connack:
      return of_connack.has(code);
    case PacketType::puback:
    case PacketType::pubrec:
      return of_publish_answer.has(code);
    case PacketType::pubrel:
    case PacketType::pubcomp:
      return of_release.has(code);
    case PacketType::suback:
      return of_suback.has(code);
    case PacketType::unsuback:
      return of_unsuback.has(code);
    case PacketType::disconnect:
      return of_disconnect.has(code);
    case PacketType::auth:
      return of_auth.has(code);
    default:
      return false;
  }
}

std::optional<ReasonCode> from_return_code(std::uint8_t code) {
  switch (code) {
    case 0:
      return ReasonCode::success;
    case 1:
      return ReasonCode::unsupported_protocol_version;
    case 2:
      return ReasonCode::client_identifier_not_valid;
    case 3:
      return ReasonCode::server_unavailable;
    case 4:
      return ReasonCode::bad_user_name_or_password;
    case 5:
      return ReasonCode::not_authorized;
    default:
      return std::nullopt;
  }
}

bool has_return_code(ReasonCode reason) {
  return to_return_code(reason) != 3 || reason == ReasonCode::server_unavailable || reason == ReasonCode::server_busy ||
         reason == ReasonCode::quota_exceeded;
}

std::uint8_t to_return_code(ReasonCode reason) {
  switch (reason) {
    case ReasonCode::success:
      return 0;
    case ReasonCode::unsupported_protocol_version:
      return 1;
    case ReasonCode::client_identifier_not_valid:
      return 2;
    case ReasonCode::bad_user_name_or_password:
      return 4;
    case ReasonCode::not_authorized:
    case ReasonCode::banned:
    case ReasonCode::bad_authentication_method:
      return 5;
    default:
      return 3;
  }
}

}  // namespace croft::mqtt
