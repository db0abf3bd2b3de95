// AWS::S3::Bucket, and AWS::S3::BucketPolicy, which S3 stores and tells: croft's artifact store has one user.
#include "cfn/json_view.h"
#include "cfn/providers/all.h"
#include "cfn/providers/call.h"

namespace croft::cfn {
namespace {

// Taken without effect, because one user's store on one disk has no use for them: access, encryption, versions,
// lifecycle. What would make the bucket do something is refused below.
const ResourceSchema bucket_schema = {
    .type = "AWS::S3::Bucket",
    .service = "S3",
    .name_property = "BucketName",
    .name_rule = {.length_max = 63, .letters = NameRule::Letters::lower_case},
    .properties = {{"AbacStatus"},
                   {"AccelerateConfiguration"},
                   {"AccessControl"},
                   {"AnalyticsConfigurations"},
                   {"BucketEncryption"},
                   {"BucketName", Kind::text, Replacement::yes},
                   {"CorsConfiguration"},
                   {"IntelligentTieringConfigurations"},
                   {"InventoryConfigurations"},
                   {"LifecycleConfiguration"},
                   {"LoggingConfiguration"},
                   {"MetricsConfigurations"},
                   {"NotificationConfiguration"},
                   {"ObjectLockConfiguration"},
                   {"ObjectLockEnabled", Kind::boolean, Replacement::yes},
                   {"OwnershipControls"},
                   {"PublicAccessBlockConfiguration"},
                   {"ReplicationConfiguration"},
                   {"Tags", Kind::list},
                   {"VersioningConfiguration"},
                   {"WebsiteConfiguration"}},
    .attributes = {"Arn", "DomainName", "DualStackDomainName", "RegionalDomainName", "WebsiteURL"},
};

const ResourceSchema bucket_policy_schema = {
    .type = "AWS::S3::BucketPolicy",
    .service = "S3",
    .name_property = "",
    .name_rule = {},
    .properties = {{"Bucket", Kind::text, Replacement::yes, true},
                   {"PolicyDocument", Kind::any, Replacement::no, true}},
    .attributes = {},
};

constexpr std::initializer_list<std::string_view> unsupported = {"NotificationConfiguration",
                                                                 "ReplicationConfiguration", "WebsiteConfiguration"};

class S3Bucket final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return bucket_schema; }

  Task<bool> exists(const ResourceStep& step) const override {
    json::object input{{"Bucket", step.id}};
    auto found = co_await call(step, "s3", "HeadBucket", std::move(input));
    co_return found.has_value();
  }

  Task<CallResult> create(const ResourceStep& step) const override {
    for (std::string_view name : unsupported) {
      if (json::find(step.properties, name)) co_return not_supported(bucket_schema.type, name);
    }
    json::object input{{"Bucket", step.id}};
    auto made = co_await call(step, "s3", "CreateBucket", std::move(input));
    const bool was_made_before = !made && step.is_repeated && has_code(made.error(), {"BucketAlreadyOwnedByYou"});
    if (!made && !was_made_before) co_return made;
    auto tagged = co_await set_tags(step);
    if (!tagged) co_return tagged.error();
    co_return attributes(step);
  }

  Task<CallResult> update(const ResourceStep& step) const override {
    for (std::string_view name : unsupported) {
      if (json::find(step.properties, name)) co_return not_supported(bucket_schema.type, name);
    }
    auto tagged = co_await set_tags(step);
    if (!tagged) co_return tagged.error();
    co_return attributes(step);
  }

  // As in AWS, a bucket with objects in it stays (BucketNotEmpty).
  Task<Result<void>> erase(const ResourceStep& step) const override {
    json::object input{{"Bucket", step.id}};
    auto deleted = co_await call(step, "s3", "DeleteBucket", std::move(input));
    co_return gone(deleted, {"NoSuchBucket"});
  }

 private:
  static Task<Result<void>> set_tags(const ResourceStep& step) {
    const json::array tags = list_of(step.properties, "Tags");
    if (tags == list_of(step.previous, "Tags")) co_return Result<void>();
    json::object input{{"Bucket", step.id}};
    if (!tags.empty()) input["Tagging"] = json::object{{"TagSet", tags}};
    const char* operation = tags.empty() ? "DeleteBucketTagging" : "PutBucketTagging";
    auto done = co_await call(step, "s3", operation, std::move(input));
    if (!done) co_return done.error();
    co_return Result<void>();
  }

  static json::object attributes(const ResourceStep& step) {
    const std::string& region = step.instance.region;
    return {{"Arn", step.instance.s3_arn(step.id)},
            {"DomainName", step.id + ".s3.amazonaws.com"},
            {"DualStackDomainName", step.id + ".s3.dualstack." + region + ".amazonaws.com"},
            {"RegionalDomainName", step.id + ".s3." + region + ".amazonaws.com"},
            {"WebsiteURL", "http://" + step.id + ".s3-website-" + region + ".amazonaws.com"}};
  }
};

class S3BucketPolicy final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return bucket_policy_schema; }

  std::string physical_id(const Instance&, const std::string&, const json::object& properties) const override {
    return std::string(json::string_or(properties, "Bucket", ""));
  }
  Task<CallResult> create(const ResourceStep& step) const override {
    json::object input{{"Bucket", step.id}, {"Policy", document_text(step.properties.at("PolicyDocument"))}};
    auto done = co_await call(step, "s3", "PutBucketPolicy", std::move(input));
    if (!done) co_return done;
    co_return json::object();
  }
  Task<CallResult> update(const ResourceStep& step) const override {
    auto done = co_await create(step);
    co_return done;
  }
  Task<Result<void>> erase(const ResourceStep& step) const override {
    json::object input{{"Bucket", step.id}};
    auto deleted = co_await call(step, "s3", "DeleteBucketPolicy", std::move(input));
    co_return gone(deleted, {"NoSuchBucket", "NoSuchBucketPolicy"});
  }
};

}  // namespace

std::unique_ptr<ResourceProvider> s3_bucket() { return std::make_unique<S3Bucket>(); }
std::unique_ptr<ResourceProvider> s3_bucket_policy() { return std::make_unique<S3BucketPolicy>(); }

}  // namespace croft::cfn
