// Streams of Tables: switching them on and off, and dropping old changes.
#include "dynamo/errors.h"
#include "dynamo/tables.h"
#include "store/big_endian.h"

namespace croft::dynamo {

Result<void> Tables::change_stream(TableDefinition& table, const StreamWanted& wanted, Batch& batch) {
  if (wanted.view && table.stream)
    return validation_error("Table already has an enabled stream: TableName: " + table.name);
  if (!wanted.view && !table.stream) return validation_error("Table has no stream to disable: TableName: " + table.name);
  if (wanted.view) {
    table.stream_label = streams_.begin(batch, table, *wanted.view);
    table.stream_policy.reset();
  } else {
    streams_.end(batch, table);
  }
  table.stream = wanted.view;
  return {};
}

// The table goes. Its streams can be read for another day; without one nobody can read its changes any more.
void Tables::leave_changes(const TableDefinition& table, Batch& batch) {
  streams_.end(batch, table);
  if (streams_.has_table(table.number)) return;
  const std::string prefix = table_prefix(table.number);
  batch.erase_range(Family::changes, prefix, end_of_prefix(prefix));
}

// Looks at the oldest change of each table that has any, so the cost follows the number of tables.
void Tables::trim_changes() {
  streams_.forget_old();
  const Timestamp now = Timestamp::now();
  const ChangeSequence horizon = streams_.horizon();
  std::map<std::uint32_t, ChangeSequence> kept_from;
  {
    const SharedLock lock(tables_mutex_);
    for (const auto& [name, table] : tables_) {
      const TableDefinition& definition = table->definition;
      if (!definition.keeps_changes()) continue;
      const ChangeSequence earliest =
          definition.recovery ? first_sequence_at(definition.recovery->earliest(now)) : horizon;
      kept_from[definition.number] = std::min(horizon, earliest);
    }
  }
  std::string from = table_prefix(1);
  for (;;) {
    const std::vector<Row> rows = store_.scan(Family::changes, from, {}, 1);
    if (rows.empty()) return;
    const auto number = static_cast<std::uint32_t>(big_endian(std::string_view(rows.front().key).substr(0, 4)));
    const auto kept = kept_from.find(number);
    // A table that is gone, or has no log any more: what its streams still show.
    changes_.trim(number, kept == kept_from.end() ? horizon : kept->second);
    from = end_of_prefix(table_prefix(number));
    if (from.empty()) return;
  }
}

}  // namespace croft::dynamo
