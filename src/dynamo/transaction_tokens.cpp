#include "dynamo/transaction_tokens.h"

#include <cstring>

#include "dynamo/key.h"
#include "dynamo/limits.h"

namespace croft::dynamo {

namespace {

constexpr std::size_t number_bytes = 8;

void append_big_endian(std::string& out, std::int64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(static_cast<std::uint64_t>(number) >> shift);
}

std::int64_t big_endian(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char byte : bytes.substr(0, number_bytes)) number = number << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(number);
}

std::int64_t part_of(Timestamp time) { return time.ms / limits::transaction_token_ms; }

std::string key_of(std::int64_t part, std::string_view token) {
  std::string key = table_prefix(0);
  append_big_endian(key, part);
  return key.append(token);
}

}  // namespace

std::optional<std::string> TransactionTokens::find(const Store& store, std::string_view token, Timestamp now) const {
  for (const std::int64_t part : {part_of(now), part_of(now) - 1}) {
    const std::optional<std::string> row = store.get(Family::indexes, key_of(part, token));
    if (!row || row->size() < number_bytes) continue;
    const std::int64_t age = now.ms - big_endian(*row);
    if (age < limits::transaction_token_ms) return row->substr(number_bytes);
  }
  return std::nullopt;
}

void TransactionTokens::remember(Batch& batch, std::string_view token, std::string_view fingerprint, Timestamp now) {
  std::string row;
  append_big_endian(row, now.ms);
  batch.put(Family::indexes, key_of(part_of(now), token), row.append(fingerprint));
  const std::int64_t oldest = part_of(now) - 1;
  if (erased_below_.exchange(oldest, std::memory_order_relaxed) >= oldest) return;
  batch.erase_range(Family::indexes, key_of(0, {}), key_of(oldest, {}));
}

std::string TransactionTokens::lock_key(std::string_view token) { return key_of(0, token); }

}  // namespace croft::dynamo
