#pragma once

#include <array>
#include <string>
#include <string_view>

namespace croft::text {

// A UUID in 16 bytes, for where many are kept.
class Uuid {
 public:
  Uuid() = default;
  // "bab409a3-306a-40a4-9a63-8b817ddac9b9"; of any other text the nil one, all zero.
  explicit Uuid(std::string_view text);

  std::string text() const;
  friend bool operator==(const Uuid&, const Uuid&) = default;

 private:
  std::array<unsigned char, 16> bytes_{};
};

}  // namespace croft::text
