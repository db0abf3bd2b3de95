#pragma once

#include <string>
#include <type_traits>

#include "gateway/service.h"
#include "services/s3/limits.h"
#include "services/s3/objects.h"
#include "services/s3/request_reader.h"
#include "shard/pool.h"
#include "text/xml.h"
#include "types/instance.h"

namespace croft::services::s3 {

inline constexpr const char* xml_namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

// S3's operations on Objects: parse, call, shape the answer. Answers to writes wait until they are durable.
class Operations {
 public:
  using Reply = gateway::Reply;
  using Call = gateway::Call;

  Operations(Objects& objects, Store& store, Pool& pool, Instance instance)
      : objects_(objects), store_(store), pool_(pool), instance_(std::move(instance)) {}

  // What must hold before any operation: check_request().
  Result<void> check(const Call& call) const { return check_request(call.http, instance_.account_id); }

  // bucket_operations.cpp
  Task<Reply> list_buckets(Call& call);
  Task<Reply> create_bucket(Call& call);
  Task<Reply> head_bucket(Call& call);
  Task<Reply> delete_bucket(Call& call);
  Task<Reply> get_bucket_location(Call& call);
  // listing_operations.cpp
  Task<Reply> list_objects(Call& call);
  Task<Reply> list_objects_v2(Call& call);
  Task<Reply> list_object_versions(Call& call);
  Task<Reply> list_multipart_uploads(Call& call);
  // object_operations.cpp
  Task<Reply> put_object(Call& call);  // and CopyObject, which only a header tells apart
  Task<Reply> get_object(Call& call);
  Task<Reply> head_object(Call& call);
  Task<Reply> delete_object(Call& call);
  Task<Reply> delete_objects(Call& call);
  Task<Reply> get_object_tagging(Call& call);
  Task<Reply> put_object_tagging(Call& call);
  Task<Reply> delete_object_tagging(Call& call);
  // upload_operations.cpp
  Task<Reply> create_multipart_upload(Call& call);
  Task<Reply> upload_part(Call& call);  // and UploadPartCopy
  Task<Reply> complete_multipart_upload(Call& call);
  Task<Reply> abort_multipart_upload(Call& call);
  Task<Reply> list_parts(Call& call);
  // subresource_operations.cpp
  Task<Reply> get_subresource(Call& call, std::string name);
  Task<Reply> put_subresource(Call& call, std::string name);
  Task<Reply> delete_subresource(Call& call, std::string name);
  Task<Reply> get_acl(Call& call);
  Task<Reply> put_acl(Call& call);

 private:
  Task<Reply> copy_object(Call& call);
  Task<Reply> upload_part_copy(Call& call);

  // On the pool when many bytes are concerned, else here.
  template <class F>
  Task<std::invoke_result_t<F>> run(std::size_t bytes, F work);

  Objects& objects_;
  Store& store_;
  Pool& pool_;
  const Instance instance_;
};

// An answer that is an XML document.
gateway::Reply xml_reply(text::XmlWriter& xml);
gateway::Reply empty_reply(int status);
// <Owner>, the same everywhere: the account.
void write_owner(text::XmlWriter& xml, std::string_view element, const Instance& instance);

// The tags of a Tagging document.
Result<TextMap> read_tagging(std::string_view document);

template <class F>
Task<std::invoke_result_t<F>> Operations::run(std::size_t bytes, F work) {
  if (bytes <= inline_bytes_max) co_return work();
  auto result = co_await pool_.run(std::move(work));
  co_return result;
}

}  // namespace croft::services::s3
