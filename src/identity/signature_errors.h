// How each family of AWS services words a refused signature.
#pragma once

#include <string>

#include "types/result.h"

namespace croft::identity {

enum class ErrorFamily { json, rest_json, query, s3 };

enum class SignatureFault {
  missing,            // no signature at all
  incomplete,         // a part of it is not there or not well-formed; the text says which
  unknown_key,        // no such access key
  wrong_token,        // the session token is not the key's
  expired_token,      // the session is over
  mismatch,           // the signature differs
  wrong_scope,        // date, region, service or terminator of the credential scope; the text says which
  not_current,        // the clock skew; the text says the times
  presigned_expired,  // X-Amz-Expires is over
  unsigned_header,    // a header that must be signed is not; the text is its name
  payload_mismatch,   // x-amz-content-sha256 is not the body's
};

// The error with the code, status and words of the family. `text` is what the fault's comment says, else ignored.
Error signature_error(SignatureFault fault, ErrorFamily family, const std::string& text = {});

}  // namespace croft::identity
