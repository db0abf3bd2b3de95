#pragma once

#include <cstddef>
#include <cstdint>

// AWS IoT Core quotas, unless the line says otherwise.
namespace croft::services::iotdata::limits {

inline constexpr std::size_t payload_bytes_max = 128 * 1024;
inline constexpr std::size_t content_type_bytes_max = 256;
inline constexpr std::size_t correlation_data_bytes_max = 8 * 1024;
inline constexpr std::size_t user_properties_bytes_max = 8 * 1024;  // names and values
inline constexpr std::size_t client_id_bytes_max = 128;
inline constexpr std::int64_t page_items_max = 200;                 // the API model
inline constexpr std::int64_t retained_page_items = 200;            // when nothing is asked for; AWS tells none
inline constexpr std::int64_t subscriptions_page_items = 20;        // the same; API reference
inline constexpr std::size_t page_token_bytes_max = 1024;           // croft's own
inline constexpr std::int64_t shadow_page_items_max = 100;          // the API model
inline constexpr std::int64_t shadow_page_items = 25;               // when nothing is asked for; AWS tells none
inline constexpr std::int64_t connection_known_ms = 30 * 60'000;    // after its end; API reference, GetConnection

}  // namespace croft::services::iotdata::limits
