#include "dynamo/key.h"

#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "types/assert.h"

namespace croft::dynamo {

namespace {

void append_escaped(std::string& out, std::string_view bytes) {
  std::size_t zero;
  while ((zero = bytes.find('\0')) != std::string_view::npos) {
    out.append(bytes.substr(0, zero + 1));
    out += '\xff';
    bytes.remove_prefix(zero + 1);
  }
  out.append(bytes);
}

std::string_view content(const AttributeValue& value) {
  if (const std::string* text = value.get<std::string>()) return *text;
  if (const Binary* binary = value.get<Binary>()) return binary->bytes;
  return {};
}

void append_big_endian(std::string& out, std::uint32_t value, int bytes) {
  for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

// FNV-1a, folded to 16 bits.
std::uint16_t partition_hash(std::string_view encoded) {
  std::uint64_t hash = 14695981039346656037ull;
  for (char c : encoded) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  hash ^= hash >> 32;
  return static_cast<std::uint16_t>(hash ^ (hash >> 16));
}

Result<void> check_not_empty(const KeyAttribute& attribute, const AttributeValue& value) {
  if (value.type() == Type::number || !content(value).empty()) return {};
  return validation_error("One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
                          "contain an empty " +
                          std::string(value.type() == Type::string ? "string" : "binary") +
                          " value. Key: " + attribute.name);
}

Result<void> check_values(const KeySchema& schema, const Item& item) {
  const Result<void> partition = check_partition_value(schema.partition, *item.find(schema.partition.name));
  if (!partition || !schema.sort) return partition;
  return check_sort_value(*schema.sort, *item.find(schema.sort->name));
}

Result<void> check_item_attribute(const KeyAttribute& attribute, const Item& item) {
  const AttributeValue* value = item.find(attribute.name);
  if (!value) return invalid_parameter("Missing the key " + attribute.name + " in the item");
  if (value->type() == attribute.type) return {};
  return invalid_parameter("Type mismatch for key " + attribute.name +
                           " expected: " + std::string(type_name(attribute.type)) +
                           " actual: " + std::string(type_name(value->type())));
}

bool has_typed(const Item& key, const KeyAttribute& attribute) {
  const AttributeValue* value = key.find(attribute.name);
  return value && value->type() == attribute.type;
}

}  // namespace

void append_key_part(std::string& out, const AttributeValue& value) {
  if (const Number* number = value.get<Number>()) return number->append_ordered(out);
  CROFT_ASSERT(value.type() == Type::string || value.type() == Type::binary);
  append_escaped(out, content(value));
  out.append("\0\1", 2);
}

void append_key_prefix(std::string& out, const AttributeValue& value) { append_escaped(out, content(value)); }

std::string end_of_prefix(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

std::string table_prefix(std::uint32_t table) {
  std::string prefix;
  append_big_endian(prefix, table, 4);
  return prefix;
}

std::string index_prefix(std::uint32_t table, std::uint16_t index) {
  std::string prefix = table_prefix(table);
  append_big_endian(prefix, index, 2);
  return prefix;
}

void append_partition(std::string& out, const AttributeValue& partition_key) {
  const std::size_t start = out.size();
  out.append(2, '\0');
  append_key_part(out, partition_key);
  const std::uint16_t hash = partition_hash(std::string_view(out).substr(start + 2));
  out[start] = static_cast<char>(hash >> 8);
  out[start + 1] = static_cast<char>(hash & 0xff);
}

std::string hash_border(std::string prefix, std::uint32_t hash) {
  if (hash > 0xffff) return end_of_prefix(std::move(prefix));
  append_big_endian(prefix, hash, 2);
  return prefix;
}

std::string row_key(std::string prefix, const KeySchema& schema, const Item& item) {
  const AttributeValue* partition = item.find(schema.partition.name);
  CROFT_ASSERT(partition);
  append_partition(prefix, *partition);
  if (schema.sort) {
    const AttributeValue* sort = item.find(schema.sort->name);
    CROFT_ASSERT(sort);
    append_key_part(prefix, *sort);
  }
  return prefix;
}

std::string index_row_key(std::string prefix, const KeySchema& index, const KeySchema& table, const Item& item) {
  std::string key = row_key(std::move(prefix), index, item);
  append_key_part(key, *item.find(table.partition.name));
  if (table.sort) append_key_part(key, *item.find(table.sort->name));
  return key;
}

Result<void> check_partition_value(const KeyAttribute& attribute, const AttributeValue& value) {
  if (content(value).size() > limits::partition_key_bytes_max) {
    return invalid_parameter("Size of hashkey has exceeded the maximum size limit of" +
                             std::to_string(limits::partition_key_bytes_max) + " bytes");
  }
  return check_not_empty(attribute, value);
}

Result<void> check_sort_value(const KeyAttribute& attribute, const AttributeValue& value) {
  if (content(value).size() > limits::sort_key_bytes_max) {
    return invalid_parameter("Aggregated size of all range keys has exceeded the size limit of " +
                             std::to_string(limits::sort_key_bytes_max) + " bytes");
  }
  return check_not_empty(attribute, value);
}

Item key_of(const KeySchema& schema, const Item& item) {
  Item key;
  const auto take = [&](const KeyAttribute& attribute) {
    if (const AttributeValue* value = item.find(attribute.name)) key.set(attribute.name, *value);
  };
  take(schema.partition);
  if (schema.sort) take(*schema.sort);
  return key;
}

Result<void> check_key(const KeySchema& schema, const Item& key) {
  const bool fits = key.size() == (schema.sort ? 2u : 1u) && has_typed(key, schema.partition) &&
                    (!schema.sort || has_typed(key, *schema.sort));
  if (!fits) return validation_error("The provided key element does not match the schema");
  return check_values(schema, key);
}

Result<void> check_item_key(const KeySchema& schema, const Item& item) {
  const Result<void> partition = check_item_attribute(schema.partition, item);
  if (!partition) return partition;
  if (schema.sort) {
    const Result<void> sort = check_item_attribute(*schema.sort, item);
    if (!sort) return sort;
  }
  return check_values(schema, item);
}

}  // namespace croft::dynamo
