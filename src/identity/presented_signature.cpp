#include "identity/presented_signature.h"

#include <algorithm>
#include <charconv>

#include "identity/limits.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::identity {

namespace {

constexpr std::string_view date_missing =
    "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";

// Calls visit(part) for each part between separators.
template <class Visit>
void split(std::string_view text, char separator, Visit visit) {
  for (std::size_t at = 0;;) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    visit(text.substr(at, end - at));
    if (end == text.size()) return;
    at = end + 1;
  }
}

// ACCESSKEY/DATE/REGION/SERVICE/TERMINATOR
bool read_credential(std::string_view credential, PresentedSignature& out) {
  std::string* const members[] = {&out.access_key_id, &out.scope.date, &out.scope.region, &out.scope.service,
                                  &out.terminator};
  std::size_t count = 0;
  split(credential, '/', [&](std::string_view part) {
    if (count < std::size(members)) *members[count] = part;
    ++count;
  });
  return count == std::size(members) && !out.access_key_id.empty();
}

bool read_signed_headers(std::string_view names, PresentedSignature& out) {
  if (names.empty()) return false;
  out.signed_headers.reserve(8);
  split(names, ';', [&](std::string_view name) { out.signed_headers.emplace_back(name); });
  return out.signed_headers.size() <= signed_headers_max;
}

bool read_lifetime(const std::string& text, std::int64_t& seconds) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return failure == std::errc() && end == text.data() + text.size() && seconds >= 1 &&
         seconds <= presigned_lifetime_s_max;
}

// "Name=value" parts between commas, after the algorithm.
struct AuthorizationParts {
  std::string_view credential, signed_headers, signature;
};
AuthorizationParts read_authorization(std::string_view text) {
  AuthorizationParts parts;
  split(text, ',', [&](std::string_view part) {
    const std::string_view trimmed = text::trim(part);
    const std::size_t equals = trimmed.find('=');
    if (equals == std::string_view::npos) return;
    const std::string_view name = trimmed.substr(0, equals), value = trimmed.substr(equals + 1);
    if (name == "Credential") parts.credential = value;
    if (name == "SignedHeaders") parts.signed_headers = value;
    if (name == "Signature") parts.signature = value;
  });
  return parts;
}

std::string missing_parts(const AuthorizationParts& parts, bool has_date) {
  std::string text;
  const auto require = [&](bool there, const std::string& sentence) {
    if (there) return;
    if (!text.empty()) text += ' ';
    text += sentence;
  };
  require(!parts.credential.empty(), "Authorization header requires 'Credential' parameter.");
  require(!parts.signature.empty(), "Authorization header requires 'Signature' parameter.");
  require(!parts.signed_headers.empty(), "Authorization header requires 'SignedHeaders' parameter.");
  require(has_date, std::string(date_missing));
  return text;
}

// X-Amz-Date, or a Date of the same form.
const std::string* date_header(const net::HttpRequest& request) {
  const std::string* date = request.header("x-amz-date");
  return date ? date : request.header("date");
}

Result<PresentedSignature> from_header(const net::HttpRequest& request, std::string_view parameters,
                                       ErrorFamily family) {
  const auto incomplete = [&](const std::string& text) {
    return signature_error(SignatureFault::incomplete, family, text);
  };
  const AuthorizationParts parts = read_authorization(parameters);
  const std::string* date = date_header(request);
  if (const std::string missing = missing_parts(parts, date != nullptr); !missing.empty()) return incomplete(missing);

  PresentedSignature out;
  if (!read_credential(parts.credential, out)) {
    return incomplete(
        "Credential must have exactly 5 slash-delimited elements, e.g. "
        "keyid/date/region/service/term, got '" +
        std::string(parts.credential) + "'");
  }
  if (!read_signed_headers(parts.signed_headers, out)) return incomplete("SignedHeaders names too many headers.");
  const auto time = text::from_amz_date(*date);
  if (!time) return incomplete("Date must be in ISO-8601 'basic format'. Got '" + *date + "'.");
  out.time = *time;
  out.amz_date = *date;
  out.signature = parts.signature;
  if (const std::string* token = request.header("x-amz-security-token")) out.session_token = *token;
  return out;
}

