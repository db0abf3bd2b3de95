#include <algorithm>

#include "services/s3/checksums.h"
#include "services/s3/errors.h"
#include "services/s3/operations.h"
#include "services/s3/xml_reader.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::services::s3 {

namespace {

// The only version there is; others are refused before anything is read or erased.
Result<void> check_version(const gateway::Call& call) {
  const std::string version = parameter(call, "versionId");
  if (version.empty() || version == "null") return {};
  return invalid_argument("Invalid version id specified");
}

// response-content-type=… and its like replace what the object says of itself.
void override_headers(const gateway::Call& call, net::Headers& headers) {
  constexpr std::string_view names[] = {"content-type",  "content-language",    "expires",
                                        "cache-control", "content-disposition", "content-encoding"};
  for (std::string_view name : names) {
    const std::string value = parameter(call, "response-" + std::string(name));
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
    if (value.empty() || std::any_of(value.begin(), value.end(), is_control)) continue;  // would end or break the header
    std::erase_if(headers, [&](const auto& header) { return header.first == name; });
    headers.emplace_back(name, value);
  }
}

bool wants_checksums(const gateway::Call& call) {
  const std::string* mode = call.http.header("x-amz-checksum-mode");
  return mode && text::lower(*mode) == "enabled" && !call.http.header("range");
}

std::string content_range(const ByteRange& range, std::uint64_t size) {
  return "bytes " + std::to_string(range.first) + '-' + std::to_string(range.last) + '/' + std::to_string(size);
}

// x-amz-metadata-directive or x-amz-tagging-directive of a copy: REPLACE, or COPY, also when it is left out.
Result<bool> is_replaced(const gateway::Call& call, const std::string& what) {
  const std::string* directive = call.http.header("x-amz-" + what + "-directive");
  if (!directive || *directive == "COPY") return false;
  if (*directive == "REPLACE") return true;
  return invalid_argument("Unknown " + what + " directive.");
}

std::optional<RangeRequest> wanted_range(const gateway::Call& call) {
  const std::string* range = call.http.header("range");
  return range ? read_range(*range) : std::nullopt;
}

}  // namespace

Task<gateway::Reply> Operations::put_object(Call& call) {
  if (call.http.header("x-amz-copy-source")) {
    Reply copied = co_await copy_object(call);
    co_return copied;
  }
  const ObjectName name = object_name(call);
  std::string body = std::move(call.http.body);
  net::HttpRequest request = call.http;
  request.body = std::move(body);
  const std::size_t bytes = request.body.size();
  auto work = [&objects = objects_, name, request = std::move(request)]() mutable -> Result<Object> {
    auto attributes = read_attributes(request);
    if (!attributes) return attributes.error();
    auto checksums = verified_checksums(request);
    if (!checksums) return checksums.error();
    const NewObject object{std::move(request.body), std::move(*attributes), std::move(*checksums),
                           read_condition(request)};
    return objects.put(name.bucket, name.key, object, Timestamp::now());
  };
  const Result<Object> stored = co_await run(bytes, std::move(work));
  Reply reply = empty_reply(200);
  reply.headers = written_headers(stored.value());
  co_await store_.durable();
  co_return reply;
}

Task<gateway::Reply> Operations::copy_object(Call& call) {
  const ObjectName name = object_name(call);
  const ObjectName source = read_copy_source(*call.http.header("x-amz-copy-source")).value();
  const bool replaces = is_replaced(call, "metadata").value();
  const bool replaces_tags = is_replaced(call, "tagging").value();
  if (!replaces && source.bucket == name.bucket && source.key == name.key) {
    throw ApiError(invalid_request(
        "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
        "metadata, storage class, website redirect location or encryption attributes."));
  }
  const Attributes given = read_attributes(call.http).value();
  const std::uint64_t bytes = objects_.head(source.bucket, source.key).value().size;
  const net::Headers headers = call.http.headers;
  const WriteCondition condition = read_condition(call.http);
  auto work = [&objects = objects_, name, source, given, replaces, replaces_tags, headers,
               condition]() -> Result<Object> {
    auto original = objects.read(source.bucket, source.key, std::nullopt);
    if (!original) return original.error();
    if (auto holds = check_copy_condition(headers, original->object); !holds) return holds.error();
    NewObject copy{std::move(original->bytes), replaces ? given : original->object.attributes, {}, condition};
    copy.attributes.tags = replaces_tags ? given.tags : original->object.attributes.tags;
    return objects.put(name.bucket, name.key, copy, Timestamp::now());
  };
  const Result<Object> stored = co_await run(bytes, std::move(work));
  const Object& object = stored.value();
  co_await store_.durable();
  text::XmlWriter xml;
  xml.declaration().open("CopyObjectResult", xml_namespace);
  xml.element("LastModified", text::iso8601(object.modified)).element("ETag", quoted(object.etag)).close();
  co_return xml_reply(xml);
}

