// The plain functions of SHA-256: OpenSSL's newer interface looks its algorithm up for each digest, which costs more than the
// digest of a request.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "text/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <zlib.h>

#include <array>
#include <cstring>

#include "text/encoding.h"
#include "types/assert.h"

namespace croft::text {

static std::string digest_with(const EVP_MD* algorithm, std::string_view bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  CROFT_ASSERT(EVP_Digest(bytes.data(), bytes.size(), out, &length, algorithm, nullptr) == 1);
  return {reinterpret_cast<char*>(out), length};
}

std::string sha256(std::string_view bytes) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  SHA256_Final(reinterpret_cast<unsigned char*>(out.data()), &context);
  return out;
}

std::string md5(std::string_view bytes) { return digest_with(EVP_md5(), bytes); }

std::string digest(const char* algorithm, std::string_view bytes) {
  const EVP_MD* md = EVP_get_digestbyname(algorithm);
  return md ? digest_with(md, bytes) : std::string();
}

namespace {

// Both passes of HMAC, with the key already taken in. Source: RFC 2104.
struct HmacState {
  SHA256_CTX inner, outer;
};
static_assert(sizeof(HmacState) <= HmacSha256Key::state_bytes);

void take_key(HmacState& state, std::string_view key) {
  std::array<unsigned char, SHA256_CBLOCK> block{};
  const std::string shortened = key.size() > block.size() ? sha256(key) : std::string();
  const std::string_view used = shortened.empty() ? key : std::string_view(shortened);
  std::memcpy(block.data(), used.data(), used.size());
  for (unsigned char& byte : block) byte ^= 0x36;
  SHA256_Init(&state.inner);
  SHA256_Update(&state.inner, block.data(), block.size());
  for (unsigned char& byte : block) byte ^= 0x36 ^ 0x5c;
  SHA256_Init(&state.outer);
  SHA256_Update(&state.outer, block.data(), block.size());
  OPENSSL_cleanse(block.data(), block.size());
}

}  // namespace

HmacSha256Key::HmacSha256Key(std::string_view key) { take_key(*new (state_) HmacState, key); }

HmacSha256Key::~HmacSha256Key() { OPENSSL_cleanse(state_, sizeof state_); }

std::string HmacSha256Key::of(std::string_view bytes) const {
  HmacState state;
  std::memcpy(&state, state_, sizeof state);
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  unsigned char* digest = reinterpret_cast<unsigned char*>(out.data());
  SHA256_Update(&state.inner, bytes.data(), bytes.size());
  SHA256_Final(digest, &state.inner);
  SHA256_Update(&state.outer, digest, out.size());
  SHA256_Final(digest, &state.outer);
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) { return HmacSha256Key(key).of(bytes); }

std::uint32_t crc32(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// A draw from OpenSSL's generator costs as much as a whole kilobyte of it: small ones are cut from a block.
static std::string cut_from_block(std::size_t count) {
  thread_local std::array<unsigned char, 1024> block;
  thread_local std::size_t used = block.size();
  if (used + count > block.size()) {
    CROFT_ASSERT(RAND_bytes(block.data(), static_cast<int>(block.size())) == 1);
    used = 0;
  }
  std::string out(reinterpret_cast<char*>(block.data() + used), count);
  OPENSSL_cleanse(block.data() + used, count);
  used += count;
  return out;
}

std::string random_bytes(std::size_t count) {
  if (count <= 64) return cut_from_block(count);
  std::string out(count, '\0');
  CROFT_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) == 1);
  return out;
}

std::string uuid_from(std::string_view sixteen_bytes) {
  CROFT_ASSERT(sixteen_bytes.size() == 16);
  std::string raw(sixteen_bytes);
  raw[6] = static_cast<char>((raw[6] & 0x0F) | 0x40);
  raw[8] = static_cast<char>((raw[8] & 0x3F) | 0x80);
  const std::string digits = hex(raw);
  std::string text;
  text.reserve(36);
  std::size_t at = 0;
  for (std::size_t length : {8, 4, 4, 4, 12}) {
    if (at > 0) text += '-';
    text.append(digits, at, length);
    at += length;
  }
  return text;
}

std::string random_uuid() { return uuid_from(random_bytes(16)); }

}  // namespace croft::text
