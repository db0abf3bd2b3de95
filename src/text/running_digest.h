#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace croft::text {

// SHA-256 of bytes that come in pieces.
class RunningSha256 {
 public:
  RunningSha256();
  RunningSha256(const RunningSha256&) = delete;

  void add(std::string_view bytes);
  // 32 raw bytes; once, at the end.
  std::string finish();

  static constexpr std::size_t state_bytes = 128;

 private:
  alignas(std::max_align_t) unsigned char state_[state_bytes];
};

}  // namespace croft::text
