#pragma once

#include <cstddef>

namespace croft::gateway {

inline constexpr std::size_t document_body_bytes_max = 16u << 20;  // BatchWriteItem's 16 MB is the largest document
inline constexpr std::size_t rest_body_bytes_max = 96u << 20;      // a function's 50 MB zip in base64, with room
inline constexpr std::size_t object_body_bytes_max = 160u
                                                     << 20;  // one PutObject or UploadPart, with its chunk frames
inline constexpr std::size_t form_members_max = 10'000;
inline constexpr std::size_t form_name_depth_max = 24;  // dots in a form member's name
inline constexpr std::size_t watched_input_bytes_max = 4u << 10;  // of a call's input, for who watches calls
inline constexpr std::size_t host_bytes_max = 261;  // of a Host header: 255 of a name (RFC 1035, 2.3.4), a colon, a port
inline constexpr std::size_t route_segments_max = 64;   // path segments that are matched against routes

}  // namespace croft::gateway
