#include "identity/password_hash.h"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "text/digest.h"
#include "text/encoding.h"
#include "types/assert.h"

namespace croft::identity {

namespace {

constexpr std::size_t salt_bytes = 16, hash_bytes = 32;
// Of a stored hash: a row that was damaged must not take all memory.
constexpr unsigned log_n_max = 20, r_max = 32, p_max = 16;
constexpr std::size_t kept_bytes_max = 64;  // of a salt or a hash

struct StoredHash {
  ScryptCost cost;
  std::string salt, hash;
};

std::string_view next_part(std::string_view& text) {
  const std::size_t end = std::min(text.find('$'), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

bool read_number(std::string_view text, unsigned& number) {
  return !text.empty() && std::from_chars(text.data(), text.data() + text.size(), number).ptr == text.data() + text.size();
}

std::optional<StoredHash> read_hash(std::string_view text) {
  StoredHash stored;
  if (std::count(text.begin(), text.end(), '$') != 5 || next_part(text) != "scrypt") return std::nullopt;
  for (unsigned* number : {&stored.cost.log_n, &stored.cost.r, &stored.cost.p})
    if (!read_number(next_part(text), *number)) return std::nullopt;
  const auto salt = text::from_base64(next_part(text)), hash = text::from_base64(next_part(text));
  if (!text.empty() || !salt || !hash || salt->empty() || hash->size() < 16) return std::nullopt;
  if (salt->size() > kept_bytes_max || hash->size() > kept_bytes_max) return std::nullopt;
  stored.salt = *salt;
  stored.hash = *hash;
  return stored;
}

std::string text_of(ScryptCost cost, std::string_view salt, std::string_view hash) {
  return "scrypt$" + std::to_string(cost.log_n) + '$' + std::to_string(cost.r) + '$' + std::to_string(cost.p) + '$' +
         text::base64(salt) + '$' + text::base64(hash);
}

}  // namespace

std::string scrypt(std::string_view password, std::string_view salt, ScryptCost cost, std::size_t bytes) {
  const bool is_sane =
      cost.log_n >= 1 && cost.log_n <= log_n_max && cost.r >= 1 && cost.r <= r_max && cost.p >= 1 && cost.p <= p_max;
  if (!is_sane) return "";
  const std::uint64_t n = std::uint64_t{1} << cost.log_n;
  const std::uint64_t memory =
      128 * std::uint64_t{cost.r} * (n + cost.p + 2) + 65'536;  // OpenSSL takes 32 MB unless it is told
  std::string out(bytes, '\0');
  const int made =
      EVP_PBE_scrypt(password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), n,
                     cost.r, cost.p, memory, reinterpret_cast<unsigned char*>(out.data()), out.size());
  return made == 1 ? out : "";
}

std::string hash_password(std::string_view password, ScryptCost cost) {
  const std::string salt = text::random_bytes(salt_bytes);
  const std::string hash = scrypt(password, salt, cost, hash_bytes);
  CROFT_ASSERT(!hash.empty());
  return text_of(cost, salt, hash);
}

std::string hash_of_nobody() { return text_of({}, text::random_bytes(salt_bytes), text::random_bytes(hash_bytes)); }

bool is_password(std::string_view password, std::string_view stored) {
  const std::optional<StoredHash> wanted = read_hash(stored);
  if (!wanted) return false;
  const std::string made = scrypt(password, wanted->salt, wanted->cost, wanted->hash.size());
  return !made.empty() && text::equal_in_constant_time(made, wanted->hash);
}

}  // namespace croft::identity
