#pragma once

#include <optional>
#include <string>

#include "dynamo/change_log.h"
#include "dynamo/restores.h"

namespace croft::dynamo {

// How far back a table can be had.
struct RecoveryWindow {
  std::int64_t days = 0;
  Timestamp earliest;
  Timestamp latest;

  bool has(Timestamp time) const { return earliest <= time && time <= latest; }
};

// Point-in-time recovery: a table's newest items, and its change log taken back from there. Any millisecond of the window
// can be had; a write counts by the time in its log row, and all changes of one batch have one time.
//
// Threads: any.
class PointInTime {
 public:
  PointInTime(Tables& tables, ChangeLog& changes, Restores& restores, const Instance& instance);

  // On, or (nothing) off. TableNotFoundException.
  Task<Result<void>> set(std::string table, std::optional<std::int64_t> days);
  // Nothing while it is off. TableNotFoundException.
  Result<std::optional<RecoveryWindow>> describe(std::string_view table) const;
  // At `time`, or (nothing) as it is now. TableNotFoundException, PointInTimeRecoveryUnavailableException,
  // InvalidRestoreTimeException, and those of Restores::begin().
  Task<Result<TableDescription>> restore(std::string table, NewTable wanted, std::optional<Timestamp> time);

  // The time of the newest write that can have been answered.
  Timestamp newest() const;
  // A table and its rows, which have all that was written up to `time` (not much later than now). The table is nullptr when
  // it is gone.
  Task<Tables::Frozen> freeze_at(std::string table, Timestamp time);

 private:
  Result<OpenTablePtr> find(std::string_view table) const;

  Tables& tables_;
  ChangeLog& changes_;
  Restores& restores_;
  const Instance instance_;
};

}  // namespace croft::dynamo
