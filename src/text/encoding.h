// Byte encodings of the wire formats: base64, hex, percent-encoding, UTF-8 checks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace croft::text {

// RFC 4648 section 4: standard alphabet, padded.
std::string base64(std::string_view bytes);
// Nothing for characters outside the alphabet, wrong padding or length.
std::optional<std::string> from_base64(std::string_view encoded);

// Two lower-case digits a byte.
std::string hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view digits);

// AWS's "UriEncode": everything but A-Z a-z 0-9 - . _ ~ becomes %XX (upper case); `/` too unless kept.
std::string percent_encode(std::string_view bytes, bool keep_slash = false);
// Malformed escapes stay as they are. `plus_is_space` for query strings and forms.
std::string percent_decode(std::string_view encoded, bool plus_is_space = false);

// Well-formed UTF-8 (no surrogates, nothing over U+10FFFF, no overlong forms).
bool is_utf8(std::string_view bytes);

// For terminals and logs: control bytes, DEL and invalid UTF-8 become \xNN, so that nothing a peer sends can move
// the cursor or start a new log line. At most `bytes_max` bytes of input, then "...".
std::string printable(std::string_view bytes, std::size_t bytes_max = 256);

std::string lower(std::string_view ascii);
std::string upper(std::string_view ascii);
std::string_view trim(std::string_view s);

}  // namespace croft::text
