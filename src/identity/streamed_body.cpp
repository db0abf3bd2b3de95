#include "identity/streamed_body.h"

#include <algorithm>
#include <charconv>

#include "identity/limits.h"
#include "identity/sigv4.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::identity {

namespace {

constexpr std::string_view signed_chunks = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
constexpr std::string_view signed_chunks_and_trailer = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
constexpr std::string_view unsigned_chunks_with_trailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";

Error incomplete_body() {
  return {"IncompleteBody", "The request body terminated unexpectedly", 400};
}
Error malformed_trailer() {
  return {"MalformedTrailerError", "The request contained trailing data that was not well-formed.", 400};
}
Error wrong_signature() {
  return {"SignatureDoesNotMatch",
          "The request signature we calculated does not match the signature you provided. Check your key and signing "
          "method.",
          403};
}

// The line up to CRLF, which is taken off `rest`; nothing when there is none within `bytes_max`.
std::optional<std::string_view> take_line(std::string_view& rest, std::size_t bytes_max) {
  const std::size_t end = rest.substr(0, bytes_max).find("\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 2);
  return line;
}

struct ChunkHeader {
  std::size_t length = 0;
  std::string_view signature;
};

// LENGTH[;chunk-signature=HEX]
std::optional<ChunkHeader> read_chunk_header(std::string_view line) {
  ChunkHeader header;
  const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), header.length, 16);
  if (failure != std::errc() || end == line.data()) return std::nullopt;
  std::string_view extension = line.substr(static_cast<std::size_t>(end - line.data()));
  constexpr std::string_view name = ";chunk-signature=";
  if (extension.starts_with(name))
    header.signature = extension.substr(name.size());
  else if (!extension.empty())
    return std::nullopt;
  return header;
}

// Chains the signatures: each one covers the one before it.
class ChunkVerifier {
 public:
  explicit ChunkVerifier(const std::optional<ChunkSigning>& signing)
      : signing_(signing), previous_(signing ? signing->seed_signature : "") {}

  bool accepts_chunk(std::string_view data, std::string_view signature) {
    return accepts("AWS4-HMAC-SHA256-PAYLOAD", text::hex(text::sha256("")) + '\n' + hash(data), signature);
  }
  bool accepts_trailer(std::string_view canonical_trailer, std::string_view signature) {
    return accepts("AWS4-HMAC-SHA256-TRAILER", hash(canonical_trailer), signature);
  }

 private:
  std::string hash(std::string_view data) const { return signing_ ? text::hex(text::sha256(data)) : std::string(); }

  bool accepts(std::string_view algorithm, const std::string& hashes, std::string_view signature) {
    if (!signing_) return true;
    std::string to_sign(algorithm);
    to_sign += '\n' + signing_->amz_date + '\n' + signing_->scope + '\n' + previous_ + '\n' + hashes;
    previous_ = signature_of(signing_->key, to_sign);
    return text::equal_in_constant_time(previous_, signature);
  }

  const std::optional<ChunkSigning>& signing_;
  std::string previous_;
};

// Whether x-amz-trailer names it.
bool is_announced(const net::HttpRequest& request, std::string_view name) {
  const std::string* announced = request.header("x-amz-trailer");
  if (!announced) return false;
  std::string_view rest = *announced;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    if (text::lower(text::trim(rest.substr(0, comma))) == name) return true;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return false;
}

// The lines behind the last chunk: announced headers, then x-amz-trailer-signature where trailers are signed.
Result<net::Headers> read_trailers(const net::HttpRequest& request, std::string_view rest, bool is_signed,
                                   ChunkVerifier& verifier) {
  if (rest.size() > chunk_trailer_bytes_max) return malformed_trailer();
  net::Headers trailers;
  std::string canonical, signature;
  while (!rest.empty()) {
    std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) end = rest.size();
    const std::string_view line = text::trim(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.empty()) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return malformed_trailer();
    const std::string name = text::lower(text::trim(line.substr(0, colon)));
    const std::string value(text::trim(line.substr(colon + 1)));
    if (name == "x-amz-trailer-signature") {
      signature = value;
      continue;
    }
    if (!is_announced(request, name)) return malformed_trailer();
    canonical += name + ':' + value + '\n';
    trailers.emplace_back(name, value);
  }
  if (is_signed && !verifier.accepts_trailer(canonical, signature)) return wrong_signature();
  return trailers;
}

Result<void> read_chunks(std::string_view& rest, bool is_signed, ChunkVerifier& verifier, std::string& decoded) {
  for (std::size_t count = 0; count < chunks_max; ++count) {
    const auto line = take_line(rest, chunk_header_bytes_max);
    if (!line) return incomplete_body();
    const auto header = read_chunk_header(*line);
    if (!header || header->length > rest.size()) return incomplete_body();
    const std::string_view data = rest.substr(0, header->length);
    if (is_signed && !verifier.accepts_chunk(data, header->signature)) return wrong_signature();
    rest.remove_prefix(header->length);
    if (header->length == 0) return {};
    decoded += data;
    if (!rest.starts_with("\r\n")) return incomplete_body();
    rest.remove_prefix(2);
  }
  return Error{"InvalidRequest", "The body has too many chunks.", 400};
}

bool has_announced_length(const net::HttpRequest& request, std::size_t length) {
  const std::string* announced = request.header("x-amz-decoded-content-length");
  return announced && *announced == std::to_string(length);
}

void drop_chunked_encoding(net::Headers& headers) {
  const auto is_chunked_only = [](const auto& header) {
    return header.first == "content-encoding" && header.second == "aws-chunked";
  };
  std::erase_if(headers, is_chunked_only);
  for (auto& [name, value] : headers) {
    if (name == "content-encoding" && value.starts_with("aws-chunked,")) {
      value = std::string(text::trim(std::string_view(value).substr(12)));
    }
  }
}

}  // namespace

bool has_streamed_body(const net::HttpRequest& request) {
  const std::string* hash = request.header("x-amz-content-sha256");
  return hash && hash->starts_with("STREAMING-");
}

Result<void> unwrap_streamed_body(net::HttpRequest& request, const std::optional<ChunkSigning>& signing) {
  const std::string* form = request.header("x-amz-content-sha256");
  const bool trailer_is_signed = form && *form == signed_chunks_and_trailer;
  const bool chunks_are_signed = trailer_is_signed || (form && *form == signed_chunks);
  if (!chunks_are_signed && !(form && *form == unsigned_chunks_with_trailer)) {
    return Error{"InvalidRequest", "The value of x-amz-content-sha256 header is invalid.", 400};
  }
  ChunkVerifier verifier(signing);
  std::string_view rest = request.body;
  std::string decoded;
  decoded.reserve(request.body.size());
  if (auto read = read_chunks(rest, chunks_are_signed, verifier, decoded); !read) return read.error();
  auto trailers = read_trailers(request, rest, trailer_is_signed, verifier);
  if (!trailers) return trailers.error();
  if (!has_announced_length(request, decoded.size())) return incomplete_body();

  request.body = std::move(decoded);
  drop_chunked_encoding(request.headers);
  for (auto& trailer : *trailers) request.headers.push_back(std::move(trailer));
  return {};
}

}  // namespace croft::identity
