// Bodies in the aws-chunked encoding, which carry a signature or a checksum behind the data.
// Source: S3 API Reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple
// Chunks", and the same "Including Trailing Headers".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"
#include "types/result.h"

namespace croft::identity {

// What the chunks' own signatures are checked with.
struct ChunkSigning {
  std::string key;  // signing_key()
  std::string amz_date;
  std::string scope;           // CredentialScope::text()
  std::string seed_signature;  // of the request's headers
};

// Whether x-amz-content-sha256 says STREAMING-….
bool has_streamed_body(const net::HttpRequest& request);

// Replaces the body by its decoded bytes, takes `aws-chunked` out of Content-Encoding, and adds the trailing headers
// that x-amz-trailer announced. With `signing`, signed chunks and trailers must verify; without it, signatures in
// them are skipped. Errors (S3's): IncompleteBody, MalformedTrailerError, SignatureDoesNotMatch, InvalidRequest.
Result<void> unwrap_streamed_body(net::HttpRequest& request, const std::optional<ChunkSigning>& signing);

}  // namespace croft::identity
