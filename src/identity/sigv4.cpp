#include "identity/sigv4.h"

#include <algorithm>

#include "identity/limits.h"
#include "text/digest.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::identity {

namespace {

// RFC 3986 dot segments removed and empty segments collapsed, as the SDKs do for every service but S3.
std::string normalized_path(std::string_view path) {
  std::vector<std::string_view> kept;
  for (std::size_t at = 0; at < path.size();) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view segment = path.substr(at, end - at);
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (!segment.empty() && segment != ".") {
      kept.push_back(segment);
    }
    at = end + 1;
  }
  std::string out;
  for (std::string_view segment : kept) out.append("/").append(segment);
  if (out.empty() || path.ends_with('/')) out += '/';
  return out;
}

// Each segment decoded and encoded again, so that clients agree however much they escape; %2F stays within its
// segment.
std::string once_encoded_path(std::string_view path) {
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    out += text::percent_encode(text::percent_decode(path.substr(at, end - at)));
    if (end == path.size()) break;
    out += '/';
    at = end + 1;
  }
  return out.empty() ? "/" : out;
}

std::string canonical_path(std::string_view path, std::string_view service) {
  if (path == "/") return "/";
  return service == "s3" ? once_encoded_path(path) : text::percent_encode(normalized_path(path), true);
}

bool enters_query(std::string_view name, const SignedParts& parts) {
  if (name == "X-Amz-Signature") return false;
  const bool is_appended = parts.service == "iotdevicegateway" && !parts.with_token;  // after signing
  return !(is_appended && name == "X-Amz-Security-Token");
}

std::string canonical_query(std::string_view query, const SignedParts& parts) {
  std::vector<std::pair<std::string, std::string>> encoded;
  for (const QueryParameter& parameter : query_parameters(query)) {
    if (!enters_query(parameter.name, parts)) continue;
    encoded.emplace_back(text::percent_encode(parameter.name), text::percent_encode(parameter.value));
  }
  std::sort(encoded.begin(), encoded.end());
  std::string out;
  for (const auto& [name, value] : encoded) {
    if (!out.empty()) out += '&';
    out += name + '=' + value;
  }
  return out;
}

// Outer blanks gone, runs of inner ones made one.
void append_trimmed(std::string& out, std::string_view value) {
  bool blank = false;
  for (char c : text::trim(value)) {
    const bool is_blank = c == ' ' || c == '\t';
    if (!is_blank)
      out += c;
    else if (!blank)
      out += ' ';
    blank = is_blank;
  }
}

void append_canonical_header(std::string& out, const net::Headers& headers, std::string_view wanted) {
  out += wanted;
  out += ':';
  bool first = true;
  for (const auto& [name, value] : headers) {
    if (name != wanted) continue;
    if (!first) out += ',';
    first = false;
    append_trimmed(out, value);
  }
  out += '\n';
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ';';
    out += name;
  }
  return out;
}

std::vector<std::string> sorted_names(const net::Headers& headers) {
  std::vector<std::string> names;
  for (const auto& [name, value] : headers) names.push_back(name);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

std::string CredentialScope::text() const {
  return date + '/' + region + '/' + service + '/' + std::string(scope_terminator);
}

std::vector<QueryParameter> query_parameters(std::string_view query) {
  std::vector<QueryParameter> parameters;
  while (!query.empty() && parameters.size() < query_parameters_max) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    parameters.push_back({text::percent_decode(pair.substr(0, equals)), text::percent_decode(value)});
  }
  return parameters;
}

std::string canonical_request(const net::HttpRequest& request, const SignedParts& parts) {
  std::string out;
  out.reserve(1024);
  out = request.method;
  out += '\n' + canonical_path(request.path, parts.service);
  out += '\n' + canonical_query(request.query, parts) + '\n';
  for (const std::string& name : parts.headers) append_canonical_header(out, request.headers, name);
  out += '\n' + joined(parts.headers);
  out += '\n' + parts.payload_hash;
  return out;
}

std::string string_to_sign(std::string_view amz_date, const CredentialScope& scope,
                           std::string_view canonical_request) {
  std::string out(signature_algorithm);
  out.append("\n").append(amz_date).append("\n").append(scope.text()).append("\n");
  out += text::hex(text::sha256(canonical_request));
  return out;
}

std::string signing_key(std::string_view secret_access_key, const CredentialScope& scope) {
  std::string key = text::hmac_sha256("AWS4" + std::string(secret_access_key), scope.date);
  key = text::hmac_sha256(key, scope.region);
  key = text::hmac_sha256(key, scope.service);
  return text::hmac_sha256(key, scope_terminator);
}

std::string signature_of(std::string_view signing_key, std::string_view string_to_sign) {
  return text::hex(text::hmac_sha256(signing_key, string_to_sign));
}

net::Headers sign(const net::HttpRequest& request, const Signing& signing) {
  const std::string date = text::amz_date(signing.time);
  const CredentialScope scope{date.substr(0, 8), signing.region, signing.service};
  SignedParts parts{{}, text::hex(text::sha256(request.body)), signing.service};

  net::Headers added = {{"x-amz-date", date}};
  if (signing.service == "s3") added.emplace_back("x-amz-content-sha256", parts.payload_hash);
  if (!signing.credentials.session_token.empty()) {
    added.emplace_back("x-amz-security-token", signing.credentials.session_token);
  }
  net::HttpRequest whole{request.method, request.path, request.query, request.headers, {}, {}};
  whole.headers.insert(whole.headers.end(), added.begin(), added.end());
  parts.headers = sorted_names(whole.headers);

  const std::string key = signing_key(signing.credentials.secret_access_key, scope);
  const std::string signature = signature_of(key, string_to_sign(date, scope, canonical_request(whole, parts)));
  added.emplace_back("authorization", std::string(signature_algorithm) +
                                          " Credential=" + signing.credentials.access_key_id + '/' + scope.text() +
                                          ", SignedHeaders=" + joined(parts.headers) + ", Signature=" + signature);
  return added;
}

std::string presigned_query(const net::HttpRequest& request, const Signing& signing, std::int64_t lifetime_s) {
  const std::string date = text::amz_date(signing.time);
  const CredentialScope scope{date.substr(0, 8), signing.region, signing.service};
  const std::string token = signing.credentials.session_token.empty()
                                ? std::string()
                                : "&X-Amz-Security-Token=" + text::percent_encode(signing.credentials.session_token);
  net::HttpRequest whole{request.method, request.path, request.query, request.headers, {}, {}};
  if (!whole.query.empty()) whole.query += '&';
  whole.query += "X-Amz-Algorithm=" + std::string(signature_algorithm);
  whole.query += "&X-Amz-Credential=" + text::percent_encode(signing.credentials.access_key_id + '/' + scope.text());
  whole.query += "&X-Amz-Date=" + date + "&X-Amz-Expires=" + std::to_string(lifetime_s) + "&X-Amz-SignedHeaders=host";
  whole.query += token;

  const std::string payload = signing.service == "s3" ? std::string(unsigned_payload) : text::hex(text::sha256(""));
  const std::string canonical = canonical_request(whole, {{"host"}, payload, signing.service});
  const std::string key = signing_key(signing.credentials.secret_access_key, scope);
  return whole.query + "&X-Amz-Signature=" + signature_of(key, string_to_sign(date, scope, canonical));
}

}  // namespace croft::identity
