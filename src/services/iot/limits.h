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

// TestInvokeAuthorizer; a password of 65,535 bytes comes as base64.
inline constexpr std::size_t test_token_bytes_max = 6'144;
inline constexpr std::size_t test_signature_bytes_max = 2'560;
inline constexpr std::size_t test_query_bytes_max = 4'096;
inline constexpr std::size_t test_header_bytes_max = 8'192;
inline constexpr std::size_t test_mqtt_bytes_max = 65'535;
inline constexpr std::size_t test_password_characters_max = 87'380;
inline constexpr std::size_t test_server_name_bytes_max = 253;

}  // namespace croft::services::iot::limits
