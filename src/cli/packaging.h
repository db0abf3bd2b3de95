#pragma once

#include <string>
#include <vector>

#include "cli/aws_api.h"

namespace croft::cli {

// A template whose local code is in S3.
struct Packaged {
  std::string text;                   // as written when there was nothing to upload, otherwise YAML
  std::vector<std::string> uploaded;  // keys, also of what was there already
};

// Where artifacts go.
struct ArtifactPlace {
  std::string bucket;
  std::string prefix;  // "" for none
};

// Reads the template, zips every local artifact it names and puts it at PREFIX/MD5, unless it is there. The same
// content gives the same key. Errors: the service's, FileUnreadable, the template's own.
// Source: AWS CLI, `cloudformation package` (key = MD5 of the zip).
Result<Packaged> package_template(const AwsApi& api, const std::string& template_file, const ArtifactPlace& place);

// Whether the template names local code, so that a bucket is needed.
Result<bool> needs_bucket(const std::string& template_file);

Result<void> make_bucket(const AwsApi& api, const std::string& bucket);

// Puts `bytes` at PREFIX/MD5SUFFIX unless it is there; the key.
Result<std::string> upload(const AwsApi& api, const ArtifactPlace& place, const std::string& bytes,
                           std::string_view suffix);

}  // namespace croft::cli
