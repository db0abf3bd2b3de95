#include <charconv>

#include "gateway/request_origin.h"
#include "services/s3/checksums.h"
#include "services/s3/errors.h"
#include "services/s3/operations.h"
#include "services/s3/xml_reader.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::services::s3 {

namespace {

std::string upload_id(const gateway::Call& call) {
  return parameter(call, "uploadId");
}

unsigned part_number(const gateway::Call& call) {
  return static_cast<unsigned>(number(call, "partNumber", 0, 1, part_number_max).value());
}

Result<std::vector<CompletedPart>> read_completed_parts(std::string_view document) {
  auto root = read_xml(document);
  if (!root) return root.error();
  if (root->name != "CompleteMultipartUpload") return malformed_xml();
  std::vector<CompletedPart> parts;
  for (const XmlElement& element : root->children) {
    if (element.name != "Part") return malformed_xml();
    const std::string text(text::trim(element.text_of("PartNumber")));
    CompletedPart part;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), part.number);
    if (failure != std::errc() || end != text.data() + text.size() || part.number == 0) return malformed_xml();
    part.etag = unquoted(text::trim(element.text_of("ETag")));
    parts.push_back(std::move(part));
  }
  if (parts.empty() || parts.size() > part_number_max) return malformed_xml();
  return parts;
}

// x-amz-checksum-algorithm, as "crc32"; "" when none was given.
Result<std::string> wanted_algorithm(const gateway::Call& call) {
  using boost::system::in_place_value;  // an Error can be made from a string too
  const std::string* header = call.http.header("x-amz-checksum-algorithm");
  if (!header) return {in_place_value, ""};
  const std::string algorithm = text::lower(*header);
  if (!is_checksum_algorithm(algorithm)) {
    return invalid_request(
        "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
        "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
  }
  return {in_place_value, algorithm};
}

}  // namespace

Task<gateway::Reply> Operations::create_multipart_upload(Call& call) {
  const ObjectName name = object_name(call);
  Upload wanted;
  wanted.key = name.key;
  wanted.attributes = read_attributes(call.http).value();
  wanted.checksum_algorithm = wanted_algorithm(call).value();
  const Upload upload = objects_.create_upload(name.bucket, wanted, Timestamp::now()).value();
  co_await store_.durable();
  text::XmlWriter xml;
  xml.declaration().open("InitiateMultipartUploadResult", xml_namespace);
  xml.element("Bucket", name.bucket).element("Key", name.key).element("UploadId", upload.id).close();
  Reply reply = xml_reply(xml);
  reply.headers.emplace_back("x-amz-server-side-encryption", "AES256");
  if (!wanted.checksum_algorithm.empty()) {
    reply.headers.emplace_back("x-amz-checksum-algorithm", text::upper(wanted.checksum_algorithm));
    reply.headers.emplace_back("x-amz-checksum-type", "COMPOSITE");
  }
  co_return reply;
}

Task<gateway::Reply> Operations::upload_part(Call& call) {
  if (call.http.header("x-amz-copy-source")) {
    Reply copied = co_await upload_part_copy(call);
    co_return copied;
  }
  const ObjectName name = object_name(call);
  const unsigned number = part_number(call);
  const Upload upload = objects_.upload(name.bucket, name.key, upload_id(call)).value();
  std::string body = std::move(call.http.body);
  net::HttpRequest request = call.http;
  request.body = std::move(body);
  const std::size_t bytes = request.body.size();
  auto work = [&objects = objects_, name, upload, number, request = std::move(request)]() -> Result<Part> {
    auto checksums = verified_checksums(request);
    if (!checksums) return checksums.error();
    return objects.put_part(name.bucket, upload, number, request.body, *checksums, Timestamp::now());
  };
  const Result<Part> stored = co_await run(bytes, std::move(work));
  const Part& part = stored.value();
  co_await store_.durable();
  Reply reply = empty_reply(200);
  reply.headers.emplace_back("etag", quoted(part.etag));
  reply.headers.emplace_back("x-amz-server-side-encryption", "AES256");
  for (const auto& [algorithm, value] : part.checksums)
    reply.headers.emplace_back("x-amz-checksum-" + algorithm, value);
  co_return reply;
}

