// What `package` uploads: the local paths of a template, and their replacement by places in S3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/json.h"
#include "types/result.h"

namespace croft::cfn {

// One property that names a local file or folder. Only resources that croft can deploy have them:
// AWS::Serverless::Function CodeUri, AWS::Lambda::Function Code.
struct Artifact {
  std::string logical_id;
  std::string resource_type;
  std::string property;
  std::string path;  // as written, relative to the template's folder; "." when the property is missing
};

struct S3Location {
  std::string bucket;
  std::string key;
  std::string version;  // "" for none
};

// In template order. Not listed: inline code, container images, values that are already in S3, and intrinsics. A
// function without a CodeUri has that of Globals, as with the SAM CLI (the AWS CLI does not look there).
std::vector<Artifact> local_artifacts(const json::object& document);

// Writes `location` where `artifact` was found, in the form its resource type expects: "s3://bucket/key" (with
// "?versionId=" where known) for CodeUri, {S3Bucket, S3Key, S3ObjectVersion} for Code. `artifact` is one of
// local_artifacts(document).
void set_artifact(json::object& document, const Artifact& artifact, const S3Location& location);

// The parts of "s3://bucket/key" or "s3://bucket/key?versionId=version"; ValidationError for any other text.
Result<S3Location> parse_s3_uri(std::string_view uri);

}  // namespace croft::cfn