// Signature Version 2: what boto3 presigns with for S3 in us-east-1 unless it is told otherwise.
Error unsupported_mechanism() {
  return {"InvalidRequest",
          "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.", 400};
}

Error presign_error(ErrorFamily family, const std::string& text) {
  if (family == ErrorFamily::s3) return {"AuthorizationQueryParametersError", text, 400};
  return signature_error(SignatureFault::incomplete, family, text);
}

Result<PresentedSignature> from_query(const std::vector<QueryParameter>& query, ErrorFamily family) {
  const auto value = [&](std::string_view name) -> std::string {
    const auto found = std::find_if(query.begin(), query.end(), [&](const auto& p) { return p.name == name; });
    return found == query.end() ? std::string() : found->value;
  };
  PresentedSignature out;
  out.presigned = true;
  out.amz_date = value("X-Amz-Date");
  out.signature = value("X-Amz-Signature");
  out.session_token = value("X-Amz-Security-Token");
  const auto time = text::from_amz_date(out.amz_date);
  if (value("X-Amz-Algorithm") != signature_algorithm) {
    return presign_error(family, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"");
  }
  if (out.signature.empty() || !time) {
    return presign_error(family,
                         "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                         "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.");
  }
  if (!read_credential(value("X-Amz-Credential"), out)) {
    return presign_error(family,
                         "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
                         "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");
  }
  if (!read_signed_headers(value("X-Amz-SignedHeaders"), out)) {
    return presign_error(family, "X-Amz-SignedHeaders must name between 1 and 100 headers.");
  }
  out.time = *time;
  const std::string lifetime = value("X-Amz-Expires");
  out.lifetime_s = clock_skew_ms_max / 1000;  // iotdevicegateway and presigned STS may leave it out
  if (!lifetime.empty() && !read_lifetime(lifetime, out.lifetime_s)) {
    return presign_error(family, "X-Amz-Expires must be a number between 1 and 604800");
  }
  return out;
}

}  // namespace

Result<std::optional<PresentedSignature>> presented_signature(const net::HttpRequest& request, ErrorFamily family) {
  if (const std::string* authorization = request.header("authorization")) {
    const std::string_view text = text::trim(*authorization);
    const std::size_t space = std::min(text.find(' '), text.size());
    if (text.substr(0, space) != signature_algorithm) {
      if (family == ErrorFamily::s3) return unsupported_mechanism();
      return signature_error(SignatureFault::incomplete, family, "Unsupported AWS 'algorithm'.");
    }
    auto presented = from_header(request, text.substr(space), family);
    if (!presented) return presented.error();
    return std::optional(std::move(*presented));
  }
  if (request.query.empty()) return std::optional<PresentedSignature>();
  const std::vector<QueryParameter> query = query_parameters(request.query);
  const auto is_version_2 = [](const QueryParameter& p) { return p.name == "AWSAccessKeyId"; };
  if (family == ErrorFamily::s3 && std::any_of(query.begin(), query.end(), is_version_2))
    return unsupported_mechanism();
  const auto is_algorithm = [](const QueryParameter& p) { return p.name == "X-Amz-Algorithm"; };
  if (std::none_of(query.begin(), query.end(), is_algorithm)) return std::optional<PresentedSignature>();
  auto presented = from_query(query, family);
  if (!presented) return presented.error();
  return std::optional(std::move(*presented));
}

std::optional<CredentialScope> presented_scope(const net::HttpRequest& request) {
  auto presented = presented_signature(request, ErrorFamily::json);
  if (!presented || !*presented) return std::nullopt;
  return (**presented).scope;
}

}  // namespace croft::identity
