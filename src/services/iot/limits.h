#pragma once

#include <cstddef>

namespace croft::services::iot::limits {

// Pages hold 250 items at most (maxResults and pageSize in the IoT API model), and as many when nothing is asked for:
// AWS's own default is not documented.
inline constexpr std::size_t page_items_max = 250;
inline constexpr std::size_t page_token_bytes_max = 1024;
inline constexpr std::size_t auth_infos_max = 10;  // TestAuthorization
inline constexpr std::size_t auth_resources_max = 100;
inline constexpr std::size_t policy_names_max = 100;

}  // namespace croft::services::iot::limits