Task<gateway::Reply> Operations::upload_part_copy(Call& call) {
  const ObjectName name = object_name(call);
  const unsigned number = part_number(call);
  const Upload upload = objects_.upload(name.bucket, name.key, upload_id(call)).value();
  const ObjectName source = read_copy_source(*call.http.header("x-amz-copy-source")).value();
  std::optional<RangeRequest> range;
  if (const std::string* header = call.http.header("x-amz-copy-source-range")) {
    range = read_range(*header);
    if (!range)
      throw ApiError(invalid_argument("The x-amz-copy-source-range value must be of the form bytes=first-last"));
  }
  const std::uint64_t bytes = objects_.head(source.bucket, source.key).value().size;
  const net::Headers headers = call.http.headers;
  auto work = [&objects = objects_, name, upload, number, source, range, headers]() -> Result<Part> {
    auto read = objects.read(source.bucket, source.key, range);
    if (!read) return read.error();
    if (auto holds = check_copy_condition(headers, read->object); !holds) return holds.error();
    return objects.put_part(name.bucket, upload, number, read->bytes, {}, Timestamp::now());
  };
  const Result<Part> stored = co_await run(bytes, std::move(work));
  const Part& part = stored.value();
  co_await store_.durable();
  text::XmlWriter xml;
  xml.declaration().open("CopyPartResult", xml_namespace);
  xml.element("LastModified", text::iso8601(part.modified)).element("ETag", quoted(part.etag)).close();
  co_return xml_reply(xml);
}

Task<gateway::Reply> Operations::complete_multipart_upload(Call& call) {
  const ObjectName name = object_name(call);
  const Upload upload = objects_.upload(name.bucket, name.key, upload_id(call)).value();
  const std::vector<CompletedPart> parts = read_completed_parts(call.http.body).value();
  const Object object =
      objects_.complete_upload(name.bucket, upload, parts, read_condition(call.http), Timestamp::now()).value();
  co_await store_.durable();
  text::XmlWriter xml;
  xml.declaration().open("CompleteMultipartUploadResult", xml_namespace);
  xml.element("Location", gateway::origin_of(call.http, "") + "/" + name.bucket + '/' + text::percent_encode(name.key, true));
  xml.element("Bucket", name.bucket).element("Key", name.key).element("ETag", quoted(object.etag));
  for (const auto& [algorithm, value] : object.checksums) {
    const std::string upper = text::upper(algorithm);
    xml.element("Checksum" + upper, value).element("ChecksumType", "COMPOSITE");
  }
  xml.close();
  Reply reply = xml_reply(xml);
  reply.headers.emplace_back("x-amz-server-side-encryption", "AES256");
  co_return reply;
}

Task<gateway::Reply> Operations::abort_multipart_upload(Call& call) {
  const ObjectName name = object_name(call);
  const Upload upload = objects_.upload(name.bucket, name.key, upload_id(call)).value();
  objects_.abort_upload(name.bucket, upload).value();
  co_await store_.durable();
  co_return empty_reply(204);
}

Task<gateway::Reply> Operations::list_parts(Call& call) {
  const ObjectName name = object_name(call);
  const Upload upload = objects_.upload(name.bucket, name.key, upload_id(call)).value();
  const auto after = static_cast<unsigned>(number(call, "part-number-marker", 0, 0, part_number_max).value());
  const std::size_t limit = std::min<std::uint64_t>(number(call, "max-parts", 1000, 0, 2147483647).value(), 1000);
  std::vector<Part> parts = objects_.parts(upload.id, after, limit + 1);
  const bool is_truncated = parts.size() > limit;
  if (is_truncated) parts.resize(limit);

  text::XmlWriter xml;
  xml.declaration().open("ListPartsResult", xml_namespace);
  xml.element("Bucket", name.bucket).element("Key", name.key).element("UploadId", upload.id);
  xml.element("PartNumberMarker", std::to_string(after)).element("MaxParts", std::to_string(limit));
  xml.element("IsTruncated", is_truncated ? "true" : "false");
  if (is_truncated && !parts.empty()) xml.element("NextPartNumberMarker", std::to_string(parts.back().number));
  for (const Part& part : parts) {
    xml.open("Part").element("PartNumber", std::to_string(part.number));
    xml.element("LastModified", text::iso8601(part.modified)).element("ETag", quoted(part.etag));
    for (const auto& [algorithm, value] : part.checksums) xml.element("Checksum" + text::upper(algorithm), value);
    xml.element("Size", std::to_string(part.size)).close();
  }
  write_owner(xml, "Initiator", instance_);
  write_owner(xml, "Owner", instance_);
  xml.element("StorageClass", "STANDARD").close();
  co_return xml_reply(xml);
}

}  // namespace croft::services::s3
