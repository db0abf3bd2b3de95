// s3. Source: AWS IoT developer guide, "Amazon S3"; S3 API reference, PutObject.
#include "rules/actions/remote_action.h"
#include "rules/actions/remote_actions.h"
#include "text/encoding.h"

namespace croft::rules {

namespace {

constexpr RemoteKind kind{"S3Action", "s3", "s3", "Failed to put S3 object"};

struct Parameters {
  sql::Template bucket, key;
  std::string canned_acl;
};

class S3 final : public Action {
 public:
  // `own` is used when the configuration names no endpoint.
  S3(Parameters parameters, remote::RemoteServices& services, PutObject own)
      : parameters_(std::move(parameters)), services_(services), own_(std::move(own)) {}

  std::string name() const override { return std::string(kind.name); }
  std::string resource() const override { return parameters_.bucket.text(); }

  Task<Result<void>> run(const Firing& firing) const override {
    auto bucket = render(parameters_.bucket, firing);
    if (!bucket) co_return bucket.error();
    auto key = render(parameters_.key, firing);
    if (!key) co_return key.error();
    const std::string more = ", Bucket: " + *bucket + ", Key: \"" + *key + "\"";
    ObjectToPut object{.bucket = std::move(*bucket),
                       .key = std::move(*key),
                       .body = firing.output.payload().str(),
                       .canned_acl = parameters_.canned_acl};
    Task<Result<void>> putting =
        services_.find(kind.service) ? put_elsewhere(*firing.shard, std::move(object)) : own_(*firing.shard, std::move(object));
    Result<void> put = co_await std::move(putting);
    if (!put) co_return remote_failure(kind, firing, put.error(), more);
    co_return put;
  }

 private:
  // By path, not by host: it works with every server that speaks S3.
  Task<Result<void>> put_elsewhere(Shard& shard, ObjectToPut object) const {
    remote::Request request{.method = "PUT",
                            .path = "/" + text::percent_encode(object.bucket) + "/" + text::percent_encode(object.key, true),
                            .query = {},
                            .headers = {{"content-type", "application/octet-stream"}},
                            .body = std::move(object.body),
                            .endpoint = {}};
    if (!object.canned_acl.empty()) request.headers.emplace_back("x-amz-acl", object.canned_acl);
    auto answer = co_await services_.call(shard, "s3", std::move(request));
    if (!answer) co_return answer.error();
    co_return Result<void>();
  }

  const Parameters parameters_;
  remote::RemoteServices& services_;
  const PutObject own_;
};

Result<std::unique_ptr<Action>> compile(const json::object& parameters, const ActionContext& context,
                                        remote::RemoteServices& services, const PutObject& own) {
  auto bucket = required_template(parameters, "bucketName", context);
  if (!bucket) return bucket.error();
  auto key = required_template(parameters, "key", context);
  if (!key) return key.error();
  auto role = required_role(parameters);
  if (!role) return role.error();
  auto acl = optional_choice(parameters, "cannedAcl",
                             {"private", "public-read", "public-read-write", "aws-exec-read", "authenticated-read",
                              "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write"});
  if (!acl) return acl.error();
  return std::make_unique<S3>(Parameters{std::move(*bucket), std::move(*key), std::move(*acl)}, services, own);
}

}  // namespace

void add_s3_action(ActionTypes& types, remote::RemoteServices& services, PutObject own) {
  types.add("s3", [&services, own = std::move(own)](const json::object& p, const ActionContext& context) {
    return compile(p, context, services, own);
  });
}

}  // namespace croft::rules
