#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace croft::sql {

// The rules of one time zone, read from the system's tz database (/usr/share/zoneinfo, TZif).
//
// Threads: any. Cost: find() reads a file of a few kilobytes unless the zone is UTC or a fixed offset; literal zones
// are therefore found once, when a statement is compiled.
class TimeZone {
 public:
  struct Offset {
    std::int32_t seconds = 0;  // east of Greenwich
    std::string abbreviation;  // CST
  };

  // "America/Belize", "UTC", "Z", "+01:00", "UTC+01:00", "GMT+1", "EST"; null for anything else.
  static std::shared_ptr<const TimeZone> find(std::string_view name);
  static std::shared_ptr<const TimeZone> utc();

  const std::string& name() const { return name_; }
  Offset at(std::int64_t epoch_s) const;
  // The instant of a local clock reading, given as if it were UTC. As java.time: of two instants the earlier, and
  // in a gap the clock as it would have gone on.
  std::int64_t epoch_of_local(std::int64_t local_s) const;

 private:
  // M10.5.0/2: when of the year one half of the daylight saving rule starts, on the clock before the change.
  struct YearlyChange {
    int month = 0, week = 0, weekday = 0;
    std::int32_t seconds = 7200;
    std::int64_t local_start(int year) const;
  };
  struct Rule {
    Offset standard, daylight;
    std::optional<YearlyChange> to_daylight, to_standard;
  };
  struct Transition {
    std::int64_t epoch_s;
    std::uint8_t type;
  };

  static std::shared_ptr<const TimeZone> fixed(std::string_view name);
  bool read(std::string_view file);
  bool read_block(std::string_view block, std::size_t transitions, std::size_t types, std::size_t name_bytes);
  bool read_rule(std::string_view text);
  Offset by_rule(std::int64_t epoch_s) const;

  std::string name_;
  std::vector<Offset> types_;
  std::vector<Transition> transitions_;
  std::optional<Rule> rule_;  // after the last transition
};

}  // namespace croft::sql
