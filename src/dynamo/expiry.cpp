#include "dynamo/expiry.h"

#include <charconv>

#include "dynamo/key.h"
#include "store/big_endian.h"
#include "types/assert.h"

namespace croft::dynamo {

namespace {

constexpr std::size_t table_bytes = 4, prefix_bytes = 6, second_bytes = 8;

}  // namespace

std::optional<std::int64_t> expiry_second(const Item* item, std::string_view attribute) {
  const AttributeValue* value = item ? item->find(attribute) : nullptr;
  const Number* number = value ? value->get<Number>() : nullptr;
  if (!number) return std::nullopt;
  const std::string text = number->text();
  const std::string_view whole = std::string_view(text).substr(0, text.find('.'));
  std::int64_t second = 0;
  const auto [end, failure] = std::from_chars(whole.data(), whole.data() + whole.size(), second);
  if (failure != std::errc() || end != whole.data() + whole.size() || second < 0) return std::nullopt;
  return second;
}

std::string expiry_prefix(std::uint32_t table) { return index_prefix(table, 0); }

std::string expiry_border(std::uint32_t table, std::int64_t second) {
  std::string key = expiry_prefix(table);
  put_big_endian(key, static_cast<std::uint64_t>(second));
  return key;
}

std::string expiry_key(std::uint32_t table, std::int64_t second, std::string_view item_key) {
  return expiry_border(table, second).append(item_key.substr(table_bytes));
}

ExpiryRow decode_expiry_key(std::string_view key) {
  CROFT_ASSERT(key.size() > prefix_bytes + second_bytes);
  return {static_cast<std::int64_t>(big_endian(key.substr(prefix_bytes, second_bytes))),
          std::string(key.substr(0, table_bytes)).append(key.substr(prefix_bytes + second_bytes))};
}

void update_expiry_row(Batch& batch, const TableDefinition& table, std::string_view item_key, const Item* before,
                       const Item* after) {
  const auto old_second = expiry_second(before, table.ttl_attribute);
  const auto new_second = expiry_second(after, table.ttl_attribute);
  if (old_second && old_second != new_second)
    batch.erase(Family::indexes, expiry_key(table.number, *old_second, item_key));
  if (new_second && old_second != new_second)
    batch.put(Family::indexes, expiry_key(table.number, *new_second, item_key), {});
}

}  // namespace croft::dynamo
