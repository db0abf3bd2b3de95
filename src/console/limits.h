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
inline constexpr std::size_t clients_at_once = 5'000;           // about so many in one page of the list of clients
inline constexpr std::size_t client_pages_max = 4'096;          // of one shard
inline constexpr std::size_t history_seconds = 3'600;
inline constexpr std::size_t calls_max = 1'000;                 // the latest ones are kept
inline constexpr std::size_t call_text_bytes_max = 256;         // of one text in a call, such as its user agent
inline constexpr std::int64_t mqtt_url_life_s = 300;            // a presigned URL is used at once

}  // namespace croft::console::limits
