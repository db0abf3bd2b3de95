// Every bound of lambda/. AWS's figures: Lambda Developer Guide, "Lambda quotas".
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace croft::lambda::limits {

inline constexpr std::size_t name_length_max = 64;
inline constexpr std::size_t reference_length_max = 170;
inline constexpr std::size_t description_length_max = 256;
inline constexpr std::size_t handler_length_max = 128;
inline constexpr std::size_t environment_bytes_max = 4 * 1024;
inline constexpr std::size_t tags_max = 50;
inline constexpr std::size_t policy_bytes_max = 20 * 1024;
inline constexpr std::int64_t timeout_s_max = 900;
inline constexpr std::int64_t memory_mb_min = 128;
inline constexpr std::int64_t memory_mb_max = 10'240;
inline constexpr std::int64_t storage_mb_min = 512;
inline constexpr std::int64_t storage_mb_max = 10'240;

inline constexpr std::size_t archive_bytes_max = 70'167'211;      // AWS's request limit for CreateFunction
inline constexpr std::uint64_t unzipped_bytes_max = 262'144'000;  // 250 MB
inline constexpr std::size_t archive_entries_max = 100'000;       // ours: bounds inodes
inline constexpr std::size_t archive_path_length_max = 1024;      // ours
inline constexpr std::size_t code_chunk_bytes = 1024 * 1024;      // ours: one store row

inline constexpr std::int64_t concurrency_max = 1'000;           // of an account
inline constexpr std::int64_t unreserved_concurrency_min = 100;  // what reservations must leave

inline constexpr std::size_t request_bytes_max = 6 * 1024 * 1024;  // RequestResponse payload
inline constexpr std::size_t event_bytes_max = 1024 * 1024;        // Event payload
inline constexpr std::size_t response_bytes_max = 6 * 1024 * 1024 + 100;
inline constexpr std::size_t client_context_bytes_max = 3583;

inline constexpr std::size_t events_max = 10'000;                  // ours: accepted Event invocations not done
inline constexpr std::size_t events_bytes_max = 64 * 1024 * 1024;  // ours: their payloads together

// Event source mappings of queues. Source: API reference, CreateEventSourceMapping; developer guide, "SQS scaling".
inline constexpr std::int64_t batch_size_max = 10'000;
inline constexpr std::int64_t fifo_batch_size_max = 10;  // and of a standard queue's without a batching window
inline constexpr std::int64_t batch_window_s_max = 300;
inline constexpr std::int64_t source_concurrency_min = 2;
inline constexpr std::int64_t source_concurrency_max = 1'000;
inline constexpr std::int64_t source_concurrency = 5;  // AWS starts with so many batches at a time; croft stays there
inline constexpr std::size_t batch_bytes_max = 4 * 1024 * 1024;        // ours: with its JSON around a batch stays below 6 MB
inline constexpr std::size_t event_sources_max = 1'000;                // ours

// Those of streams. Source: the same reference; developer guide, "Control which events Lambda sends to your function".
inline constexpr std::int64_t stream_batch_size = 100;
inline constexpr std::int64_t source_retries_max = 10'000;
inline constexpr std::int64_t source_age_s_min = 60;
inline constexpr std::int64_t source_age_s_max = 604'800;
inline constexpr std::int64_t source_parallelization_max = 10;
inline constexpr std::int64_t source_tumbling_s_max = 900;
inline constexpr std::size_t source_filters_max = 5;
inline constexpr std::size_t source_filter_bytes_max = 4'096;
inline constexpr std::chrono::milliseconds stream_poll{100};        // ours: AWS asks four times a second
inline constexpr std::chrono::milliseconds stream_retry_first{250};  // ours: doubled with each attempt
inline constexpr std::chrono::milliseconds stream_retry_max{10'000};

// Invocations that are kept for people to look at; all figures are ours.
inline constexpr std::size_t invocations_kept_max = 100;  // of a function
inline constexpr std::size_t invocations_bytes_max = 32 * 1024 * 1024;
inline constexpr std::size_t kept_event_bytes_max = 64 * 1024;
inline constexpr std::size_t kept_answer_bytes_max = 8 * 1024;

inline constexpr std::uint64_t open_files_max = 1024;                // per process, as on Lambda
inline constexpr std::size_t processes_max = 1024;                   // processes of one worker, as on Lambda
inline constexpr std::size_t process_tree_visits_max = 8192;         // ours: /proc entries read for one worker
inline constexpr std::size_t output_line_bytes_max = 256 * 1024;     // CloudWatch Logs event size
inline constexpr std::size_t output_drain_bytes_max = 1024 * 1024;   // ours: read from one worker in one go
inline constexpr std::size_t log_tail_bytes = 4 * 1024;              // LogType Tail
inline constexpr std::size_t log_lines_max = 10'000;                 // ours: kept in memory per function
inline constexpr std::size_t log_bytes_max = 4 * 1024 * 1024;        // ours: kept in memory per function
inline constexpr std::size_t log_file_bytes_max = 10 * 1024 * 1024;  // ours: then the file is rotated, once

inline constexpr std::chrono::milliseconds sample_interval{100};  // memory and deadlines of workers
inline constexpr std::chrono::seconds probe_timeout{10};          // asking an interpreter who it is

}  // namespace croft::lambda::limits
