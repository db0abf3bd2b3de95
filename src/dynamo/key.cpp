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

// Into the two bytes at `start`, which the partition key follows up to the end.
void put_hash(std::string& out, std::size_t start) {
  const std::uint16_t hash = partition_hash(std::string_view(out).substr(start + 2));
  out[start] = static_cast<char>(hash >> 8);
  out[start + 1] = static_cast<char>(hash & 0xff);
}

Result<void> check_not_empty(const KeyAttribute& attribute, const AttributeValue& value) {
  if (value.type() == Type::number || !content(value).empty()) return {};
  return validation_error("One or more parameter values are not valid. The AttributeValue for a key attribute cannot "
                          "contain an empty " +
                          std::string(value.type() == Type::string ? "string" : "binary") +
                          " value. Key: " + attribute.name);
}

Error partition_too_large() {
  return invalid_parameter("Size of hashkey has exceeded the maximum size limit of" +
                           std::to_string(limits::partition_key_bytes_max) + " bytes");
}

Error sort_too_large() {
  return invalid_parameter("Aggregated size of all range keys has exceeded the size limit of " +
                           std::to_string(limits::sort_key_bytes_max) + " bytes");
}

Result<void> check_values(const KeySchema& schema, const Item& item) {
  Result<void> checked;
  schema.each_partition([&](const KeyAttribute& attribute) {
    if (checked) checked = check_partition_value(attribute, *item.find(attribute.name));
  });
  schema.each_sort([&](const KeyAttribute& attribute) {
    if (checked) checked = check_sort_value(attribute, *item.find(attribute.name));
  });
  return checked ? check_key_sizes(schema, item) : checked;
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

void append_partition(std::string& out, const AttributeValue& partition_key, std::span<const AttributeValue> more) {
  const std::size_t start = out.size();
  out.append(2, '\0');
  append_key_part(out, partition_key);
  for (const AttributeValue& value : more) append_key_part(out, value);
  put_hash(out, start);
}

std::uint16_t partition_hash_in(std::string_view row_key) {
  constexpr std::size_t at = 4;  // behind table_prefix()
  CROFT_ASSERT(row_key.size() >= at + 2);
  const auto byte = [&](std::size_t n) { return static_cast<unsigned char>(row_key[n]); };
  return static_cast<std::uint16_t>(byte(at) << 8 | byte(at + 1));
}

std::string hash_border(std::string prefix, std::uint32_t hash) {
  if (hash > 0xffff) return end_of_prefix(std::move(prefix));
  append_big_endian(prefix, hash, 2);
  return prefix;
}

std::string row_key(std::string prefix, const KeySchema& schema, const Item& item) {
  const auto append = [&](const KeyAttribute& attribute) {
    const AttributeValue* value = item.find(attribute.name);
    CROFT_ASSERT(value);
    append_key_part(prefix, *value);
  };
  const std::size_t start = prefix.size();
  prefix.append(2, '\0');
  schema.each_partition(append);
  put_hash(prefix, start);
  schema.each_sort(append);
  return prefix;
}

std::string index_row_key(std::string prefix, const KeySchema& index, const KeySchema& table, const Item& item) {
  std::string key = row_key(std::move(prefix), index, item);
  append_key_part(key, *item.find(table.partition.name));
  if (table.sort) append_key_part(key, *item.find(table.sort->name));
  return key;
}

Result<void> check_partition_value(const KeyAttribute& attribute, const AttributeValue& value) {
  if (content(value).size() > limits::partition_key_bytes_max) return partition_too_large();
  return check_not_empty(attribute, value);
}

Result<void> check_sort_value(const KeyAttribute& attribute, const AttributeValue& value) {
  if (content(value).size() > limits::sort_key_bytes_max) return sort_too_large();
  return check_not_empty(attribute, value);
}

Result<void> check_key_sizes(const KeySchema& schema, const Item& item) {
  if (!schema.has_several()) return {};  // checked one by one
  std::size_t partition = 0, sort = 0;
  const auto bytes = [&](const KeyAttribute& attribute) {
    const AttributeValue* value = item.find(attribute.name);
    return value ? content(*value).size() : 0;
  };
  schema.each_partition([&](const KeyAttribute& attribute) { partition += bytes(attribute); });
  schema.each_sort([&](const KeyAttribute& attribute) { sort += bytes(attribute); });
  if (partition > limits::partition_key_bytes_max) return partition_too_large();
  return sort > limits::sort_key_bytes_max ? Result<void>(sort_too_large()) : Result<void>();
}

Item key_of(const KeySchema& schema, const Item& item) {
  Item key;
  schema.each([&](const KeyAttribute& attribute) {
    if (const AttributeValue* value = item.find(attribute.name)) key.set(attribute.name, *value);
  });
  return key;
}

Result<void> check_key(const KeySchema& schema, const Item& key) {
  bool fits = key.size() == schema.size();
  schema.each([&](const KeyAttribute& attribute) { fits = fits && has_typed(key, attribute); });
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
