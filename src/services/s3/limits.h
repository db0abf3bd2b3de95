#pragma once

#include <cstddef>
#include <cstdint>

namespace croft::services::s3 {

// S3 User Guide, "Naming Amazon S3 objects", "General purpose buckets quotas" and "Multipart upload limits".
inline constexpr std::size_t key_bytes_max = 1024;
inline constexpr std::size_t bucket_name_bytes_min = 3;
inline constexpr std::size_t bucket_name_bytes_max = 63;
inline constexpr std::size_t buckets_max = 10'000;
inline constexpr std::size_t listed_keys_max = 1000;
inline constexpr std::size_t deleted_keys_max = 1000;  // one DeleteObjects
inline constexpr unsigned part_number_max = 10'000;
inline constexpr std::uint64_t part_bytes_min = 5u << 20;  // all parts but the last
inline constexpr std::size_t metadata_bytes_max = 2048;    // x-amz-meta-* names and values together
inline constexpr std::size_t tags_max = 10;                // of an object
inline constexpr std::size_t policy_bytes_max = 20 * 1024;
inline constexpr std::size_t document_bytes_max = 64 * 1024;  // a bucket's other stored documents

// croft's own.
inline constexpr std::size_t chunk_bytes = 1u << 20;         // one row of an object's data
inline constexpr std::uint64_t answer_bytes_max = 1u << 30;  // one GetObject; larger ones are read by ranges
inline constexpr std::size_t inline_bytes_max = 256u << 10;  // larger bodies are stored and read on the pool
inline constexpr std::size_t uploads_max = 1000;             // multipart uploads of a bucket at once

// XML from clients.
inline constexpr std::size_t xml_depth_max = 16;
inline constexpr std::size_t xml_elements_max = 50'000;  // CompleteMultipartUpload with 10,000 parts fits

}  // namespace croft::services::s3
