// Quotas of Amazon SQS, and croft's own bounds. Source, unless a line says otherwise: "Amazon SQS quotas" in the
// developer guide, and the API reference of each operation.
#pragma once

#include <cstddef>
#include <cstdint>

namespace croft::sqs::limits {

inline constexpr std::size_t queues_max = 10'000;  // croft's own; AWS has no limit
inline constexpr std::size_t queue_name_characters_max = 80;
inline constexpr std::size_t tags_max = 50;
inline constexpr std::size_t tag_key_characters_max = 128;
inline constexpr std::size_t tag_value_characters_max = 256;
inline constexpr std::size_t list_page_max = 1'000;

inline constexpr std::int64_t visibility_s_max = 43'200;
inline constexpr std::int64_t delay_s_max = 900;
inline constexpr std::int64_t wait_s_max = 20;
inline constexpr std::int64_t retention_s_min = 60;
inline constexpr std::int64_t retention_s_max = 1'209'600;
inline constexpr std::int64_t message_bytes_min = 1'024;
inline constexpr std::int64_t message_bytes_max = 1'048'576;  // of the attribute; AWS since August 2025
inline constexpr std::int64_t message_bytes_default =
    262'144;  // and of a batch, unless the queue takes larger messages
inline constexpr std::size_t kms_key_characters_max = 2'048;
inline constexpr std::int64_t kms_reuse_s_min = 60;
inline constexpr std::int64_t kms_reuse_s_max = 86'400;

inline constexpr std::size_t batch_entries_max = 10;
inline constexpr std::size_t batch_id_characters_max = 80;
inline constexpr std::size_t receive_messages_max = 10;
inline constexpr std::size_t message_attributes_max = 10;
inline constexpr std::size_t attribute_name_characters_max = 256;
inline constexpr std::size_t attribute_type_characters_max = 256;
inline constexpr std::size_t fifo_id_characters_max = 128;
inline constexpr std::int64_t redrive_receives_max = 1'000;
inline constexpr std::size_t redrive_sources_max = 10;
inline constexpr std::size_t policy_bytes_max = 8'192;
inline constexpr std::size_t policy_statements_max = 20;
inline constexpr std::size_t policy_actions_max = 7;

inline constexpr std::int64_t deduplication_ms = 5 * 60 * 1'000;
inline constexpr std::int64_t purge_pause_ms = 60 * 1'000;

inline constexpr std::size_t in_flight_max = 120'000;      // of a standard queue: OverLimit
inline constexpr std::size_t in_flight_max_fifo = 20'000;  // of a FIFO queue: nothing is received, without an error
// How far into a FIFO queue free message groups are looked for. Source: "FIFO queue logic", where later messages wait
// until the blocked ones before them are gone.
inline constexpr std::size_t fifo_window_messages = 20'000;

// croft's own.
inline constexpr std::size_t window_messages =
    10'000;  // of a standard queue that are known in memory; the rest is on disk
inline constexpr std::size_t waiting_receivers_max = 10'000;  // long polls in all; those above are answered at once
inline constexpr std::int64_t presence_check_ms = 1'000;      // how often a waiting receiver is looked for
inline constexpr std::int64_t sweep_ms = 5'000;               // how often messages are looked for that are too old
inline constexpr std::size_t sweep_messages = 200;  // erased at once; the next ones after others had their turn
inline constexpr std::size_t attempts_max = 1'000;  // receive attempts that a FIFO queue remembers
inline constexpr std::size_t move_tasks_kept = 10;  // of a source queue. Source: ListMessageMoveTasks
inline constexpr std::size_t move_tasks_running_max = 100;
inline constexpr std::size_t peek_messages_max = 100;  // looked at in one answer
inline constexpr std::size_t peek_bytes_max = 1'048'576;  // of their bodies and attributes; one more message may go over it
inline constexpr std::int64_t moves_per_second_max = 500;  // Source: StartMessageMoveTask

}  // namespace croft::sqs::limits
