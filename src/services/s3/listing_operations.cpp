#include <algorithm>

#include "services/s3/errors.h"
#include "services/s3/operations.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::services::s3 {

namespace {

// How keys travel in a listing: encoding-type=url lets them hold what XML cannot.
class KeyWriter {
 public:
  explicit KeyWriter(const gateway::Call& call) : is_encoded_(parameter(call, "encoding-type") == "url") {}

  void write(text::XmlWriter& xml, std::string_view element, std::string_view key) const {
    xml.element(element, is_encoded_ ? text::percent_encode(key, true) : std::string(key));
  }
  void write_type(text::XmlWriter& xml) const {
    if (is_encoded_) xml.element("EncodingType", "url");
  }

 private:
  bool is_encoded_;
};

Result<ListQuery> read_list_query(const gateway::Call& call, std::string after) {
  const std::string encoding = parameter(call, "encoding-type");
  if (!encoding.empty() && encoding != "url") return invalid_argument("Invalid Encoding Method specified in Request");
  auto limit = number(call, "max-keys", listed_keys_max, 0, 2147483647);
  if (!limit) return limit.error();
  return ListQuery{parameter(call, "prefix"), parameter(call, "delimiter"), std::move(after),
                   std::min<std::size_t>(*limit, listed_keys_max)};
}

// A continuation token is the last key in base64; what does not decode was not made here.
Result<std::string> read_token(const std::string& token) {
  auto key = text::from_base64(token);
  if (!key) return invalid_argument("The continuation token provided is incorrect");
  return {boost::system::in_place_value, std::move(*key)};
}

void write_entries(text::XmlWriter& xml, const Listing& listing, const KeyWriter& keys, const Instance* owner) {
  for (const Listing::Entry& entry : listing.entries) {
    xml.open("Contents");
    keys.write(xml, "Key", entry.key);
    xml.element("LastModified", text::iso8601(entry.object.modified)).element("ETag", quoted(entry.object.etag));
    for (const auto& [algorithm, value] : entry.object.checksums) {
      xml.element("ChecksumAlgorithm", text::upper(algorithm));
    }
    xml.element("Size", std::to_string(entry.object.size));
    if (owner) write_owner(xml, "Owner", *owner);
    xml.element("StorageClass", "STANDARD").close();
  }
}

void write_common_prefixes(text::XmlWriter& xml, const Listing& listing, const KeyWriter& keys) {
  for (const std::string& prefix : listing.common_prefixes) {
    xml.open("CommonPrefixes");
    keys.write(xml, "Prefix", prefix);
    xml.close();
  }
}

void write_query(text::XmlWriter& xml, const std::string& bucket, const ListQuery& query, const KeyWriter& keys) {
  xml.element("Name", bucket);
  keys.write(xml, "Prefix", query.prefix);
  xml.element("MaxKeys", std::to_string(query.limit));
  if (!query.delimiter.empty()) keys.write(xml, "Delimiter", query.delimiter);
  keys.write_type(xml);
}

const char* yes_or_no(bool value) {
  return value ? "true" : "false";
}

}  // namespace

Task<gateway::Reply> Operations::list_objects_v2(Call& call) {
  const std::string bucket = bucket_name(call), token = parameter(call, "continuation-token");
  const std::string start = parameter(call, "start-after");
  const std::string after = token.empty() ? start : read_token(token).value();
  const ListQuery query = read_list_query(call, after).value();
  const Listing listing = objects_.list(bucket, query).value();
  const KeyWriter keys(call);

  text::XmlWriter xml;
  xml.declaration().open("ListBucketResult", xml_namespace);
  write_query(xml, bucket, query, keys);
  xml.element("KeyCount", std::to_string(listing.entries.size() + listing.common_prefixes.size()));
  xml.element("IsTruncated", yes_or_no(listing.is_truncated));
  if (!token.empty()) xml.element("ContinuationToken", token);
  if (!start.empty()) keys.write(xml, "StartAfter", start);
  if (listing.is_truncated) xml.element("NextContinuationToken", text::base64(listing.last));
  write_entries(xml, listing, keys, parameter(call, "fetch-owner") == "true" ? &instance_ : nullptr);
  write_common_prefixes(xml, listing, keys);
  xml.close();
  co_return xml_reply(xml);
}

Task<gateway::Reply> Operations::list_objects(Call& call) {
  const std::string bucket = bucket_name(call);
  const ListQuery query = read_list_query(call, parameter(call, "marker")).value();
  const Listing listing = objects_.list(bucket, query).value();
  const KeyWriter keys(call);

  text::XmlWriter xml;
  xml.declaration().open("ListBucketResult", xml_namespace);
  write_query(xml, bucket, query, keys);
  keys.write(xml, "Marker", query.after);
  xml.element("IsTruncated", yes_or_no(listing.is_truncated));
  if (listing.is_truncated && !query.delimiter.empty()) keys.write(xml, "NextMarker", listing.last);
  write_entries(xml, listing, keys, &instance_);
  write_common_prefixes(xml, listing, keys);
  xml.close();
  co_return xml_reply(xml);
}

// Objects have one version, the null one.
Task<gateway::Reply> Operations::list_object_versions(Call& call) {
  const std::string bucket = bucket_name(call);
  const ListQuery query = read_list_query(call, parameter(call, "key-marker")).value();
  const Listing listing = objects_.list(bucket, query).value();
  const KeyWriter keys(call);

  text::XmlWriter xml;
  xml.declaration().open("ListVersionsResult", xml_namespace);
  write_query(xml, bucket, query, keys);
  keys.write(xml, "KeyMarker", query.after);
  xml.element("VersionIdMarker", "").element("IsTruncated", yes_or_no(listing.is_truncated));
  if (listing.is_truncated) {
    keys.write(xml, "NextKeyMarker", listing.last);
    xml.element("NextVersionIdMarker", "null");
  }
  for (const Listing::Entry& entry : listing.entries) {
    xml.open("Version");
    keys.write(xml, "Key", entry.key);
    xml.element("VersionId", "null").element("IsLatest", "true");
    xml.element("LastModified", text::iso8601(entry.object.modified)).element("ETag", quoted(entry.object.etag));
    xml.element("Size", std::to_string(entry.object.size)).element("StorageClass", "STANDARD");
    write_owner(xml, "Owner", instance_);
    xml.close();
  }
  write_common_prefixes(xml, listing, keys);
  xml.close();
  co_return xml_reply(xml);
}

Task<gateway::Reply> Operations::list_multipart_uploads(Call& call) {
  const std::string bucket = bucket_name(call);
  objects_.bucket(bucket).value();
  const std::vector<Upload> uploads = objects_.uploads(bucket, parameter(call, "prefix"));
  const KeyWriter keys(call);

  text::XmlWriter xml;
  xml.declaration().open("ListMultipartUploadsResult", xml_namespace).element("Bucket", bucket);
  keys.write(xml, "Prefix", parameter(call, "prefix"));
  keys.write_type(xml);
  xml.element("MaxUploads", std::to_string(uploads_max)).element("IsTruncated", "false");
  for (const Upload& upload : uploads) {
    xml.open("Upload");
    keys.write(xml, "Key", upload.key);
    xml.element("UploadId", upload.id).element("StorageClass", "STANDARD");
    write_owner(xml, "Initiator", instance_);
    write_owner(xml, "Owner", instance_);
    xml.element("Initiated", text::iso8601(upload.started)).close();
  }
  xml.close();
  co_return xml_reply(xml);
}

}  // namespace croft::services::s3
