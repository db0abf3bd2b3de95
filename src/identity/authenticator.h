#pragma once

#include <string>
#include <vector>

#include "identity/access_keys.h"
#include "identity/presented_signature.h"
#include "identity/signing_keys.h"

namespace croft::identity {

// What a service accepts in a credential scope, and how it words refusals.
struct SignatureScope {
  ErrorFamily family = ErrorFamily::json;
  std::vector<std::string> services;  // any of these names
  bool is_global = false;             // IAM, STS: us-east-1 is accepted beside the own region
};

// Judges Signature Version 4 on requests, in headers and in presigned queries.
//
// Threads: any. Cost: SHA-256 of the body, of the canonical request and of the text that is signed.
class Authenticator {
 public:
  Authenticator(Instance instance, const AccessKeys& keys) : instance_(std::move(instance)), keys_(keys) {}

  // Who signed, or the refusal in the family's words. An aws-chunked body is verified and replaced by its decoded
  // bytes. The clock may differ by 15 minutes.
  Result<Principal> authenticate(net::HttpRequest& request, const SignatureScope& scope, Timestamp now) const;

  // Who the request says it is, without proof, for a croft that does not ask for signatures: the owner of a known
  // key, else the account itself. An aws-chunked body is decoded.
  Result<Principal> trust(net::HttpRequest& request) const;

 private:
  Result<void> check_scope(const PresentedSignature& presented, const SignatureScope& scope) const;

  const Instance instance_;
  const AccessKeys& keys_;
  const SigningKeys signing_keys_;
};

}  // namespace croft::identity
