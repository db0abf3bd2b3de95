#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace croft::remote::limits {

// The "standard" retry mode of AWS's SDKs. Source: AWS SDKs and Tools Reference Guide, "Retry behavior".
inline constexpr unsigned tries_max = 3;                         // the first one counted
inline constexpr std::chrono::milliseconds backoff_base{1'000};  // doubled with each try; of it a random share is waited
inline constexpr std::chrono::milliseconds backoff_max{20'000};
inline constexpr int retry_tokens_max = 500;  // of one service; retries stop when they are used up
inline constexpr int retry_cost = 5;
inline constexpr int retry_cost_after_timeout = 10;
inline constexpr int retry_income = 1;  // of a call that succeeded at once

// A service that fails is left alone for a while, so that a firing does not wait for each of its tries. Croft's own.
inline constexpr unsigned failures_to_open = 5;                // calls in a row, each with its tries
inline constexpr std::chrono::milliseconds open_first{5'000};  // doubled each time the next call fails as well
inline constexpr std::chrono::milliseconds open_max{60'000};

inline constexpr std::chrono::milliseconds try_timeout{5'000};  // from the connection to the last byte
inline constexpr std::chrono::milliseconds try_timeout_max{60'000};
inline constexpr std::size_t answer_bytes_max = 1024 * 1024;
// BatchGetItem returns 16 MB of items, counted without JSON's marks, which can be several times that.
inline constexpr std::size_t table_answer_bytes_max = 128 * 1024 * 1024;
inline constexpr std::int64_t connections_max = 1'024;  // to one service, of each thread

// What waits for tables that do not answer. Source of the first: Lambda keeps an event for six hours ("How Lambda handles
// errors and retries with asynchronous invocation"), and a rule's action on AWS is in the hands of a service that does.
inline constexpr std::chrono::seconds outage_patience{6 * 60 * 60};
inline constexpr std::chrono::seconds outage_patience_max{14 * 24 * 60 * 60};
inline constexpr std::chrono::milliseconds outage_pause_first{250};  // doubled with each try; half of it is random
inline constexpr std::chrono::milliseconds outage_pause_max{5'000};
inline constexpr std::size_t error_message_bytes_max = 1'024;  // of a service's own words
inline constexpr std::size_t secret_bytes_max = 16 * 1024;     // of a file that holds a key or token

}  // namespace croft::remote::limits
