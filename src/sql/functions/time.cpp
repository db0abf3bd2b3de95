#include "sql/functions/function.h"
#include "sql/time_pattern.h"
#include "sql/time_zone.h"

namespace croft::sql {
namespace {

// A literal pattern or zone that cannot work is refused when the rule is made.
std::string prepare_parse_time(Call& call) {
  if (const std::string* pattern = string_literal(call, 0)) {
    if (std::optional<std::string> problem = format_pattern_problem(*pattern)) return *problem;
  }
  if (const std::string* zone = string_literal(call, 2)) {
    call.time_zone = TimeZone::find(*zone);
    if (!call.time_zone) return "there is no time zone " + zone->substr(0, limits::time_zone_name_max);
  }
  if (call.arguments.size() == 2) call.time_zone = TimeZone::utc();
  return "";
}

std::string prepare_time_to_epoch(Call& call) {
  const std::string* pattern = string_literal(call, 1);
  return pattern ? reading_pattern_problem(*pattern).value_or("") : "";
}

Value parse_time(const Invocation& in) {
  const std::optional<std::string> pattern = in.text(0);
  const std::optional<Number> time = in.number(1);
  if (!pattern || !time) return Value();
  std::shared_ptr<const TimeZone> zone = in.call.time_zone;
  if (!zone) {
    const std::optional<std::string> name = in.text(2);
    if (!name || !in.evaluator.charge(limits::time_zone_name_max * 100)) return Value();  // reads a file
    zone = TimeZone::find(*name);
  }
  if (!zone) return Value();
  std::optional<std::string> text = format_time(*pattern, time->floor_int64(), *zone);
  return text ? Value::string(std::move(*text)) : Value();
}

Value time_to_epoch(const Invocation& in) {
  const std::optional<std::string> text = in.text(0), pattern = in.text(1);
  if (!text || !pattern) return Value();
  const std::optional<std::int64_t> ms = read_time(*text, *pattern);
  return ms ? Value::integer(*ms) : Value();
}

constexpr Function rows[] = {
    {"parse_time", 2, 3, SqlVersion::v2016_03_23, parse_time, prepare_parse_time},
    {"time_to_epoch", 2, 2, SqlVersion::v2016_03_23, time_to_epoch, prepare_time_to_epoch},
};

}  // namespace

std::span<const Function> time_functions() { return rows; }

}  // namespace croft::sql
