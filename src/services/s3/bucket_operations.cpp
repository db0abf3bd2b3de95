#include "services/s3/errors.h"
#include "services/s3/operations.h"
#include "services/s3/xml_reader.h"
#include "text/digest.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::services::s3 {

gateway::Reply xml_reply(text::XmlWriter& xml) {
  gateway::Reply reply;
  reply.body = xml.take();
  reply.content_type = "application/xml";
  return reply;
}

gateway::Reply empty_reply(int status) {
  gateway::Reply reply;
  reply.body.emplace();
  reply.status = status;
  return reply;
}

void write_owner(text::XmlWriter& xml, std::string_view element, const Instance& instance) {
  // A canonical user id is 64 hex digits; this one is the account's, the same each time.
  xml.open(element).element("ID", text::hex(text::sha256("canonical user " + instance.account_id))).close();
}

// The region that the body asks for, "" when it asks for none.
static Result<std::string> wanted_region(const std::string& body) {
  using boost::system::in_place_value;  // an Error can be made from a string too
  if (body.empty()) return {in_place_value, ""};
  auto document = read_xml(body);
  if (!document) return document.error();
  if (document->name != "CreateBucketConfiguration") return malformed_xml();
  for (const XmlElement& member : document->children) {
    if (member.name != "LocationConstraint") return not_implemented(member.name);
  }
  return {in_place_value, document->text_of("LocationConstraint")};
}

Task<gateway::Reply> Operations::list_buckets(Call&) {
  text::XmlWriter xml;
  xml.declaration().open("ListAllMyBucketsResult", xml_namespace);
  write_owner(xml, "Owner", instance_);
  xml.open("Buckets");
  for (const Bucket& bucket : objects_.buckets()) {
    xml.open("Bucket").element("Name", bucket.name).element("CreationDate", text::iso8601(bucket.created)).close();
  }
  xml.close().close();
  co_return xml_reply(xml);
}

Task<gateway::Reply> Operations::create_bucket(Call& call) {
  const std::string name = bucket_name(call);
  check_new_bucket(call.http).value();
  const std::string region = wanted_region(call.http.body).value();
  if (!region.empty() && region != instance_.region) {
    throw ApiError({"InvalidLocationConstraint", "The specified location-constraint is not valid", 400});
  }
  const auto created = objects_.create_bucket(name, Timestamp::now());
  // In us-east-1 asking again is answered as the first time was.
  const bool is_repeated = !created && created.error().code == "BucketAlreadyOwnedByYou";
  if (!created && !(is_repeated && instance_.region == "us-east-1")) throw ApiError(created.error());
  co_await store_.durable();
  Reply reply = empty_reply(200);
  reply.headers.emplace_back("location", "/" + name);
  co_return reply;
}

Task<gateway::Reply> Operations::head_bucket(Call& call) {
  objects_.bucket(bucket_name(call)).value();
  Reply reply = empty_reply(200);
  reply.headers.emplace_back("x-amz-bucket-region", instance_.region);
  reply.headers.emplace_back("content-type", "application/xml");
  co_return reply;
}

Task<gateway::Reply> Operations::delete_bucket(Call& call) {
  objects_.erase_bucket(bucket_name(call)).value();
  co_await store_.durable();
  co_return empty_reply(204);
}

Task<gateway::Reply> Operations::get_bucket_location(Call& call) {
  objects_.bucket(bucket_name(call)).value();
  text::XmlWriter xml;
  xml.declaration().open("LocationConstraint", xml_namespace);
  const std::string body = xml.close().take();
  Reply reply;
  // us-east-1 is told by an empty element.
  const std::string region = instance_.region == "us-east-1" ? "" : instance_.region;
  reply.body = body.substr(0, body.rfind("</")) + region + body.substr(body.rfind("</"));
  reply.content_type = "application/xml";
  co_return reply;
}

}  // namespace croft::services::s3
