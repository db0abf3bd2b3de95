#include "services/s3/records.h"

#include <cstdio>

#include "text/json.h"
#include "types/assert.h"

namespace croft::services::s3 {

namespace {

json::object from_map(const TextMap& map) {
  json::object object;
  for (const auto& [name, value] : map) object[name] = value;
  return object;
}

TextMap map_of(const json::object& row, std::string_view name) {
  TextMap map;
  const json::value* member = json::find(row, name);
  if (!member || !member->is_object()) return map;
  for (const auto& [key, value] : member->get_object())
    if (value.is_string()) map[std::string(key)] = value.get_string();
  return map;
}

std::string text_of(const json::object& row, std::string_view name) {
  return std::string(json::string_or(row, name, ""));
}

json::object from_attributes(const Attributes& attributes) {
  return {{"type", attributes.content_type},
          {"headers", from_map(attributes.headers)},
          {"metadata", from_map(attributes.metadata)},
          {"tags", from_map(attributes.tags)}};
}

Attributes attributes_of(const json::object& row) {
  Attributes attributes;
  const json::value* member = json::find(row, "attributes");
  if (!member || !member->is_object()) return attributes;
  const json::object& o = member->get_object();
  attributes.content_type = text_of(o, "type");
  attributes.headers = map_of(o, "headers");
  attributes.metadata = map_of(o, "metadata");
  attributes.tags = map_of(o, "tags");
  return attributes;
}

json::array from_blobs(const std::vector<Blob>& blobs) {
  json::array rows;
  for (const Blob& blob : blobs) rows.push_back(json::object{{"id", blob.id}, {"size", blob.size}});
  return rows;
}

std::vector<Blob> blobs_of(const json::object& row) {
  std::vector<Blob> blobs;
  const json::value* member = json::find(row, "blobs");
  if (!member || !member->is_array()) return blobs;
  for (const json::value& blob : member->get_array()) {
    if (!blob.is_object()) continue;
    blobs.push_back(
        {text_of(blob.get_object(), "id"), static_cast<std::uint64_t>(json::int_or(blob.get_object(), "size", 0))});
  }
  return blobs;
}

std::optional<json::object> object_in(std::string_view row) {
  auto parsed = json::parse(row);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  return std::move(parsed->get_object());
}

}  // namespace

std::string bucket_row(const Bucket& bucket) {
  return json::dump(json::object{{"created_ms", bucket.created.ms}, {"documents", from_map(bucket.documents)}});
}

std::string object_row(const Object& object) {
  return json::dump(json::object{{"size", object.size},
                                 {"etag", object.etag},
                                 {"modified_ms", object.modified.ms},
                                 {"attributes", from_attributes(object.attributes)},
                                 {"checksums", from_map(object.checksums)},
                                 {"blobs", from_blobs(object.blobs)}});
}

std::string upload_row(const Upload& upload) {
  return json::dump(json::object{{"key", upload.key},
                                 {"started_ms", upload.started.ms},
                                 {"checksum_algorithm", upload.checksum_algorithm},
                                 {"attributes", from_attributes(upload.attributes)}});
}

std::string part_row(const Part& part) {
  return json::dump(json::object{{"number", part.number},
                                 {"size", part.size},
                                 {"etag", part.etag},
                                 {"modified_ms", part.modified.ms},
                                 {"checksums", from_map(part.checksums)},
                                 {"blobs", from_blobs({part.blob})}});
}

std::optional<Bucket> read_bucket(std::string_view name, std::string_view row) {
  const auto o = object_in(row);
  if (!o) return std::nullopt;
  return Bucket{std::string(name), {json::int_or(*o, "created_ms", 0)}, map_of(*o, "documents")};
}

std::optional<Object> read_object(std::string_view row) {
  const auto o = object_in(row);
  if (!o) return std::nullopt;
  return Object{static_cast<std::uint64_t>(json::int_or(*o, "size", 0)),
                text_of(*o, "etag"),
                {json::int_or(*o, "modified_ms", 0)},
                attributes_of(*o),
                map_of(*o, "checksums"),
                blobs_of(*o)};
}

std::optional<Upload> read_upload(std::string_view id, std::string_view row) {
  const auto o = object_in(row);
  if (!o) return std::nullopt;
  return Upload{std::string(id),
                text_of(*o, "key"),
                {json::int_or(*o, "started_ms", 0)},
                attributes_of(*o),
                text_of(*o, "checksum_algorithm")};
}

std::optional<Part> read_part(std::string_view row) {
  const auto o = object_in(row);
  if (!o) return std::nullopt;
  const std::vector<Blob> blobs = blobs_of(*o);
  if (blobs.size() != 1) return std::nullopt;
  return Part{static_cast<unsigned>(json::int_or(*o, "number", 0)),
              static_cast<std::uint64_t>(json::int_or(*o, "size", 0)),
              text_of(*o, "etag"),
              {json::int_or(*o, "modified_ms", 0)},
              map_of(*o, "checksums"),
              blobs.front()};
}

namespace keys {

std::string bucket(std::string_view name) {
  return "s3b/" + std::string(name);
}
std::string object(std::string_view bucket, std::string_view key) {
  return "s3o/" + std::string(bucket) + '/' + std::string(key);
}
std::string upload(std::string_view bucket, std::string_view id) {
  return "s3u/" + std::string(bucket) + '/' + std::string(id);
}
std::string part(std::string_view upload, unsigned number) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%05u", number);
  return "s3p/" + std::string(upload) + '/' + digits;
}
std::string chunk(std::string_view blob, std::uint64_t index) {
  char digits[24];
  std::snprintf(digits, sizeof digits, "%012llx", static_cast<unsigned long long>(index));
  return "s3d/" + std::string(blob) + '/' + digits;
}
std::string unowned(std::string_view blob) {
  return "s3w/" + std::string(blob);
}

std::string end_of(std::string prefix_with_slash) {
  CROFT_ASSERT(prefix_with_slash.ends_with('/'));
  prefix_with_slash.back() = '/' + 1;
  return prefix_with_slash;
}

}  // namespace keys

}  // namespace croft::services::s3
