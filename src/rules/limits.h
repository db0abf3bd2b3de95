#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace croft::rules::limits {

// AWS IoT rules engine quotas.
inline constexpr std::size_t rules_max = 1'000;
inline constexpr std::size_t rule_bytes_max = 128 * 1024;  // SQL, actions and description together
inline constexpr std::size_t actions_max = 10;
inline constexpr std::size_t rule_name_bytes_max = 128;

// Messages whose rules are not done. Above the first three a QoS 0 message is dropped and counted; the publisher of a QoS 1
// message gets no receipt while one of its messages came above the last.
inline constexpr std::size_t jobs_max = 50'000;                // of one shard
inline constexpr std::size_t job_bytes_max = 256 << 20;        // of one shard
inline constexpr std::size_t lane_jobs_max = 10'000;           // of one client
inline constexpr std::size_t lane_jobs_unblocked_max = 256;    // of one client
inline constexpr unsigned republish_hops_max = 8;    // AWS warns of loops and names no number

// What is kept of a rule for people to look at; all figures are croft's own.
inline constexpr std::size_t failures_kept_max = 10;
inline constexpr std::size_t kept_message_bytes_max = 16 * 1024;
inline constexpr std::size_t kept_text_bytes_max = 2 * 1024;
inline constexpr std::int64_t failures_kept_for_ms = 100;  // before others take their place

// External functions. Source: AWS IoT developer guide, "aws_lambda", "get_secret"; bounds of one evaluation are croft's own.
inline constexpr std::chrono::milliseconds function_answer_time_max{2'000};
inline constexpr std::chrono::milliseconds external_time_max{10'000};  // no question is asked after so long
inline constexpr std::size_t external_calls_max = 32;
inline constexpr std::size_t external_input_bytes_max = 256 * 1024;    // of a function's event
inline constexpr std::size_t external_answer_bytes_max = 1024 * 1024;
inline constexpr std::size_t told_bytes_max = 512;                     // of a failed function's answer, in the log
inline constexpr std::chrono::milliseconds secret_kept{60'000};        // AWS: up to 15 minutes
inline constexpr std::size_t kept_secrets_max = 1'000;
inline constexpr std::size_t kept_schemas_max = 256;

// Batches of the actions for other services. Sources: AWS IoT developer guide, the page of each action; API reference of each
// service; pauses are croft's own.
inline constexpr std::size_t firehose_records_max = 500;
inline constexpr std::size_t iot_events_messages_max = 10;
inline constexpr std::size_t iot_analytics_messages_max = 100;
inline constexpr std::size_t site_wise_entries_max = 10;
inline constexpr std::size_t timestream_records_max = 100;
inline constexpr std::size_t timestream_dimensions_max = 128;
inline constexpr std::size_t log_events_max = 10'000;
inline constexpr std::size_t batch_record_bytes_max = 1024 * 1024;
inline constexpr unsigned partial_batch_tries_max = 3;
inline constexpr std::chrono::milliseconds partial_batch_pause{500};
inline constexpr std::int64_t endpoint_kept_minutes = 60;              // of a Timestream that does not tell one

}  // namespace croft::rules::limits
