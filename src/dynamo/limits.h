// What a table accepts. Sources: DynamoDB Developer Guide, "Quotas in Amazon DynamoDB" and "Constraints in Amazon
// DynamoDB", unless a line says otherwise.
#pragma once

#include <chrono>
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
    320;  // parentheses and functions; croft's, bounds the recursion where the limit of operators does not
inline constexpr std::size_t attribute_name_bytes_max = 65535;
inline constexpr std::size_t in_operands_max = 100;
inline constexpr std::size_t placeholder_bytes_max = 255;
inline constexpr std::size_t placeholders_bytes_max = 2 * 1024 * 1024;

inline constexpr std::size_t page_bytes_max = 1024 * 1024;  // one Query or Scan
inline constexpr std::size_t page_rows_max = 10'000;  // read before a Query or Scan lets other work run; croft's
inline constexpr std::chrono::microseconds page_turn{500};  // the same in time
inline constexpr std::uint32_t scan_segments_max = 1'000'000;

inline constexpr std::size_t batch_get_keys_max = 100;
inline constexpr std::size_t batch_get_bytes_max = 16 * 1024 * 1024;
inline constexpr std::size_t batch_write_requests_max = 25;

// "Constraints in Amazon DynamoDB", transactions; a token counts for ten minutes (API Reference, TransactWriteItems).
inline constexpr std::size_t transaction_actions_max = 100;
inline constexpr std::size_t transaction_bytes_max = 4 * 1024 * 1024;
inline constexpr std::size_t transaction_token_length_max = 36;
inline constexpr std::int64_t transaction_token_ms = 10 * 60 * 1000;

inline constexpr std::size_t local_indexes_max = 5;
inline constexpr std::size_t global_indexes_max = 20;
inline constexpr std::size_t index_key_attributes_max = 4;  // of the partition key, and of the sort key, of a global one
inline constexpr std::size_t projected_attributes_max = 100;  // named by all indexes of a table together
inline constexpr std::size_t projected_attributes_of_index_max = 20;  // by one. Source: API Reference, Projection
inline constexpr std::size_t tables_max = 2500;
inline constexpr std::size_t tags_max = 50;
inline constexpr std::size_t policy_bytes_max = 20 * 1024;  // of a resource-based policy
inline constexpr std::size_t list_tables_page_max = 100;
inline constexpr std::int64_t throughput_max = 1'000'000'000'000;
inline constexpr double burst_seconds = 300;  // of unused capacity that is kept

// Streams. Source: Developer Guide, "Change data capture for DynamoDB Streams"; API Reference, GetRecords.
inline constexpr std::int64_t stream_kept_ms = 24 * 3'600'000;
inline constexpr std::int64_t stream_shard_ms = 4 * 3'600'000;  // AWS's shards are open for about so long
inline constexpr std::int64_t shard_iterator_ms = 15 * 60'000;
inline constexpr std::size_t stream_records_max = 1000;
inline constexpr std::size_t stream_bytes_max = 1024 * 1024;
inline constexpr std::int64_t streams_page_max = 100;  // streams of ListStreams, shards of DescribeStream

// Items older than five years do not expire any more. Source: Developer Guide, "Using time to live (TTL) in DynamoDB".
inline constexpr std::int64_t expiry_age_max_s = 5LL * 365 * 24 * 3'600;
inline constexpr std::size_t expiry_turn_items = 100;       // deleted before other work of the shard runs; croft's
inline constexpr std::int64_t expiry_interval_ms = 1'000;   // croft's: AWS deletes within a few days
inline constexpr std::int64_t trim_interval_ms = 300'000;   // croft's: what is too old is not read any more before

inline constexpr std::size_t copy_turn_rows = 1000;  // of a backup or restore, in one batch; croft's
inline constexpr std::size_t copy_turn_bytes = 1024 * 1024;
inline constexpr std::size_t restores_max = 50;  // at once. Source: Developer Guide, "Quotas", on restores
inline constexpr std::size_t backups_page_max = 100;
inline constexpr std::size_t export_file_bytes = 16 * 1024 * 1024;  // of one data file before compression; croft's
inline constexpr std::size_t exports_max = 300;  // at once. Source: Developer Guide, "Quotas", on exports
inline constexpr std::size_t imports_max = 50;   // at once. Source: Developer Guide, "Import format quotas"
inline constexpr std::size_t import_objects_max = 50'000;  // of one import. Source: the same
inline constexpr std::size_t import_read_bytes = 1024 * 1024;  // read at once; croft's
inline constexpr std::size_t import_record_bytes_max = 8 * 1024 * 1024;  // one line or CSV record; croft's, 400 KB in escapes
inline constexpr std::size_t transfers_page_max = 25;  // of ListExports and ListImports
inline constexpr std::int64_t token_life_ms = 8 * 3'600'000;  // ClientToken of exports and imports
inline constexpr std::int64_t system_backup_days = 35;
inline constexpr std::int64_t recovery_days_max = 35;

inline constexpr std::size_t backfill_turn_rows = 200;  // rows indexed before other work of the shard runs; croft's

}  // namespace croft::dynamo::limits
