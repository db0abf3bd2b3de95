#include "cfn/artifacts.h"

#include "cfn/errors.h"
#include "cfn/json_view.h"
#include "types/assert.h"

namespace croft::cfn {
namespace {

constexpr std::string_view sam_function = "AWS::Serverless::Function";
constexpr std::string_view lambda_function = "AWS::Lambda::Function";

// The CodeUri that Globals gives to functions without their own; null when there is none.
const json::value* global_code(const json::object& document) {
  const json::object* globals = find_object(document, "Globals");
  const json::object* function = globals ? find_object(*globals, "Function") : nullptr;
  return function ? json::find(*function, "CodeUri") : nullptr;
}

// The local path that `code` names; "" when it names none. A missing property is the template's own folder.
std::string local_path(const json::value* code) {
  if (!code) return ".";
  const json::string* path = code->if_string();
  if (!path || view(*path).starts_with("s3://")) return "";
  return path->empty() ? "." : str(*path);
}

bool has_no_archive(const json::object* properties) {
  if (!properties) return false;
  return json::find(*properties, "InlineCode") || json::find(*properties, "ImageUri") ||
         json::string_or(*properties, "PackageType", "") == "Image";
}

}  // namespace

std::vector<Artifact> local_artifacts(const json::object& document) {
  std::vector<Artifact> artifacts;
  const json::object* resources = find_object(document, "Resources");
  if (!resources) return artifacts;
  for (const auto& [id, v] : *resources) {
    const json::object* resource = v.if_object();
    if (!resource) continue;
    const std::string_view type = json::string_or(*resource, "Type", "");
    if (type != sam_function && type != lambda_function) continue;
    const json::object* properties = find_object(*resource, "Properties");
    if (has_no_archive(properties)) continue;
    const std::string_view property = type == sam_function ? "CodeUri" : "Code";
    const json::value* code = properties ? json::find(*properties, property) : nullptr;
    if (!code && type == sam_function) code = global_code(document);
    std::string path = local_path(code);
    if (!path.empty()) artifacts.push_back({str(id), std::string(type), std::string(property), std::move(path)});
  }
  return artifacts;
}

void set_artifact(json::object& document, const Artifact& artifact, const S3Location& location) {
  json::value* resources = document.if_contains("Resources");
  CROFT_ASSERT(resources && resources->is_object());
  json::value* resource = resources->get_object().if_contains(artifact.logical_id);
  CROFT_ASSERT(resource && resource->is_object());
  json::value& properties = resource->get_object()["Properties"];
  if (!properties.is_object()) properties = json::object();
  json::value& place = properties.get_object()[artifact.property];

  if (artifact.property == "CodeUri") {
    std::string uri = "s3://" + location.bucket + "/" + location.key;
    if (!location.version.empty()) uri += "?versionId=" + location.version;
    place = json::string(uri);
    return;
  }
  json::object code{{"S3Bucket", location.bucket}, {"S3Key", location.key}};
  if (!location.version.empty()) code["S3ObjectVersion"] = location.version;
  place = std::move(code);
}

Result<S3Location> parse_s3_uri(std::string_view uri) {
  S3Location location;
  if (uri.starts_with("s3://")) {
    std::string_view rest = uri.substr(5);
    constexpr std::string_view version = "?versionId=";
    if (const std::size_t at = rest.find(version); at != std::string_view::npos) {
      location.version = rest.substr(at + version.size());
      rest = rest.substr(0, at);
    }
    const std::size_t slash = rest.find('/');
    location.bucket = rest.substr(0, slash);
    if (slash != std::string_view::npos) location.key = rest.substr(slash + 1);
  }
  if (location.bucket.empty() || location.key.empty()) {
    return validation_error(std::string(uri) + " is not a valid S3 Uri of the form 's3://bucket/key'");
  }
  return location;
}

}  // namespace croft::cfn
