// What a table accepts. Sources: DynamoDB Developer Guide, "Quotas in Amazon DynamoDB" and "Constraints in Amazon
// DynamoDB", unless a line says otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

namespace croft::dynamo::limits {

inline constexpr std::size_t item_bytes_max = 400 * 1024;
inline constexpr std::size_t nesting_max = 32;  // levels of a document, the attribute itself being the first
inline constexpr std::size_t partition_key_bytes_max = 2048;
inline constexpr std::size_t sort_key_bytes_max = 1024;

inline constexpr int number_digits_max = 38;
inline constexpr int number_exponent_min = -130;  // of the leading digit
inline constexpr int number_exponent_max = 125;

inline constexpr std::size_t expression_bytes_max = 4096;
inline constexpr std::size_t expression_operators_max = 300;
inline constexpr std::size_t expression_nesting_max =
    100;  // parentheses and functions; croft's, bounds the recursion
inline constexpr std::size_t in_operands_max = 100;
inline constexpr std::size_t placeholder_bytes_max = 255;
inline constexpr std::size_t placeholders_bytes_max = 2 * 1024 * 1024;

inline constexpr std::size_t page_bytes_max = 1024 * 1024;  // one Query or Scan
inline constexpr std::size_t page_rows_max = 10'000;  // read before a Query or Scan lets other work run; croft's
inline constexpr std::uint32_t scan_segments_max = 1'000'000;

inline constexpr std::size_t batch_get_keys_max = 100;
inline constexpr std::size_t batch_get_bytes_max = 16 * 1024 * 1024;
inline constexpr std::size_t batch_write_requests_max = 25;

inline constexpr std::size_t local_indexes_max = 5;
inline constexpr std::size_t global_indexes_max = 20;
inline constexpr std::size_t projected_attributes_max = 100;  // named by all indexes of a table together
inline constexpr std::size_t tables_max = 2500;
inline constexpr std::size_t tags_max = 50;
inline constexpr std::size_t list_tables_page_max = 100;
inline constexpr std::int64_t throughput_max = 1'000'000'000'000;

inline constexpr std::size_t backfill_turn_rows = 1000;  // rows indexed before other work of the shard runs; croft's

}  // namespace croft::dynamo::limits
