// What one rule and one message may cost. AWS's quotas where it has any, otherwise bounds that no honest rule meets.
#pragma once

#include <cstddef>
#include <cstdint>

namespace croft::sql::limits {

inline constexpr std::size_t sql_bytes_max = 128 * 1024;  // AWS IoT rules engine quotas, size of a rule
inline constexpr int expression_depth_max = 100;          // AWS documents none
inline constexpr std::size_t select_items_max = 1000;     // AWS documents none
inline constexpr int expression_height_max = 500;          // chains such as a + b + c ... count here, not as depth
inline constexpr int json_depth_max = 128;                // deeper payloads count as "not JSON"
inline constexpr std::size_t indexed_bytes_max = 16 * 1024 * 1024;  // larger payloads are read whole
inline constexpr std::size_t cached_parts_max = 16;       // arrays and objects of one payload; with more it is read whole
inline constexpr std::size_t folded_bytes_max = 4096;     // of a constant that replaces an expression

inline constexpr std::size_t trace_steps_max = 1000;         // of an explanation
inline constexpr std::size_t trace_value_bytes_max = 1024;
inline constexpr std::size_t trace_expression_bytes_max = 200;

inline constexpr std::size_t variables_max = 10;                // SET clause quotas
inline constexpr std::size_t variable_name_max = 64;            // SET clause quotas
inline constexpr std::size_t variable_bytes_max = 128 * 1024;   // each, and all together
inline constexpr std::size_t transform_bytes_max = 128 * 1024;  // transform() result
inline constexpr int protobuf_calls_max = 2;                    // "Decoding protobuf message payloads", limitations
inline constexpr std::size_t protobuf_schema_bytes_max = 32 * 1024;   // the same
inline constexpr std::size_t protobuf_payload_bytes_max = 128 * 1024; // the same, for input and output
inline constexpr int protobuf_depth_max = 100;                  // as protobuf's own parsers
inline constexpr std::size_t output_bytes_max = 1024 * 1024;    // result of SELECT, or of one template

// Evaluation is charged one unit for each visited node, examined element and produced byte.
inline constexpr std::int64_t work_max = 4 * 1024 * 1024;

inline constexpr std::size_t topic_filter_bytes_max = 256;  // AWS IoT message broker quotas
inline constexpr std::size_t topic_slashes_max = 7;         // AWS IoT message broker quotas

inline constexpr std::int64_t pad_spaces_max = 1000;         // lpad, rpad
inline constexpr std::size_t pattern_bytes_max = 4096;       // regular expressions and time patterns
inline constexpr std::int64_t regex_memory_max = 1 << 20;    // bytes, per compiled regular expression
inline constexpr std::size_t regex_scan_max = 1 << 30;       // bytes looked at by one regexp_replace, at worst
inline constexpr std::size_t time_zone_name_max = 64;        // longest in the database: 32
inline constexpr std::size_t time_zone_bytes_max = 1 << 18;  // largest file in the database: 4 KB

}  // namespace croft::sql::limits
