// Digests and random identifiers (OpenSSL behind them).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace croft::text {

// Raw bytes: 32 for sha256, 16 for md5; text::hex() makes them readable.
std::string sha256(std::string_view bytes);
std::string md5(std::string_view bytes);
std::string hmac_sha256(std::string_view key, std::string_view bytes);

// A key that signs many texts: its own part of the work is done once. Wiped when it goes.
//
// Threads: any, once made.
class HmacSha256Key {
 public:
  explicit HmacSha256Key(std::string_view key);
  HmacSha256Key(const HmacSha256Key&) = delete;
  HmacSha256Key& operator=(const HmacSha256Key&) = delete;
  ~HmacSha256Key();
  std::string of(std::string_view bytes) const;

  static constexpr std::size_t state_bytes = 256;

 private:
  alignas(std::max_align_t) unsigned char state_[state_bytes];
};

// Any digest OpenSSL knows by name ("sha1", "sha224", "sha384", "sha512"); "" when it does not.
std::string digest(const char* algorithm, std::string_view bytes);

// CRC-32 (IEEE), as in x-amz-crc32.
std::uint32_t crc32(std::string_view bytes);

// Equal in time that does not depend on where they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

// From the operating system's generator. Simulations pass their own source of randomness instead.
std::string random_bytes(std::size_t count);
std::string random_uuid();  // 8-4-4-4-12 lower-case hex, version 4
// A version 4 UUID from 16 given bytes.
std::string uuid_from(std::string_view sixteen_bytes);

}  // namespace croft::text
