#include "identity/authenticator.h"

#include <algorithm>

#include "identity/limits.h"
#include "identity/streamed_body.h"
#include "text/digest.h"
#include "text/encoding.h"
#include "text/json.h"
#include "text/time.h"

namespace croft::identity {

namespace {

Error refuse(SignatureFault fault, ErrorFamily family, const std::string& text = {}) {
  return signature_error(fault, family, text);
}

Result<void> check_time(const PresentedSignature& presented, ErrorFamily family, Timestamp now) {
  if (presented.time.ms > now.ms + clock_skew_ms_max) {
    const std::string clock = text::amz_date(now), latest = text::amz_date({now.ms + clock_skew_ms_max});
    return refuse(SignatureFault::not_current, family,
                  "Signature not yet current: " + presented.amz_date + " is still later than " + latest + " (" +
                      clock + " + 15 min.)");
  }
  if (presented.presigned) {
    if (presented.time.ms + presented.lifetime_s * 1000 < now.ms) {
      return refuse(SignatureFault::presigned_expired, family);
    }
    return {};
  }
  if (presented.time.ms < now.ms - clock_skew_ms_max) {
    const std::string clock = text::amz_date(now), earliest = text::amz_date({now.ms - clock_skew_ms_max});
    return refuse(SignatureFault::not_current, family,
                  "Signature expired: " + presented.amz_date + " is now earlier than " + earliest + " (" + clock +
                      " - 15 min.)");
  }
  return {};
}

// `host` and every x-amz-* header must be covered by the signature.
Result<void> check_signed_headers(const net::HttpRequest& request, const PresentedSignature& presented,
                                  ErrorFamily family) {
  const auto is_signed = [&](const std::string& name) {
    return std::find(presented.signed_headers.begin(), presented.signed_headers.end(), name) !=
           presented.signed_headers.end();
  };
  if (!is_signed("host")) return refuse(SignatureFault::unsigned_header, family, "Host");
  for (const auto& [name, value] : request.headers) {
    const bool must_be = name.starts_with("x-amz-") && name != "x-amz-user-agent";
    if (must_be && !is_signed(name)) return refuse(SignatureFault::unsigned_header, family, name);
  }
  return {};
}

// The last line of the canonical request. S3 takes the client's word in x-amz-content-sha256 and checks it against
// the body; the others hash the body.
Result<std::string> payload_hash(const net::HttpRequest& request, const PresentedSignature& presented,
                                 ErrorFamily family) {
  using boost::system::in_place_value;  // an Error can be made from a string too
  if (family != ErrorFamily::s3) return {in_place_value, text::hex(text::sha256(request.body))};
  const std::string* stated = request.header("x-amz-content-sha256");
  if (!stated) {
    if (presented.presigned) return {in_place_value, unsigned_payload};
    return Error{"InvalidRequest", "Missing required header for this request: x-amz-content-sha256", 400};
  }
  if (*stated == unsigned_payload || has_streamed_body(request)) return {in_place_value, *stated};
  const std::string computed = text::hex(text::sha256(request.body));
  if (*stated != computed) {
    Error error = refuse(SignatureFault::payload_mismatch, family);
    error.details =
        json::dump(json::object{{"ClientComputedContentSHA256", *stated}, {"S3ComputedContentSHA256", computed}});
    return error;
  }
  return {in_place_value, computed};
}

Result<AccessKeys::Known> known_key(const AccessKeys& keys, const PresentedSignature& presented, ErrorFamily family,
                                    Timestamp now) {
  auto known = keys.find(presented.access_key_id);
  if (!known) {
    Error error = refuse(SignatureFault::unknown_key, family);
    if (family == ErrorFamily::s3)
      error.details = json::dump(json::object{{"AWSAccessKeyId", presented.access_key_id}});
    return error;
  }
  if (!text::equal_in_constant_time(known->credentials.session_token, presented.session_token)) {
    return refuse(SignatureFault::wrong_token, family);
  }
  if (known->expires && *known->expires <= now) return refuse(SignatureFault::expired_token, family);
  return *std::move(known);
}

// AWS's device SDKs append the session token to a WebSocket's query after signing it; general signers sign it too.
bool is_signed_by(const SigningKey& key, const net::HttpRequest& request, const PresentedSignature& stated, SignedParts& parts) {
  const bool may_sign_token = parts.service == "iotdevicegateway" && stated.presigned && !stated.session_token.empty();
  for (const bool with_token : {false, true}) {
    if (with_token && !may_sign_token) break;
    parts.with_token = with_token;
    const std::string signed_text = string_to_sign(stated.amz_date, stated.scope, canonical_request(request, parts));
    if (text::equal_in_constant_time(text::hex(key.hmac.of(signed_text)), stated.signature)) return true;
  }
  return false;
}

}  // namespace

Result<void> Authenticator::check_scope(const PresentedSignature& presented, const SignatureScope& scope) const {
  const CredentialScope& stated = presented.scope;
  const auto wrong = [&](const std::string& text) { return refuse(SignatureFault::wrong_scope, scope.family, text); };
  if (presented.terminator != scope_terminator) {
    return wrong("Credential should be scoped with a valid terminator: 'aws4_request', not '" + presented.terminator +
                 "'.");
  }
  if (stated.date != presented.amz_date.substr(0, 8)) {
    return wrong("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
                 stated.date + "' != '" + presented.amz_date.substr(0, 8) + "', from '" + presented.amz_date + "'.");
  }
  const bool is_region = stated.region == instance_.region || (scope.is_global && stated.region == "us-east-1");
  if (!is_region && scope.family == ErrorFamily::s3) {
    Error error = wrong("the region '" + stated.region + "' is wrong; expecting '" + instance_.region + "'");
    error.details = json::dump(json::object{{"Region", instance_.region}});
    return error;
  }
  if (!is_region) return wrong("Credential should be scoped to a valid region.");
  if (std::find(scope.services.begin(), scope.services.end(), stated.service) == scope.services.end()) {
    return wrong("Credential should be scoped to correct service: '" + scope.services.front() + "'.");
  }
  return {};
}

Result<Principal> Authenticator::authenticate(net::HttpRequest& request, const SignatureScope& scope,
                                              Timestamp now) const {
  auto presented = presented_signature(request, scope.family);
  if (!presented) return presented.error();
  if (!*presented) return refuse(SignatureFault::missing, scope.family);
  const PresentedSignature& stated = **presented;

  auto known = known_key(keys_, stated, scope.family, now);
  if (!known) return known.error();
  if (auto fits = check_scope(stated, scope); !fits) return fits.error();
  if (auto current = check_time(stated, scope.family, now); !current) return current.error();
  if (auto covered = check_signed_headers(request, stated, scope.family); !covered) return covered.error();
  auto hash = payload_hash(request, stated, scope.family);
  if (!hash) return hash.error();

  const std::shared_ptr<const SigningKey> key = signing_keys_.of(known->credentials, stated.scope);
  SignedParts parts{stated.signed_headers, *std::move(hash), stated.scope.service};
  if (!is_signed_by(*key, request, stated, parts)) return refuse(SignatureFault::mismatch, scope.family);
  if (scope.family == ErrorFamily::s3 && has_streamed_body(request)) {
    const ChunkSigning chunks{key->bytes, stated.amz_date, stated.scope.text(), stated.signature};
    if (auto unwrapped = unwrap_streamed_body(request, chunks); !unwrapped) return unwrapped.error();
  }
  return std::move(known->principal);
}

Result<Principal> Authenticator::trust(net::HttpRequest& request) const {
  if (has_streamed_body(request)) {
    if (auto unwrapped = unwrap_streamed_body(request, std::nullopt); !unwrapped) return unwrapped.error();
  }
  Principal account{"", instance_.iam_arn("root"), instance_.account_id};
  auto presented = presented_signature(request, ErrorFamily::json);
  if (!presented || !*presented) return account;
  auto known = keys_.find((**presented).access_key_id);
  if (known) return known->principal;
  account.access_key_id = (**presented).access_key_id;
  return account;
}

}  // namespace croft::identity
