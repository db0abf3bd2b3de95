#include "app/own_buckets.h"

#include "services/s3/request_reader.h"

namespace croft::app {

namespace s3 = services::s3;

// A message's payload is small: it is written where it is, as a row of a table would be. What AWS's SDKs say of bytes without
// a name is application/octet-stream, and so do objects that AWS IoT puts.
static Task<Result<void>> put(s3::Objects& objects, Store& store, rules::ObjectToPut object) {
  net::HttpRequest request;
  request.headers = {{"content-type", "application/octet-stream"}};
  if (!object.canned_acl.empty()) request.headers.emplace_back("x-amz-acl", object.canned_acl);
  auto attributes = s3::read_attributes(request);
  if (!attributes) co_return attributes.error();
  const s3::NewObject made{std::move(object.body), std::move(*attributes), {}, {}};
  auto stored = objects.put(object.bucket, object.key, made, Timestamp::now());
  if (!stored) co_return stored.error();
  co_await store.durable();
  co_return Result<void>();
}

rules::PutObject put_into(s3::Objects& objects, Store& store) {
  return [&objects, &store](Shard&, rules::ObjectToPut object) { return put(objects, store, std::move(object)); };
}

}  // namespace croft::app
