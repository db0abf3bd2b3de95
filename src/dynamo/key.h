// Keys of rows: bytes whose order is the order DynamoDB returns items in.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/attribute_value.h"
#include "types/result.h"

namespace croft::dynamo {

// One key attribute of a table or index; its type is string, number or binary.
struct KeyAttribute {
  std::string name;
  Type type = Type::string;
  friend bool operator==(const KeyAttribute&, const KeyAttribute&) = default;
};

struct KeySchema {
  KeyAttribute partition;
  std::optional<KeyAttribute> sort;
  // The key of a global index may have four attributes of either kind: those after the first.
  std::vector<KeyAttribute> more_partition{}, more_sort{};

  template <typename Visit>
  void each_partition(Visit visit) const {
    visit(partition);
    for (const KeyAttribute& attribute : more_partition) visit(attribute);
  }
  template <typename Visit>
  void each_sort(Visit visit) const {
    if (sort) visit(*sort);
    for (const KeyAttribute& attribute : more_sort) visit(attribute);
  }
  template <typename Visit>
  void each(Visit visit) const {
    each_partition(visit);
    each_sort(visit);
  }

  std::size_t size() const { return 1 + more_partition.size() + (sort ? 1 : 0) + more_sort.size(); }
  bool has_several() const { return !more_partition.empty() || !more_sort.empty(); }
  bool has(std::string_view name) const {
    bool found = false;
    each([&](const KeyAttribute& attribute) { found |= attribute.name == name; });
    return found;
  }
  friend bool operator==(const KeySchema&, const KeySchema&) = default;
};

// Self-delimiting, order-preserving bytes of a value of type S, N or B. Text ends with 00 01; a 00 inside becomes 00
// FF.
void append_key_part(std::string& out, const AttributeValue& value);
// Every encoding of a text or binary that begins with `value` begins with these bytes, and no other does.
void append_key_prefix(std::string& out, const AttributeValue& value);

// The smallest key above every key that begins with `prefix`; "" when there is none (all FF).
std::string end_of_prefix(std::string prefix);

// Keys of one table, or of one of its indexes, all begin with its prefix.
std::string table_prefix(std::uint32_t table);
std::string index_prefix(std::uint32_t table, std::uint16_t index);

// Two bytes of hash and the partition key, whose attributes after the first are `more`: the start of every row of a
// partition. The hash is part of the stored format: it spreads partitions over Scan's segments.
void append_partition(std::string& out, const AttributeValue& partition_key, std::span<const AttributeValue> more = {});

// The hash in the key of a table's row.
std::uint16_t partition_hash_in(std::string_view row_key);

// The bytes of the hash alone, for the borders of a segment: [0, 65536].
std::string hash_border(std::string prefix, std::uint32_t hash);

// prefix + hash + partition key + sort key of `item`, which has been checked against the schema.
std::string row_key(std::string prefix, const KeySchema& schema, const Item& item);
// An index row's key goes on with the key of the table's item, because index keys need not be unique.
std::string index_row_key(std::string prefix, const KeySchema& index, const KeySchema& table, const Item& item);

// Whether one key value may be stored: not empty, not over its size.
Result<void> check_partition_value(const KeyAttribute& attribute, const AttributeValue& value);
Result<void> check_sort_value(const KeyAttribute& attribute, const AttributeValue& value);
// The same of several attributes together, as far as `item` has them.
Result<void> check_key_sizes(const KeySchema& schema, const Item& item);

// The key attributes of `item` by themselves.
Item key_of(const KeySchema& schema, const Item& item);

// A Key of GetItem and the like: exactly the schema's attributes with their types, else ValidationException
// "The provided key element does not match the schema".
Result<void> check_key(const KeySchema& schema, const Item& key);

// The key attributes of an Item to be put: present and of their types; there may be others.
Result<void> check_item_key(const KeySchema& schema, const Item& item);

}  // namespace croft::dynamo
