#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace croft::console::limits {

inline constexpr std::size_t feeds_max = 32;                    // browsers that are kept up to date at once
inline constexpr std::size_t feed_unsent_max = 64 * 1024;       // above it a feed is not written to: it gets a merged state later
inline constexpr int feed_kernel_bytes = 128 * 1024;            // of a feed's changes wait in the kernel
inline constexpr std::size_t rows_at_once = 1'000;              // of one kind, in one event of a feed
inline constexpr std::chrono::milliseconds gather_time{40};     // changes that come closer together go out together
inline constexpr std::size_t changes_max = 20'000;              // of clients, kept for feeds that are behind
inline constexpr std::size_t item_changes_max = 1'000;          // of a table's items, kept for feeds that are behind
inline constexpr std::size_t item_told_bytes_max = 4 * 1024;    // of a larger item the page is told that it changed, and asks
inline constexpr std::size_t watched_tables_max = 32;           // as many as there are feeds
inline constexpr std::size_t clients_at_once = 5'000;           // about so many in one page of the list of clients
inline constexpr std::size_t client_pages_max = 4'096;          // of one shard
inline constexpr std::size_t history_seconds = 3'600;
inline constexpr std::size_t calls_max = 1'000;                 // the latest ones are kept
inline constexpr std::size_t own_calls_max = 100;               // the console's own beside them: open screens ask again and again
inline constexpr std::size_t call_input_bytes_max = 4 * 1024;   // of an answer that is looked through for its message
inline constexpr std::size_t call_text_bytes_max = 256;         // of one text in a call, such as its user agent
inline constexpr std::int64_t mqtt_url_life_s = 300;            // a presigned URL is used at once

// Who signs in.
inline constexpr std::size_t users_max = 1'000;
inline constexpr std::size_t user_name_bytes_max = 32;
inline constexpr std::size_t password_bytes_min = 12;
inline constexpr std::size_t password_bytes_max = 1'024;
inline constexpr std::size_t sign_in_bytes_max = 16 * 1024;     // a name and a password as JSON, escapes included
inline constexpr std::size_t sessions_max = 4'096;
inline constexpr std::size_t sessions_of_user_max = 10;
inline constexpr std::int64_t session_idle_max_ms = 12 * 3'600'000;
inline constexpr std::int64_t session_life_max_ms = 7 * 24 * std::int64_t{3'600'000};
inline constexpr std::size_t guessers_max = 4'096;              // names and addresses that were wrong, and those that were right
inline constexpr unsigned guesses_of_address = 5;               // wrong ones before an address waits
inline constexpr unsigned guesses_of_name = 20;
inline constexpr std::chrono::milliseconds address_waits_max{300'000};
inline constexpr std::chrono::milliseconds name_waits_max{30'000};
inline constexpr std::int64_t guesses_forgotten_after_ms = 900'000;
inline constexpr std::size_t hashes_at_once = 2;                // each takes 64 MB and a thread of the pool
inline constexpr std::size_t hashes_waiting_max = 16;

}  // namespace croft::console::limits
