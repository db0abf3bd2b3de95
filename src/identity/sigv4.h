// AWS Signature Version 4: what is hashed, and croft's own signing. Checking is in authenticator.h.
// Source: IAM User Guide, "Create a signed AWS API request"; S3 API Reference, "Authenticating Requests".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "identity/credentials.h"
#include "net/http.h"
#include "types/timestamp.h"

namespace croft::identity {

inline constexpr std::string_view signature_algorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view scope_terminator = "aws4_request";
inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

// DATE/REGION/SERVICE/aws4_request
struct CredentialScope {
  std::string date;  // 20261122
  std::string region;
  std::string service;

  std::string text() const;
};

// The parts of a canonical request that the request alone does not tell.
struct SignedParts {
  std::vector<std::string> headers;  // lower-case names, in the order of SignedHeaders
  std::string payload_hash;          // hex, or one of the words such as UNSIGNED-PAYLOAD
  std::string service;               // S3 encodes paths once; iotdevicegateway leaves the token out of the query
  bool with_token = false;           // iotdevicegateway: the token is signed nevertheless
};

// The text whose hash is signed. X-Amz-Signature is left out of the query.
std::string canonical_request(const net::HttpRequest& request, const SignedParts& parts);
std::string string_to_sign(std::string_view amz_date, const CredentialScope& scope,
                           std::string_view canonical_request);
std::string signing_key(std::string_view secret_access_key, const CredentialScope& scope);
// Lower-case hex.
std::string signature_of(std::string_view signing_key, std::string_view string_to_sign);

struct Signing {
  Credentials credentials;
  std::string region;
  std::string service;
  Timestamp time;
};

// The headers to add to a request that has its `host` header: x-amz-date, x-amz-content-sha256 (S3),
// x-amz-security-token (sessions) and authorization. Every header that is there is signed.
net::Headers sign(const net::HttpRequest& request, const Signing& signing);

// The query of a presigned URL for `request`, whose own query it keeps. Only `host` is signed.
std::string presigned_query(const net::HttpRequest& request, const Signing& signing, std::int64_t lifetime_s);

// One `name=value` of a query, both decoded.
struct QueryParameter {
  std::string name;
  std::string value;
};
// At most query_parameters_max; the rest is ignored. '+' stays a plus, as in signatures.
std::vector<QueryParameter> query_parameters(std::string_view query);

}  // namespace croft::identity
