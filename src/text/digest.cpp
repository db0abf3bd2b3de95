#include "text/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <zlib.h>

#include "text/encoding.h"
#include "types/assert.h"

namespace croft::text {

static std::string digest_with(const EVP_MD* algorithm, std::string_view bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  CROFT_ASSERT(EVP_Digest(bytes.data(), bytes.size(), out, &length, algorithm, nullptr) == 1);
  return {reinterpret_cast<char*>(out), length};
}

std::string sha256(std::string_view bytes) { return digest_with(EVP_sha256(), bytes); }
std::string md5(std::string_view bytes) { return digest_with(EVP_md5(), bytes); }

std::string digest(const char* algorithm, std::string_view bytes) {
  const EVP_MD* md = EVP_get_digestbyname(algorithm);
  return md ? digest_with(md, bytes) : std::string();
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(bytes.data()),
       bytes.size(), out, &length);
  return {reinterpret_cast<char*>(out), length};
}

std::uint32_t crc32(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()));
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  CROFT_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) == 1);
  return out;
}

std::string uuid_from(std::string_view sixteen_bytes) {
  CROFT_ASSERT(sixteen_bytes.size() == 16);
  std::string raw(sixteen_bytes);
  raw[6] = static_cast<char>((raw[6] & 0x0F) | 0x40);
  raw[8] = static_cast<char>((raw[8] & 0x3F) | 0x80);
  std::string text = hex(raw);
  for (std::size_t at : {8, 13, 18, 23}) text.insert(at, 1, '-');
  return text;
}

std::string random_uuid() { return uuid_from(random_bytes(16)); }

}  // namespace croft::text
