#include "services/s3/checksums.h"
#include "services/s3/errors.h"
#include "services/s3/operations.h"
#include "services/s3/subresources.h"
#include "services/s3/xml_reader.h"
#include "text/json.h"

namespace croft::services::s3 {

namespace {

Result<void> check_document(const std::string& name, const std::string& document) {
  if (document.size() > document_bytes_max) return malformed_xml();
  if (name == "policy") {
    if (document.size() > policy_bytes_max) {
      return Error{"PolicyTooLarge", "The policy exceeds the maximum allowed policy size.", 400};
    }
    const auto policy = json::parse(document);
    if (policy && policy->is_object()) return {};
    return Error{"MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'", 400};
  }
  if (name == "tagging") {
    auto tags = read_tagging(document);
    if (!tags) return tags.error();
    return {};
  }
  auto root = read_xml(document);
  if (!root) return root.error();
  return {};
}

// A request has its document as the body, a deployment in the members Policy or Tagging.
std::string document_of(const gateway::Call& call) {
  const bool is_deployment = call.http.method.empty();
  if (!is_deployment) return call.http.body;
  const json::value* tagging = json::find(call.input, "Tagging");
  if (!tagging || !tagging->is_object()) return parameter(call, "Policy");
  const json::value* tags = json::find(tagging->get_object(), "TagSet");
  text::XmlWriter xml;
  xml.open("Tagging", xml_namespace).open("TagSet");
  for (const json::value& tag : tags && tags->is_array() ? tags->get_array() : json::array()) {
    const json::object members = tag.is_object() ? tag.get_object() : json::object();
    xml.open("Tag").element("Key", json::string_or(members, "Key", ""));
    xml.element("Value", json::string_or(members, "Value", "")).close();
  }
  xml.close().close();
  return xml.take();
}

// Turning off what was never on changes nothing.
bool is_suspension(const std::string& name, const std::string& document) {
  const auto root = read_xml(document);
  return name == "versioning" && root && root->text_of("Status") == "Suspended";
}

}  // namespace

Task<gateway::Reply> Operations::get_subresource(Call& call, std::string name) {
  const Bucket bucket = objects_.bucket(bucket_name(call)).value();
  const Subresource& subresource = *bucket_subresource(name);
  const auto stored = bucket.documents.find(name);
  if (stored == bucket.documents.end() && subresource.missing_code) {
    throw ApiError({subresource.missing_code, subresource.missing_message, 404,
                    json::dump(json::object{{"BucketName", bucket.name}})});
  }
  Reply reply;
  reply.body = stored == bucket.documents.end() ? subresource.missing_document : stored->second;
  reply.content_type = name == "policy" ? "application/json" : "application/xml";
  co_return reply;
}

Task<gateway::Reply> Operations::put_subresource(Call& call, std::string name) {
  const std::string bucket = bucket_name(call);
  objects_.bucket(bucket).value();
  verified_checksums(call.http).value();
  const std::string document = document_of(call);
  if (is_suspension(name, document)) co_return empty_reply(200);
  if (!bucket_subresource(name)->is_stored) throw ApiError(not_implemented("?" + name));
  check_document(name, document).value();
  objects_.set_document(bucket, name, document).value();
  co_await store_.durable();
  co_return empty_reply(name == "tagging" || name == "policy" ? 204 : 200);
}

Task<gateway::Reply> Operations::delete_subresource(Call& call, std::string name) {
  objects_.set_document(bucket_name(call), name, std::nullopt).value();
  co_await store_.durable();
  co_return empty_reply(204);
}

// Everything belongs to the account and to nobody else.
Task<gateway::Reply> Operations::get_acl(Call& call) {
  const ObjectName name = object_name(call);
  if (name.key.empty())
    objects_.bucket(name.bucket).value();
  else
    objects_.head(name.bucket, name.key).value();
  const std::string schema = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"";
  text::XmlWriter xml;
  xml.declaration().open("AccessControlPolicy", xml_namespace);
  write_owner(xml, "Owner", instance_);
  xml.open("AccessControlList").open("Grant");
  write_owner(xml, "Grantee", instance_);
  xml.element("Permission", "FULL_CONTROL").close().close().close();
  Reply reply = xml_reply(xml);
  const std::string grantee = "<Grantee";
  reply.body->insert(reply.body->find(grantee) + grantee.size(), schema);  // XmlWriter knows no other attributes
  co_return reply;
}

Task<gateway::Reply> Operations::put_acl(Call& call) {
  const ObjectName name = object_name(call);
  if (name.key.empty())
    objects_.bucket(name.bucket).value();
  else
    objects_.head(name.bucket, name.key).value();
  const std::string* acl = call.http.header("x-amz-acl");
  if (!acl || (*acl != "private" && *acl != "bucket-owner-full-control")) {
    throw ApiError({"AccessControlListNotSupported", "The bucket does not allow ACLs", 400});
  }
  co_return empty_reply(200);
}

}  // namespace croft::services::s3
