#pragma once

#include <chrono>
#include <cstddef>

namespace croft::cli::limits {

inline constexpr std::size_t place_file_bytes_max = 64 * 1024;     // endpoints.json, credentials
inline constexpr std::size_t template_bytes_max = 1024 * 1024;     // AWS CloudFormation quotas: a template in S3
inline constexpr std::size_t message_bytes_max = 128 * 1024;       // AWS IoT message broker quotas
inline constexpr std::size_t payload_bytes_max = 6 * 1024 * 1024;  // AWS Lambda quotas: an invocation
inline constexpr std::size_t artifact_bytes_max = 250 * 1024 * 1024;
inline constexpr std::size_t cases_bytes_max = 16 * 1024 * 1024;  // of rules test
inline constexpr std::size_t xml_depth_max = 64;
inline constexpr std::size_t xml_elements_max = 200'000;
inline constexpr std::size_t pages_max = 10'000;     // of one listing
inline constexpr std::size_t rows_max = 100'000;     // that one table on the terminal holds
inline constexpr std::size_t cell_bytes_max = 4096;  // of one value on the terminal

inline constexpr std::size_t secret_bytes_max = 1024;  // of a password

inline constexpr int condition_depth_max = 50;               // parentheses of --where
inline constexpr std::size_t item_text_bytes_max = 4 << 20;  // one item as JSON: 400 KB, in escapes at the worst
inline constexpr std::size_t import_batch_items = 25;        // DynamoDB API Reference, BatchWriteItem
inline constexpr std::size_t import_batch_bytes = 8 << 20;   // of JSON; AWS takes 16 MB
inline constexpr std::size_t faults_shown_max = 10;          // of one import
inline constexpr int attempts_max = 8;                       // of a call that is throttled or half done
inline constexpr std::chrono::milliseconds retry_wait{50};   // before the second, doubled each time

inline constexpr std::chrono::milliseconds call_max{120'000};
inline constexpr std::chrono::milliseconds invoke_max{1'000'000};  // 900 s of a function, and room
inline constexpr std::chrono::milliseconds poll_interval{50};      // of a deployment's events
inline constexpr std::chrono::milliseconds trace_poll{300};        // of a client's events
inline constexpr std::chrono::seconds deployment_max{3'600};

}  // namespace croft::cli::limits
