#include "services/s3/request_reader.h"

#include <time.h>

#include <charconv>

#include "identity/sigv4.h"
#include "services/s3/errors.h"
#include "services/s3/limits.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::services::s3 {

namespace {

constexpr std::string_view metadata_prefix = "x-amz-meta-";
constexpr std::string_view kept_headers[] = {"cache-control",
                                             "content-disposition",
                                             "content-encoding",
                                             "content-language",
                                             "expires",
                                             "x-amz-website-redirect-location",
                                             "x-amz-storage-class",
                                             "x-amz-server-side-encryption",
                                             "x-amz-server-side-encryption-aws-kms-key-id"};

bool is_kept(std::string_view name) {
  for (std::string_view kept : kept_headers)
    if (kept == name) return true;
  return false;
}

// The form of HTTP dates that clients send: Sun, 22 Nov 2026 20:09:01 GMT.
std::optional<Timestamp> from_http_date(const std::string& text) {
  struct tm parts {};
  const char* end = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (!end || *end) return std::nullopt;
  return Timestamp{static_cast<std::int64_t>(timegm(&parts)) * 1000};
}

bool names_etag(std::string_view header, const std::string& etag) {
  while (!header.empty()) {
    const std::size_t comma = std::min(header.find(','), header.size());
    const std::string_view one = text::trim(header.substr(0, comma));
    if (one == "*" || unquoted(one) == etag) return true;
    header.remove_prefix(std::min(comma + 1, header.size()));
  }
  return false;
}

Result<void> refuse_unsupported(const net::HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (name.starts_with("x-amz-server-side-encryption-customer-") || name.starts_with("x-amz-object-lock-") ||
        name.starts_with("x-amz-grant-")) {
      return not_implemented(name);
    }
    const bool is_private = value == "private" || value == "bucket-owner-full-control";
    if (name == "x-amz-acl" && !is_private) {
      return Error{"AccessControlListNotSupported", "The bucket does not allow ACLs", 400};
    }
  }
  return {};
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string parameter(const gateway::Call& call, std::string_view name) {
  return std::string(json::string_or(call.input, name, ""));
}
std::string bucket_name(const gateway::Call& call) {
  return parameter(call, "Bucket");
}
ObjectName object_name(const gateway::Call& call) {
  return {parameter(call, "Bucket"), parameter(call, "Key")};
}

Result<std::uint64_t> number(const gateway::Call& call, std::string_view name, std::uint64_t otherwise,
                             std::uint64_t least, std::uint64_t most) {
  const std::string text = parameter(call, name);
  if (text.empty()) return otherwise;
  const auto value = whole_number(text);
  if (!value || *value < least || *value > most) {
    return invalid_argument("Argument " + std::string(name) + " must be an integer between " + std::to_string(least) +
                            " and " + std::to_string(most));
  }
  return *value;
}

Result<TextMap> read_tags(std::string_view form) {
  TextMap tags;
  while (!form.empty()) {
    const std::size_t end = std::min(form.find('&'), form.size());
    const std::string_view pair = form.substr(0, end);
    form.remove_prefix(std::min(end + 1, form.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string key = text::percent_decode(pair.substr(0, equals), true);
    const std::string value = text::percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    const bool is_valid = !key.empty() && key.size() <= 512 && value.size() <= 1024;
    if (!is_valid || !text::is_utf8(key) || !text::is_utf8(value) || !tags.emplace(key, value).second) {
      return invalid_argument(
          "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query "
          "parameters without tag name duplicates.");
    }
    if (tags.size() > tags_max) return Error{"BadRequest", "Object tags cannot be greater than 10", 400};
  }
  return tags;
}

Result<Attributes> read_attributes(const net::HttpRequest& request) {
  if (auto supported = refuse_unsupported(request); !supported) return supported.error();
  Attributes attributes;
  std::size_t metadata_bytes = 0;
  for (const auto& [name, value] : request.headers) {
    if (!text::is_utf8(value)) return invalid_argument("Header " + name + " is not UTF-8.");
    if (name == "content-type" && !value.empty()) attributes.content_type = value;
    if (is_kept(name)) attributes.headers[name] = value;
    if (!name.starts_with(metadata_prefix)) continue;
    std::string& metadata = attributes.metadata[name.substr(metadata_prefix.size())];
    if (!metadata.empty()) metadata += ',';
    metadata += value;
    metadata_bytes += name.size() - metadata_prefix.size() + value.size();
  }
  if (metadata_bytes > metadata_bytes_max) {
    return Error{"MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", 400,
                 json::dump(json::object{{"Size", metadata_bytes}, {"MaxSizeAllowed", metadata_bytes_max}})};
  }
  if (const std::string* tagging = request.header("x-amz-tagging")) {
    auto tags = read_tags(*tagging);
    if (!tags) return tags.error();
    attributes.tags = std::move(*tags);
  }
  return attributes;
}

WriteCondition read_condition(const net::HttpRequest& request) {
  WriteCondition condition;
  if (const std::string* match = request.header("if-match")) condition.if_match = unquoted(*match);
  if (const std::string* none = request.header("if-none-match")) condition.if_none_match = unquoted(*none);
  return condition;
}

std::optional<RangeRequest> read_range(std::string_view header) {
  constexpr std::string_view unit = "bytes=";
  if (!header.starts_with(unit)) return std::nullopt;
  const std::string_view text = text::trim(header.substr(unit.size()));
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view first = text.substr(0, dash), last = text.substr(dash + 1);
  RangeRequest range;
  if (!first.empty() && !(range.first = whole_number(first))) return std::nullopt;
  if (first.empty()) {
    const auto suffix = whole_number(last);
    if (!suffix) return std::nullopt;
    range.suffix = *suffix;
  } else if (!last.empty() && !(range.last = whole_number(last))) {
    return std::nullopt;
  }
  if (range.first && range.last && *range.last < *range.first) return std::nullopt;
  return range;
}

// The condition that does not hold, "" when all do. If-Match outweighs If-Unmodified-Since, and If-None-Match
// If-Modified-Since. Source: S3 API Reference, GetObject and CopyObject.
static std::string failed_condition(const net::Headers& headers, const std::string& prefix, const Object& object) {
  const auto header = [&](const char* name) { return net::header(headers, prefix + name); };
  const std::int64_t modified_s = object.modified.ms / 1000;
  const std::string* match = header("if-match");
  if (match && !names_etag(*match, object.etag)) return "If-Match";
  if (const std::string* unmodified = header("if-unmodified-since"); unmodified && !match) {
    const auto since = from_http_date(*unmodified);
    if (since && modified_s > since->ms / 1000) return "If-Unmodified-Since";
  }
  const std::string* none = header("if-none-match");
  if (none && names_etag(*none, object.etag)) return "If-None-Match";
  if (const std::string* changed = header("if-modified-since"); changed && !none) {
    const auto since = from_http_date(*changed);
    if (since && modified_s <= since->ms / 1000) return "If-Modified-Since";
  }
  return "";
}

Result<void> check_read_condition(const net::HttpRequest& request, const Object& object) {
  const std::string failed = failed_condition(request.headers, "", object);
  if (failed.empty()) return {};
  if (failed == "If-None-Match" || failed == "If-Modified-Since") return Error{"NotModified", "Not Modified", 304};
  return precondition_failed(failed);
}

Result<void> check_copy_condition(const net::Headers& headers, const Object& source) {
  const std::string failed = failed_condition(headers, "x-amz-copy-source-", source);
  if (failed.empty()) return {};
  return precondition_failed("x-amz-copy-source-" + failed);
}

Result<void> check_request(const net::HttpRequest& request, const std::string& account_id) {
  const Error not_applicable = invalid_request("The encryption parameters are not applicable to this object.");
  const bool is_read = request.method == "GET" || request.method == "HEAD";
  for (const auto& [name, value] : request.headers) {
    const bool names_owner = name == "x-amz-expected-bucket-owner" || name == "x-amz-source-expected-bucket-owner";
    if (names_owner && value != account_id) return access_denied();
    if (name.starts_with("x-amz-copy-source-server-side-encryption-customer-")) return not_applicable;
    if (!name.starts_with("x-amz-server-side-encryption-customer-")) continue;
    if (is_read) return not_applicable;
    return not_implemented(name);
  }
  return {};
}

// Source: S3 User Guide, "Controlling ownership of objects and disabling ACLs", error responses.
Result<void> check_new_bucket(const net::HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    const bool is_public = name == "x-amz-acl" && value != "private";
    if (is_public || name.starts_with("x-amz-grant-")) {
      return Error{"InvalidBucketAclWithObjectOwnership",
                   "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting", 400};
    }
    if (name == "x-amz-object-ownership" && value != "BucketOwnerEnforced") return not_implemented(name);
    if (name == "x-amz-bucket-object-lock-enabled" && text::lower(value) != "false") return not_implemented(name);
  }
  return {};
}

Result<ObjectName> read_copy_source(const std::string& header) {
  std::string_view text = header;
  const std::size_t question = text.find("?versionId=");
  if (question != std::string_view::npos && text.substr(question) != "?versionId=null") {
    return not_implemented("versionId in x-amz-copy-source");
  }
  const std::string path = text::percent_decode(text.substr(0, question));
  const std::size_t start = path.starts_with('/') ? 1 : 0;
  const std::size_t slash = path.find('/', start);
  if (slash == std::string::npos || slash + 1 == path.size()) {
    return invalid_argument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey");
  }
  return ObjectName{path.substr(start, slash - start), path.substr(slash + 1)};
}

std::string quoted(const std::string& etag) {
  return '"' + etag + '"';
}

std::string unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"')) etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

static void add_checksums(net::Headers& headers, const TextMap& checksums) {
  for (const auto& [algorithm, value] : checksums) {
    headers.emplace_back("x-amz-checksum-" + algorithm, value);
    headers.emplace_back("x-amz-checksum-type", value.find('-') == std::string::npos ? "FULL_OBJECT" : "COMPOSITE");
  }
}

net::Headers written_headers(const Object& object) {
  net::Headers headers = {{"etag", quoted(object.etag)}};
  const auto encryption = object.attributes.headers.find("x-amz-server-side-encryption");
  headers.emplace_back("x-amz-server-side-encryption",
                       encryption == object.attributes.headers.end() ? "AES256" : encryption->second);
  add_checksums(headers, object.checksums);
  return headers;
}

net::Headers object_headers(const Object& object, bool with_checksums) {
  net::Headers headers = {{"etag", quoted(object.etag)},
                          {"last-modified", text::http_date(object.modified)},
                          {"accept-ranges", "bytes"},
                          {"content-type", object.attributes.content_type}};
  for (const auto& [name, value] : object.attributes.headers) headers.emplace_back(name, value);
  if (!object.attributes.headers.contains("x-amz-server-side-encryption")) {
    headers.emplace_back("x-amz-server-side-encryption", "AES256");
  }
  for (const auto& [name, value] : object.attributes.metadata) {
    headers.emplace_back(std::string(metadata_prefix) + name, value);
  }
  if (!object.attributes.tags.empty()) {
    headers.emplace_back("x-amz-tagging-count", std::to_string(object.attributes.tags.size()));
  }
  if (with_checksums) add_checksums(headers, object.checksums);
  return headers;
}

}  // namespace croft::services::s3
