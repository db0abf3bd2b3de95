#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace croft::identity {

// Signature Version 4, "Elements of an AWS API request signature" in the IAM User Guide.
inline constexpr std::int64_t clock_skew_ms_max = 15 * 60 * 1000;
inline constexpr std::int64_t presigned_lifetime_s_max = 7 * 24 * 3600;
inline constexpr std::size_t signed_headers_max = 100;
inline constexpr std::size_t query_parameters_max = 1000;

// aws-chunked bodies. AWS asks for chunks of at least 8 KiB; the header line holds a length and a signature.
inline constexpr std::size_t chunk_header_bytes_max = 256;
inline constexpr std::size_t chunk_trailer_bytes_max = 8 * 1024;
inline constexpr std::size_t chunks_max = 100'000;

// Sessions handed to function workers and by AssumeRole; the one that expires first makes room for a new one.
inline constexpr std::size_t sessions_max = 10'000;

// IAM and AWS STS quotas.
inline constexpr std::size_t role_name_characters_max = 64;
inline constexpr std::size_t policy_name_characters_max = 128;
inline constexpr std::size_t inline_policy_characters_max = 10'240;  // all inline policies of a role together
inline constexpr std::size_t trust_policy_characters_max = 8'192;    // the quota's upper end
inline constexpr std::size_t attached_policies_max = 20;             // the quota's upper end
inline constexpr std::size_t managed_policy_characters_max = 6'144;
inline constexpr std::size_t managed_policies_max = 5'000;  // the quota's upper end
inline constexpr std::size_t policy_versions_max = 5;
inline constexpr std::size_t roles_max = 5'000;                      // the quota's upper end
inline constexpr std::size_t role_description_characters_max = 1'000;
inline constexpr std::int64_t session_duration_s_min = 900;
inline constexpr std::int64_t session_duration_s_max = 43'200;

}  // namespace croft::identity
