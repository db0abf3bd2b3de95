#include "identity/signature_errors.h"

#include "text/json.h"

namespace croft::identity {

namespace {

constexpr const char* invalid_token = "The security token included in the request is invalid.";
constexpr const char* does_not_match =
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details.";

// Source: S3 API Reference, "Error responses".
Error s3_error(SignatureFault fault, const std::string& text) {
  switch (fault) {
    case SignatureFault::missing:
      return {"AccessDenied", "Access Denied", 403};
    case SignatureFault::incomplete:
      return {"AuthorizationHeaderMalformed", "The authorization header is malformed; " + text, 400};
    case SignatureFault::unknown_key:
      return {"InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403};
    case SignatureFault::wrong_token:
      return {"InvalidToken", "The provided token is malformed or otherwise invalid.", 400};
    case SignatureFault::expired_token:
      return {"ExpiredToken", "The provided token has expired.", 400};
    case SignatureFault::mismatch:
      return {"SignatureDoesNotMatch",
              "The request signature we calculated does not match the signature you provided. Check your key and "
              "signing method.",
              403};
    case SignatureFault::wrong_scope:
      return {"AuthorizationHeaderMalformed", "The authorization header is malformed; " + text, 400};
    case SignatureFault::not_current:
      return {"RequestTimeTooSkewed", "The difference between the request time and the current time is too large.",
              403};
    case SignatureFault::presigned_expired:
      return {"AccessDenied", "Request has expired", 403};
    case SignatureFault::unsigned_header:
      return {"AccessDenied", "There were headers present in the request which were not signed", 403,
              json::dump(json::object{{"HeadersNotSigned", text}})};
    case SignatureFault::payload_mismatch:
      return {"XAmzContentSHA256Mismatch",
              "The provided 'x-amz-content-sha256' header does not match what was computed.", 400};
  }
  return {"AccessDenied", "Access Denied", 403};
}

// Source: "Common Errors" in the API references of IAM, STS and CloudFormation.
Error query_error(SignatureFault fault, const std::string& text) {
  switch (fault) {
    case SignatureFault::missing:
      return {"MissingAuthenticationToken", "Request is missing Authentication Token", 403};
    case SignatureFault::incomplete:
      return {"IncompleteSignature", text, 400};
    case SignatureFault::unknown_key:
    case SignatureFault::wrong_token:
      return {"InvalidClientTokenId", "The security token included in the request is invalid", 403};
    case SignatureFault::expired_token:
      return {"ExpiredToken", "The security token included in the request is expired", 403};
    case SignatureFault::presigned_expired:
      return {"RequestExpired", "Request has expired.", 400};
    case SignatureFault::wrong_scope:
    case SignatureFault::not_current:
      return {"SignatureDoesNotMatch", text, 403};
    case SignatureFault::unsigned_header:
      return {"SignatureDoesNotMatch", "'" + text + "' must be a 'SignedHeader' in the AWS Authorization.", 403};
    case SignatureFault::mismatch:
    case SignatureFault::payload_mismatch:
      return {"SignatureDoesNotMatch", does_not_match, 403};
  }
  return {"SignatureDoesNotMatch", does_not_match, 403};
}

// DynamoDB and its like answer 400, the REST services 403.
// Source: DynamoDB Developer Guide, "Error handling"; common errors of the IoT and Lambda API references.
Error json_error(SignatureFault fault, const std::string& text, int status) {
  switch (fault) {
    case SignatureFault::missing:
      return {"MissingAuthenticationTokenException", "Missing Authentication Token", status};
    case SignatureFault::incomplete:
      return {"IncompleteSignatureException", text, status};
    case SignatureFault::unknown_key:
    case SignatureFault::wrong_token:
      return {"UnrecognizedClientException", invalid_token, status};
    case SignatureFault::expired_token:
      return {"ExpiredTokenException", "The security token included in the request is expired", status};
    case SignatureFault::presigned_expired:
      return {"InvalidSignatureException", "Signature expired.", status};
    case SignatureFault::wrong_scope:
    case SignatureFault::not_current:
      return {"InvalidSignatureException", text, status};
    case SignatureFault::unsigned_header:
      return {"InvalidSignatureException", "'" + text + "' must be a 'SignedHeader' in the AWS Authorization.",
              status};
    case SignatureFault::mismatch:
    case SignatureFault::payload_mismatch:
      return {"InvalidSignatureException", does_not_match, status};
  }
  return {"InvalidSignatureException", does_not_match, status};
}

}  // namespace

Error signature_error(SignatureFault fault, ErrorFamily family, const std::string& text) {
  switch (family) {
    case ErrorFamily::s3:
      return s3_error(fault, text);
    case ErrorFamily::query:
      return query_error(fault, text);
    case ErrorFamily::rest_json:
      return json_error(fault, text, 403);
    case ErrorFamily::json:
      return json_error(fault, text, 400);
  }
  return json_error(fault, text, 400);
}

}  // namespace croft::identity