Task<gateway::Reply> Operations::get_object(Call& call) {
  check_version(call).value();
  const ObjectName name = object_name(call);
  const std::optional<RangeRequest> range = wanted_range(call);
  const Object known = objects_.head(name.bucket, name.key).value();
  check_read_condition(call.http, known).value();
  auto work = [&objects = objects_, name, range] { return objects.read(name.bucket, name.key, range); };
  Result<ReadObject> found = co_await run(known.size, std::move(work));
  ReadObject& read = found.value();

  Reply reply;
  reply.headers = object_headers(read.object, wants_checksums(call));
  override_headers(call, reply.headers);
  if (read.range) {
    reply.status = 206;
    reply.headers.emplace_back("content-range", content_range(*read.range, read.object.size));
  }
  reply.body = std::move(read.bytes);
  co_return reply;
}

Task<gateway::Reply> Operations::head_object(Call& call) {
  check_version(call).value();
  const ObjectName name = object_name(call);
  if (!parameter(call, "partNumber").empty()) throw ApiError(not_implemented("?partNumber"));
  const Object object = objects_.head(name.bucket, name.key).value();
  check_read_condition(call.http, object).value();
  Reply reply = empty_reply(200);
  reply.headers = object_headers(object, wants_checksums(call));
  override_headers(call, reply.headers);
  std::uint64_t length = object.size;
  if (const auto range = wanted_range(call)) {
    const auto fitted = range->of(object.size);
    if (!fitted) throw ApiError({"InvalidRange", "The requested range is not satisfiable", 416});
    reply.status = 206;
    reply.headers.emplace_back("content-range", content_range(*fitted, object.size));
    length = fitted->length();
  }
  reply.headers.emplace_back("content-length", std::to_string(length));
  co_return reply;
}

Task<gateway::Reply> Operations::delete_object(Call& call) {
  check_version(call).value();
  const ObjectName name = object_name(call);
  objects_.erase(name.bucket, name.key).value();
  co_await store_.durable();
  co_return empty_reply(204);
}

Task<gateway::Reply> Operations::delete_objects(Call& call) {
  const std::string bucket = bucket_name(call);
  objects_.bucket(bucket).value();
  verified_checksums(call.http).value();
  const XmlElement document = read_xml(call.http.body).value();
  const bool is_quiet = text::lower(document.text_of("Quiet")) == "true";
  if (document.name != "Delete" || document.children.size() > deleted_keys_max + 1) throw ApiError(malformed_xml());

  text::XmlWriter xml;
  xml.declaration().open("DeleteResult", xml_namespace);
  for (const XmlElement& object : document.children) {
    if (object.name != "Object") continue;
    const std::string key = object.text_of("Key"), version = object.text_of("VersionId");
    if (key.empty()) throw ApiError(malformed_xml());
    if (!version.empty() && version != "null") {
      xml.open("Error").element("Key", key).element("VersionId", version).element("Code", "NoSuchVersion");
      xml.element("Message", "The specified version does not exist.").close();
      continue;
    }
    objects_.erase(bucket, key).value();
    if (!is_quiet) xml.open("Deleted").element("Key", key).close();
  }
  xml.close();
  co_await store_.durable();
  co_return xml_reply(xml);
}

Result<TextMap> read_tagging(std::string_view document) {
  auto root = read_xml(document);
  if (!root) return root.error();
  const XmlElement* set = root->child("TagSet");
  if (root->name != "Tagging" || !set) return malformed_xml();
  TextMap tags;
  for (const XmlElement& tag : set->children) {
    const std::string key = tag.text_of("Key");
    if (tag.name != "Tag" || key.empty()) return malformed_xml();
    if (!tags.emplace(key, tag.text_of("Value")).second) {
      return Error{"InvalidTag", "Cannot provide multiple Tags with the same key", 400};
    }
  }
  return tags;
}

Task<gateway::Reply> Operations::get_object_tagging(Call& call) {
  const ObjectName name = object_name(call);
  const Object object = objects_.head(name.bucket, name.key).value();
  text::XmlWriter xml;
  xml.declaration().open("Tagging", xml_namespace).open("TagSet");
  for (const auto& [key, value] : object.attributes.tags) {
    xml.open("Tag").element("Key", key).element("Value", value).close();
  }
  xml.close().close();
  co_return xml_reply(xml);
}

Task<gateway::Reply> Operations::put_object_tagging(Call& call) {
  const ObjectName name = object_name(call);
  const TextMap tags = read_tagging(call.http.body).value();
  if (tags.size() > tags_max) throw ApiError({"BadRequest", "Object tags cannot be greater than 10", 400});
  objects_.set_tags(name.bucket, name.key, tags).value();
  co_await store_.durable();
  co_return empty_reply(200);
}

Task<gateway::Reply> Operations::delete_object_tagging(Call& call) {
  const ObjectName name = object_name(call);
  objects_.set_tags(name.bucket, name.key, {}).value();
  co_await store_.durable();
  co_return empty_reply(204);
}

}  // namespace croft::services::s3
