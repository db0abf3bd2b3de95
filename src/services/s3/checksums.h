// The checksums of S3's "Checking object integrity": values travel as base64 of the big-endian digest.
#pragma once

#include <string>
#include <string_view>

#include "net/http.h"
#include "services/s3/records.h"
#include "types/result.h"

namespace croft::services::s3 {

// "crc32", "crc32c", "crc64nvme", "sha1" or "sha256"; "" for an algorithm that is none of them.
std::string checksum(std::string_view algorithm, std::string_view bytes);
bool is_checksum_algorithm(std::string_view algorithm);

// Content-MD5 and x-amz-checksum-* of the request, checked against its body; the x-amz-checksum-* ones are returned.
// Errors: InvalidDigest, BadDigest, InvalidRequest.
Result<TextMap> verified_checksums(const net::HttpRequest& request);

// The checksum of a multipart object: of the parts' digests, "-N" behind it. "" when a part lacks one.
std::string composite_checksum(std::string_view algorithm, const std::vector<Part>& parts);

}  // namespace croft::services::s3
