#include "dynamo/recovery.h"

#include <chrono>

namespace croft::dynamo {

namespace {

// Times are told, and by some SDKs sent, in whole seconds: the second that has begun can be asked for.
constexpr std::int64_t second_ms = 1000;
constexpr int settle_turns_max = 3000;  // of a ms; a clock that was set back takes longer than anybody should wait

RecoveryWindow window_of(const Recovery& recovery, Timestamp now) {
  return {recovery.days, recovery.earliest(now), {(now.ms / second_ms + 1) * second_ms}};
}

Error table_not_found(std::string_view table) {
  return {"TableNotFoundException", "Table not found: " + std::string(table)};
}

}  // namespace

PointInTime::PointInTime(Tables& tables, ChangeLog& changes, Restores& restores, const Instance& instance)
    : tables_(tables), changes_(changes), restores_(restores), instance_(instance) {}

Result<OpenTablePtr> PointInTime::find(std::string_view table) const {
  OpenTablePtr found = tables_.freeze(table).table;
  if (!found) return table_not_found(table);
  return found;
}

Task<Result<void>> PointInTime::set(std::string table, std::optional<std::int64_t> days) {
  Result<void> set = co_await tables_.set_recovery(table, days);
  if (!set && set.error().code == "ResourceNotFoundException") co_return table_not_found(table);
  co_return set;
}

Result<std::optional<RecoveryWindow>> PointInTime::describe(std::string_view table) const {
  const Result<OpenTablePtr> found = find(table);
  if (!found) return found.error();
  const std::optional<Recovery>& recovery = (*found)->definition.recovery;
  if (!recovery) return std::optional<RecoveryWindow>();
  return std::optional(window_of(*recovery, Timestamp::now()));
}

// The log may be ahead of a clock that was set back.
Timestamp PointInTime::newest() const { return std::max(Timestamp::now(), time_of(changes_.next())); }

// What has no place in the log yet gets a later one than `time` as soon as the clock is beyond it; what has one below is
// waited for.
Task<Tables::Frozen> PointInTime::freeze_at(std::string table, Timestamp time) {
  const ChangeSequence above = first_sequence_at({time.ms + 1});
  for (int turn = 0; turn < settle_turns_max && changes_.settled() + 1 < above; ++turn) {
    co_await sleep_for(std::chrono::milliseconds(1));
  }
  co_return tables_.freeze(table);
}

Task<Result<TableDescription>> PointInTime::restore(std::string table, NewTable wanted, std::optional<Timestamp> time) {
  const Result<OpenTablePtr> source = find(table);
  if (!source) co_return source.error();
  const std::optional<Recovery>& recovery = (*source)->definition.recovery;
  if (!recovery) {
    co_return Error{"PointInTimeRecoveryUnavailableException",
                    "Point in time recovery is not enabled for table '" + table + "'"};
  }
  const Timestamp now = Timestamp::now();
  const RecoveryWindow window = window_of(*recovery, now);
  if (time && !window.has(*time)) {
    co_return Error{"InvalidRestoreTimeException",
                    "RestoreDateTime must be between EarliestRestorableDateTime and LatestRestorableDateTime"};
  }
  const Timestamp until = std::max(time.value_or(newest()), recovery->since);
  Result<TableDefinition> made = restored_definition((*source)->definition, wanted);
  if (!made) co_return made.error();
  const Tables::Frozen frozen = co_await freeze_at(table, until);
  if (!frozen.table || frozen.table->definition.number != (*source)->definition.number) co_return table_not_found(table);
  made->restored = RestoredFrom{"", instance_.arn("dynamodb", "table/" + table), until};
  Result<TableDescription> begun =
      co_await restores_.begin(*std::move(made), Past{frozen.table->definition.number, until}, frozen.rows);
  co_return begun;
}

}  // namespace croft::dynamo
