#pragma once

#include <cstddef>
#include <cstdint>

namespace croft::things::limits {

// Source: "AWS IoT Core thing resource limits", "registry" and "policy" rows of the AWS general reference, and the
// shapes of the IoT API model.
inline constexpr std::size_t name_bytes_max = 128;
inline constexpr std::size_t attribute_value_bytes_max = 800;
inline constexpr std::size_t attributes_max = 50;
inline constexpr std::size_t attributes_without_type_max = 3;
inline constexpr std::size_t searchable_attributes_max = 3;
inline constexpr std::size_t description_bytes_max = 2028;
inline constexpr std::size_t groups_of_thing_max = 10;
inline constexpr std::size_t group_depth_max = 7;
inline constexpr std::size_t child_groups_max = 100;
inline constexpr std::size_t policy_versions_max = 5;
inline constexpr std::size_t policies_of_target_max = 10;
inline constexpr std::size_t principals_of_thing_max = 1000;  // croft's own; AWS limits the rate only
inline constexpr std::size_t certificate_bytes_max = 65536;
inline constexpr std::size_t authorizers_max = 100;
inline constexpr std::size_t active_authorizers_max = 32;
inline constexpr std::size_t authorizer_function_bytes_max = 2048;
inline constexpr std::size_t token_signing_keys_max = 10;  // croft's own; the model names no bound
inline constexpr std::size_t token_signing_key_bytes_max = 5120;
inline constexpr std::size_t page_items_max = 250;

// Device Shadow. Source: "AWS IoT Device Shadow service limits and quotas".
inline constexpr std::size_t shadow_bytes_max = 8 * 1024;            // desired and reported, without metadata
inline constexpr std::size_t shadow_request_bytes_max = 128 * 1024;  // of a message
inline constexpr std::size_t shadow_levels_max = 8;                  // in desired or reported
inline constexpr std::size_t shadow_name_bytes_max = 64;
inline constexpr std::size_t client_token_bytes_max = 64;
inline constexpr std::int64_t shadow_version_kept_ms = 48 * 3'600'000;  // of a deleted shadow; developer guide, "Using shadows"
inline constexpr std::size_t shadow_requests_waiting_max = 10'000;   // croft's own, of one shard, for the disk
inline constexpr std::size_t shadow_request_bytes_waiting_max = 64 * 1024 * 1024;  // croft's own, of all, for their shard

}  // namespace croft::things::limits
