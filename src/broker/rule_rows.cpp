#include "broker/rule_rows.h"

#include "broker/message_row.h"
#include "observe/log.h"
#include "store/big_endian.h"

namespace croft::broker::rule_rows {

static constexpr std::string_view prefix = "r/", behind_all = "r0";

static std::string key_of(std::uint64_t number) {
  std::string key(prefix);
  put_big_endian(key, number);
  return key;
}

static constexpr unsigned will_flag = 0x80;

// How many rules it came through, and whether it is a will (1 byte), the message.
void put(Batch& batch, std::uint64_t number, const Message& message) {
  const unsigned way = message.republish_hops() | (message.is_will() ? will_flag : 0u);
  batch.put(Family::queued, key_of(number), static_cast<char>(way) + to_row(message));
}

// Null for a damaged row, which is not empty.
static MessagePtr message_of(std::string_view row) {
  const unsigned way = static_cast<unsigned char>(row[0]);
  auto message = message_from_row(row.substr(1), way & ~will_flag, (way & will_flag) != 0);
  return message ? std::move(*message) : nullptr;
}

void erase(Batch& batch, std::uint64_t number) { batch.erase(Family::queued, key_of(number)); }

std::vector<Row> load(Store& store) {
  std::vector<Row> rows;
  Batch damaged;
  store.visit(Family::queued, prefix, behind_all, false, [&](std::string_view key, std::string_view value) {
    const bool whole = key.size() == prefix.size() + sizeof(std::uint64_t) && !value.empty();
    if (MessagePtr message = whole ? message_of(value) : nullptr) rows.push_back({big_endian(key.substr(prefix.size())), std::move(message)});
    else damaged.erase(Family::queued, key);
    return true;
  });
  if (!damaged.empty()) log::error("broker", std::to_string(damaged.ops().size()) + " damaged messages that waited for rules were left out");
  if (!damaged.empty()) store.write(std::move(damaged));
  return rows;
}

}  // namespace croft::broker::rule_rows
