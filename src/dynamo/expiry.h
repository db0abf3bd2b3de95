// When items expire, and the rows by which those that are due are found: of Family::indexes under index number 0 of the
// table, the second in 8 bytes, the item's key without its table -> nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dynamo/attribute_value.h"
#include "dynamo/definition.h"
#include "store/store.h"

namespace croft::dynamo {

// The second since 1970 that the attribute names; nothing when it is missing, no number or not a time. A fraction is
// dropped. Source: Developer Guide, "Using time to live (TTL) in DynamoDB".
std::optional<std::int64_t> expiry_second(const Item* item, std::string_view attribute);

std::string expiry_prefix(std::uint32_t table);
// Of all items that expire before `second`, from those that expired at `second` on.
std::string expiry_border(std::uint32_t table, std::int64_t second);
std::string expiry_key(std::uint32_t table, std::int64_t second, std::string_view item_key);

struct ExpiryRow {
  std::int64_t second;
  std::string item_key;  // of Family::items
};
ExpiryRow decode_expiry_key(std::string_view key);

// Adds to `batch` what brings the expiry row from one version of an item to the next; either may be missing.
void update_expiry_row(Batch& batch, const TableDefinition& table, std::string_view item_key, const Item* before,
                       const Item* after);

}  // namespace croft::dynamo
