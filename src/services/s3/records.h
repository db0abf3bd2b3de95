// What S3 keeps, as values, and their rows in Family::objects.
//
//   s3b/BUCKET               -> bucket (JSON)
//   s3o/BUCKET/KEY           -> object (JSON); bucket names hold no slash, so key order is S3's order
//   s3u/BUCKET/UPLOAD        -> multipart upload (JSON)
//   s3p/UPLOAD/PART          -> one uploaded part (JSON)
//   s3d/BLOB/CHUNK           -> up to 1 MiB of data
//   s3w/BLOB                 -> nothing: a blob written but not yet owned by an object or part, erased at the next
//   start
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "types/timestamp.h"

namespace croft::services::s3 {

using TextMap = std::map<std::string, std::string>;

struct Bucket {
  std::string name;
  Timestamp created;
  TextMap documents;  // of sub-resources such as "tagging", as they were put
};

struct Blob {
  std::string id;
  std::uint64_t size = 0;
};

// What a client says about an object beside its bytes.
struct Attributes {
  std::string content_type = "binary/octet-stream";
  TextMap headers;   // cache-control, content-disposition, …: given back as they came
  TextMap metadata;  // x-amz-meta-NAME, without the prefix
  TextMap tags;
};

struct Object {
  std::uint64_t size = 0;
  std::string etag;  // without quotes
  Timestamp modified;
  Attributes attributes;
  TextMap checksums;  // "crc32" -> base64
  std::vector<Blob> blobs;
};

struct Upload {
  std::string id;
  std::string key;
  Timestamp started;
  Attributes attributes;
  std::string checksum_algorithm;  // "" or "crc32", …
};

struct Part {
  unsigned number = 0;
  std::uint64_t size = 0;
  std::string etag;
  Timestamp modified;
  TextMap checksums;
  Blob blob;
};

std::string bucket_row(const Bucket& bucket);
std::string object_row(const Object& object);
std::string upload_row(const Upload& upload);
std::string part_row(const Part& part);
// Nothing when the row is not of the form that its writer makes.
std::optional<Bucket> read_bucket(std::string_view name, std::string_view row);
std::optional<Object> read_object(std::string_view row);
std::optional<Upload> read_upload(std::string_view id, std::string_view row);
std::optional<Part> read_part(std::string_view row);

namespace keys {
std::string bucket(std::string_view name);
std::string object(std::string_view bucket, std::string_view key);
std::string upload(std::string_view bucket, std::string_view id);
std::string part(std::string_view upload, unsigned number);
std::string chunk(std::string_view blob, std::uint64_t index);
std::string unowned(std::string_view blob);
// The end of a range "PREFIX/…": PREFIX with the character after the slash.
std::string end_of(std::string prefix_with_slash);
}  // namespace keys

}  // namespace croft::services::s3
