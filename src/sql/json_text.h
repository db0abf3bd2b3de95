// The inside of JSON strings, for the readers and the writer of JSON.
#pragma once

#include <bit>
#include <cstddef>
#include <string>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace croft::sql {

// The first quote, backslash or control character in [at, end); `end` when there is none. `high` gets a bit for each
// byte before it that is not ASCII.
inline const char* end_of_plain(const char* at, const char* end, unsigned& high) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), last_control = _mm_set1_epi8(0x1F);
  for (; end - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i controls = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i ends =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)), controls);
    const auto found = static_cast<unsigned>(_mm_movemask_epi8(ends));
    const auto not_ascii = static_cast<unsigned>(_mm_movemask_epi8(bytes));
    if (found) {
      high |= not_ascii & ((found & -found) - 1);
      return at + std::countr_zero(found);
    }
    high |= not_ascii;
  }
#endif
  for (; at != end; ++at) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte == '"' || byte == '\\' || byte < 0x20) break;
    high |= byte & 0x80u;
  }
  return at;
}

// Bytes before the first that a JSON string has to escape.
inline std::size_t plain_bytes(std::string_view text) {
  unsigned high = 0;
  return static_cast<std::size_t>(end_of_plain(text.data(), text.data() + text.size(), high) - text.data());
}

// At the backslash `at` of `text`: appends what the escape stands for and leaves `at` on its last byte. False when it
// is none. Half a surrogate pair stands for U+FFFD.
bool read_escape(std::string_view text, std::size_t& at, std::string& out);

// The inside of a well-formed string.
std::string unescaped(std::string_view raw);

}  // namespace croft::sql
