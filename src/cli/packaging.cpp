#include "cli/packaging.h"

#include <filesystem>
#include <map>

#include "cfn/artifacts.h"
#include "cfn/template_reader.h"
#include "cfn/yaml_writer.h"
#include "device/config.h"
#include "lambda/archive.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::cli {

namespace fs = std::filesystem;

namespace {

struct Template {
  std::string text;
  json::object document;
  std::vector<cfn::Artifact> artifacts;
};

Result<Template> read_template_file(const std::string& file) {
  auto text = device::read_file(file, limits::template_bytes_max);
  if (!text) return text.error();
  auto document = cfn::read_template(*text);
  if (!document) return Error{document.error().code, file + ": " + document.error().message};
  Template read{std::move(*text), std::move(*document), {}};
  read.artifacts = cfn::local_artifacts(read.document);
  return read;
}

// A folder becomes a zip of what is in it; a file that is no zip, a zip of itself.
Result<std::string> archive_of(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return lambda::zip_folder(path);
  auto bytes = device::read_file(path, limits::artifact_bytes_max);
  if (!bytes || bytes->starts_with("PK")) return bytes;
  const bool executable = (fs::status(path, ignored).permissions() & fs::perms::owner_exec) != fs::perms::none;
  return lambda::zip_files({{fs::path(path).filename().string(), std::move(*bytes), executable}});
}

std::string path_in(const std::string& bucket, const std::string& key) {
  return "/" + text::percent_encode(bucket) + "/" + text::percent_encode(key, true);
}

}  // namespace

Result<bool> needs_bucket(const std::string& template_file) {
  auto read = read_template_file(template_file);
  if (!read) return read.error();
  return !read->artifacts.empty();
}

Result<void> make_bucket(const AwsApi& api, const std::string& bucket) {
  RestCall call{.service = "s3", .method = "GET", .path = "/" + text::percent_encode(bucket), .query = "location"};
  auto there = api.rest(call);
  if (there) return {};
  if (there.error().http_status != 404) return there.error();
  call.method = "PUT";
  call.query.clear();
  if (const std::string& region = api.place().region; region != "us-east-1") {
    call.body = "<CreateBucketConfiguration><LocationConstraint>" + region +
                "</LocationConstraint></CreateBucketConfiguration>";
  }
  auto made = api.rest(call);
  if (!made && made.error().code != "BucketAlreadyOwnedByYou") return made.error();
  return {};
}

Result<std::string> upload(const AwsApi& api, const ArtifactPlace& place, const std::string& bytes,
                           std::string_view suffix) {
  std::string key = text::hex(text::md5(bytes)) + std::string(suffix);
  if (!place.prefix.empty()) key = place.prefix + "/" + key;
  RestCall call{.service = "s3", .method = "GET", .path = path_in(place.bucket, key)};
  call.headers = {{"range", "bytes=0-0"}};  // is it there? One byte will do
  if (api.rest(call)) return key;
  call.method = "PUT";
  call.body = bytes;
  call.headers = {{"x-amz-server-side-encryption", "AES256"}};
  auto put = api.rest(call);
  if (!put) return put.error();
  return key;
}

Result<Packaged> package_template(const AwsApi& api, const std::string& template_file, const ArtifactPlace& place) {
  auto read = read_template_file(template_file);
  if (!read) return read.error();
  Packaged packaged{std::move(read->text), {}};
  if (read->artifacts.empty()) return packaged;

  const fs::path folder = fs::absolute(template_file).parent_path();
  std::map<std::string, std::string> keys;  // of a path that several functions share
  for (const cfn::Artifact& artifact : read->artifacts) {
    const std::string path = (folder / artifact.path).lexically_normal().string();
    if (!keys.contains(path)) {
      auto archive = archive_of(path);
      if (!archive) {
        return Error{archive.error().code,
                     artifact.logical_id + "." + artifact.property + ": " + archive.error().message};
      }
      auto key = upload(api, place, *archive, "");
      if (!key) return key.error();
      keys[path] = *key;
      packaged.uploaded.push_back(*key);
    }
    cfn::set_artifact(read->document, artifact, {place.bucket, keys[path], ""});
  }
  packaged.text = cfn::write_yaml(read->document);
  return packaged;
}

}  // namespace croft::cli
