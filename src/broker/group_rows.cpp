#include "broker/group_rows.h"

#include <optional>

#include "broker/message_row.h"
#include "observe/log.h"
#include "store/big_endian.h"

namespace croft::broker::group_rows {

static constexpr std::string_view prefix = "g/", behind_all = "g0";

static std::string key_of(std::uint64_t number) {
  std::string key(prefix);
  put_big_endian(key, number);
  return key;
}

// The filter behind its length (2 bytes), the message.
void put(Batch& batch, std::uint64_t number, std::string_view filter, const Message& message) {
  std::string row;
  put_big_endian(row, static_cast<std::uint16_t>(filter.size()));
  row += filter;
  batch.put(Family::queued, key_of(number), row += to_row(message));
}

void erase(Batch& batch, std::uint64_t number) { batch.erase(Family::queued, key_of(number)); }

static std::optional<Row> row_of(std::string_view key, std::string_view value) {
  if (key.size() != prefix.size() + sizeof(std::uint64_t) || value.size() < 2) return std::nullopt;
  const std::size_t filter_bytes = big_endian(value.substr(0, 2));
  if (value.size() < 2 + filter_bytes) return std::nullopt;
  auto message = message_from_row(value.substr(2 + filter_bytes));
  if (!message) return std::nullopt;
  return Row{big_endian(key.substr(prefix.size())), std::string(value.substr(2, filter_bytes)), std::move(*message)};
}

std::vector<Row> load(Store& store) {
  std::vector<Row> rows;
  Batch damaged;
  store.visit(Family::queued, prefix, behind_all, false, [&](std::string_view key, std::string_view value) {
    if (auto row = row_of(key, value)) rows.push_back(std::move(*row));
    else damaged.erase(Family::queued, key);
    return true;
  });
  if (damaged.empty()) return rows;
  log::error("broker", std::to_string(damaged.ops().size()) + " damaged messages that waited for groups were left out");
  store.write(std::move(damaged));
  return rows;
}

}  // namespace croft::broker::group_rows
