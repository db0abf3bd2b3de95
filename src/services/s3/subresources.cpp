#include "services/s3/subresources.h"

namespace croft::services::s3 {

namespace {

// What AWS answers for a new bucket. Source: S3 API Reference, the errors and examples of each Get operation.
// Those that would change what S3 does are not stored, because nothing would act on them.
constexpr Subresource subresources[] = {
    {"tagging", "BucketTagging", true, "NoSuchTagSet", "The TagSet does not exist", nullptr},
    {"policy", "BucketPolicy", true, "NoSuchBucketPolicy", "The bucket policy does not exist", nullptr},
    {"publicAccessBlock", "PublicAccessBlock", true, "NoSuchPublicAccessBlockConfiguration",
     "The public access block configuration was not found", nullptr},
    {"ownershipControls", "BucketOwnershipControls", true, "OwnershipControlsNotFoundError",
     "The bucket ownership controls were not found", nullptr},
    {"encryption", "BucketEncryption", true, nullptr, nullptr,
     "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule>"
     "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>"
     "<BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"},
    {"versioning", "BucketVersioning", false, nullptr, nullptr,
     "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>"},
    {"lifecycle", "BucketLifecycleConfiguration", false, "NoSuchLifecycleConfiguration",
     "The lifecycle configuration does not exist", nullptr},
    {"cors", "BucketCors", false, "NoSuchCORSConfiguration", "The CORS configuration does not exist", nullptr},
    {"website", "BucketWebsite", false, "NoSuchWebsiteConfiguration",
     "The specified bucket does not have a website configuration", nullptr},
    {"replication", "BucketReplication", false, "ReplicationConfigurationNotFoundError",
     "The replication configuration was not found", nullptr},
    {"object-lock", "ObjectLockConfiguration", false, "ObjectLockConfigurationNotFoundError",
     "Object Lock configuration does not exist for this bucket", nullptr},
    {"logging", "BucketLogging", false, nullptr, nullptr,
     "<BucketLoggingStatus xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>"},
    {"notification", "BucketNotificationConfiguration", false, nullptr, nullptr,
     "<NotificationConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>"},
    {"accelerate", "BucketAccelerateConfiguration", false, nullptr, nullptr,
     "<AccelerateConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>"},
    {"requestPayment", "BucketRequestPayment", false, nullptr, nullptr,
     "<RequestPaymentConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Payer>BucketOwner</Payer>"
     "</RequestPaymentConfiguration>"},
};

constexpr const char* object_parameters[] = {"retention",  "legal-hold", "torrent",      "restore", "select",
                                             "attributes", "partNumber", "renameObject", "append"};
constexpr const char* bucket_parameters[] = {"analytics",    "intelligent-tiering", "inventory", "metrics",
                                             "policyStatus", "metadataTable",       "session"};

}  // namespace

std::span<const Subresource> bucket_subresources() {
  return subresources;
}
std::span<const char* const> unsupported_object_subresources() {
  return object_parameters;
}
std::span<const char* const> unsupported_bucket_subresources() {
  return bucket_parameters;
}

const Subresource* bucket_subresource(std::string_view name) {
  for (const Subresource& subresource : subresources)
    if (subresource.name == name) return &subresource;
  return nullptr;
}

}  // namespace croft::services::s3
