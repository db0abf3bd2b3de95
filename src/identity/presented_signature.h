#pragma once

#include <optional>
#include <string>
#include <vector>

#include "identity/signature_errors.h"
#include "identity/sigv4.h"
#include "net/http.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::identity {

// What a request says about its own signature. Nothing in it is checked yet but its form.
struct PresentedSignature {
  std::string access_key_id;
  CredentialScope scope;
  std::string terminator;
  std::vector<std::string> signed_headers;
  std::string signature;
  std::string session_token;  // "" when none was sent
  std::string amz_date;
  Timestamp time;
  bool presigned = false;       // in the query, not in a header
  std::int64_t lifetime_s = 0;  // only when presigned
};

// The signature of the Authorization header or of the query; nothing when the request carries neither; an error in
// the family's words when what it carries is malformed.
Result<std::optional<PresentedSignature>> presented_signature(const net::HttpRequest& request, ErrorFamily family);

// The credential scope alone, for choosing the service before anything is judged; nothing when there is none.
std::optional<CredentialScope> presented_scope(const net::HttpRequest& request);

}  // namespace croft::identity
