// What S3 requests say in headers and query, as values.
#pragma once

#include <optional>
#include <string>

#include "gateway/service.h"
#include "services/s3/objects.h"

namespace croft::services::s3 {

// Bucket and key of the path.
struct ObjectName {
  std::string bucket;
  std::string key;
};
ObjectName object_name(const gateway::Call& call);
std::string bucket_name(const gateway::Call& call);
// A query parameter, "" when it is not there.
std::string parameter(const gateway::Call& call, std::string_view name);
// A number from `least` to `most`, or InvalidArgument; `otherwise` when it is not there.
Result<std::uint64_t> number(const gateway::Call& call, std::string_view name, std::uint64_t otherwise,
                             std::uint64_t least, std::uint64_t most);

// Content type, kept headers, x-amz-meta-*, x-amz-tagging. MetadataTooLarge, InvalidTag, and NotImplemented for
// features that must not be dropped in silence (customer keys, object locks, public ACLs).
Result<Attributes> read_attributes(const net::HttpRequest& request);
// "a=1&b=2", at most tags_max.
Result<TextMap> read_tags(std::string_view form);
WriteCondition read_condition(const net::HttpRequest& request);

// The Range header; nothing when there is none, or when it is of a form that HTTP says to ignore.
std::optional<RangeRequest> read_range(std::string_view header);

// If-Match, If-None-Match, If-Modified-Since and If-Unmodified-Since of a read: PreconditionFailed (412), or
// NotModified (304).
Result<void> check_read_condition(const net::HttpRequest& request, const Object& object);
// The same of a copy's source, x-amz-copy-source-if-…: always PreconditionFailed.
Result<void> check_copy_condition(const net::Headers& headers, const Object& source);

// What every operation is asked first: AccessDenied when the caller expects a bucket of another account, and a
// refusal of customer keys, which no object here has.
Result<void> check_request(const net::HttpRequest& request, const std::string& account_id);
// What CreateBucket's headers ask for beside a private bucket: refused.
Result<void> check_new_bucket(const net::HttpRequest& request);

// /bucket/key[?versionId=null] of x-amz-copy-source.
Result<ObjectName> read_copy_source(const std::string& header);

// What a read answers about an object, without its length.
net::Headers object_headers(const Object& object, bool with_checksums);
// ETag, encryption and checksums, after a write.
net::Headers written_headers(const Object& object);
std::string quoted(const std::string& etag);
std::string unquoted(std::string_view etag);

}  // namespace croft::services::s3
