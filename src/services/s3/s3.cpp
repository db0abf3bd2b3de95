#include "services/s3/s3.h"

#include <memory>

#include "services/s3/errors.h"
#include "services/s3/operations.h"
#include "services/s3/subresources.h"

namespace croft::services::s3 {

namespace {

using gateway::Call;
using gateway::Handler;
using gateway::Operation;
using gateway::Reply;
using Shared = std::shared_ptr<Operations>;

Handler to(const Shared& operations, Task<Reply> (Operations::*method)(Call&)) {
  return [operations, method](Call& call) {
    operations->check(call).value();
    return (operations.get()->*method)(call);
  };
}
Handler to(const Shared& operations, Task<Reply> (Operations::*method)(Call&, std::string), const char* name) {
  return [operations, method, name](Call& call) {
    operations->check(call).value();
    return (operations.get()->*method)(call, name);
  };
}

Task<Reply> refuse(std::string what) {
  throw ApiError(not_implemented(what));
  co_return Reply();
}
Handler refusal(const char* name) {
  return [name](Call&) { return refuse(std::string("?") + name); };
}

void add_subresources(std::vector<Operation>& operations, const Shared& s3) {
  for (const Subresource& subresource : bucket_subresources()) {
    const std::string route = std::string(" /{Bucket}?") + subresource.name, name = subresource.operation;
    operations.push_back({"Get" + name, "GET" + route, to(s3, &Operations::get_subresource, subresource.name)});
    operations.push_back({"Put" + name, "PUT" + route, to(s3, &Operations::put_subresource, subresource.name)});
    operations.push_back(
        {"Delete" + name, "DELETE" + route, to(s3, &Operations::delete_subresource, subresource.name)});
  }
}

// `what` is the path of the routes, `names` the parameters that croft refuses there.
void add_refusals(std::vector<Operation>& operations, const std::string& path, std::span<const char* const> names) {
  for (const char* name : names) {
    for (const char* method : {"GET", "PUT", "POST", "DELETE"}) {
      operations.push_back({std::string(method) + ' ' + name, method + path + '?' + name, refusal(name)});
    }
  }
}

}  // namespace

gateway::Service s3_service(Objects& objects, Store& store, Pool& pool, Instance instance) {
  const auto s3 = std::make_shared<Operations>(objects, store, pool, std::move(instance));
  gateway::Service service{
      "s3",
      {"s3"},
      gateway::Protocol::rest_xml,
      "",
      xml_namespace,
      {
          {"ListBuckets", "GET /", to(s3, &Operations::list_buckets)},
          {"CreateBucket", "PUT /{Bucket}", to(s3, &Operations::create_bucket)},
          {"HeadBucket", "HEAD /{Bucket}", to(s3, &Operations::head_bucket)},
          {"DeleteBucket", "DELETE /{Bucket}", to(s3, &Operations::delete_bucket)},
          {"GetBucketLocation", "GET /{Bucket}?location", to(s3, &Operations::get_bucket_location)},
          {"GetBucketAcl", "GET /{Bucket}?acl", to(s3, &Operations::get_acl)},
          {"PutBucketAcl", "PUT /{Bucket}?acl", to(s3, &Operations::put_acl)},
          {"ListObjects", "GET /{Bucket}", to(s3, &Operations::list_objects)},
          {"ListObjectsV2", "GET /{Bucket}?list-type=2", to(s3, &Operations::list_objects_v2)},
          {"ListObjectVersions", "GET /{Bucket}?versions", to(s3, &Operations::list_object_versions)},
          {"ListMultipartUploads", "GET /{Bucket}?uploads", to(s3, &Operations::list_multipart_uploads)},
          {"DeleteObjects", "POST /{Bucket}?delete", to(s3, &Operations::delete_objects)},
          {"PutObject", "PUT /{Bucket}/{Key+}", to(s3, &Operations::put_object)},
          {"GetObject", "GET /{Bucket}/{Key+}", to(s3, &Operations::get_object)},
          {"HeadObject", "HEAD /{Bucket}/{Key+}", to(s3, &Operations::head_object)},
          {"DeleteObject", "DELETE /{Bucket}/{Key+}", to(s3, &Operations::delete_object)},
          {"GetObjectTagging", "GET /{Bucket}/{Key+}?tagging", to(s3, &Operations::get_object_tagging)},
          {"PutObjectTagging", "PUT /{Bucket}/{Key+}?tagging", to(s3, &Operations::put_object_tagging)},
          {"DeleteObjectTagging", "DELETE /{Bucket}/{Key+}?tagging", to(s3, &Operations::delete_object_tagging)},
          {"GetObjectAcl", "GET /{Bucket}/{Key+}?acl", to(s3, &Operations::get_acl)},
          {"PutObjectAcl", "PUT /{Bucket}/{Key+}?acl", to(s3, &Operations::put_acl)},
          {"CreateMultipartUpload", "POST /{Bucket}/{Key+}?uploads", to(s3, &Operations::create_multipart_upload)},
          {"UploadPart", "PUT /{Bucket}/{Key+}?partNumber&uploadId", to(s3, &Operations::upload_part)},
          {"CompleteMultipartUpload", "POST /{Bucket}/{Key+}?uploadId",
           to(s3, &Operations::complete_multipart_upload)},
          {"AbortMultipartUpload", "DELETE /{Bucket}/{Key+}?uploadId", to(s3, &Operations::abort_multipart_upload)},
          {"ListParts", "GET /{Bucket}/{Key+}?uploadId", to(s3, &Operations::list_parts)},
      }};
  add_subresources(service.operations, s3);
  add_refusals(service.operations, " /{Bucket}", unsupported_bucket_subresources());
  add_refusals(service.operations, " /{Bucket}/{Key+}", unsupported_object_subresources());
  return service;
}

}  // namespace croft::services::s3
