#pragma once

#include <set>
#include <string>
#include <vector>

#include "sql/value.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::rules {

// What a point has beside its fields.
struct PointFrame {
  std::string table;
  std::vector<std::pair<std::string, std::string>> tags;  // by name; "" values are left out
  std::set<std::string, std::less<>> reserved;            // members that are tags or the table, not fields
  bool is_v3 = false;                                     // V3 has stricter names
  std::string timestamp;                                  // "": that of the member `timestamp`
};

// One point in InfluxDB's line protocol, without the end of its line. InvalidRequestException in the words of AWS's table of
// failures. Nothing of a value can end the line or begin another part of it.
// Source: AWS IoT developer guide, "InfluxDB", record content; InfluxDB line protocol reference.
Result<std::string> line_of(const sql::Value& point, const PointFrame& frame, sql::SqlVersion version);

// A name that tags and fields may have.
bool is_column_name(std::string_view name, bool is_v3);

}  // namespace croft::rules
