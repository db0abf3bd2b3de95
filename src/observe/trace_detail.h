#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "types/result.h"

namespace croft::trace {

// The members of a step's detail, written one behind the other: "a":1,"b":"x". Long values are cut.
class Detail {
 public:
  // At most limits::text_bytes_max bytes of it; behind a cut one follows NAMECut: true. What is no UTF-8 is made printable.
  Detail& text(std::string_view name, std::string_view value);
  Detail& number(std::string_view name, std::int64_t value);
  Detail& flag(std::string_view name, bool value);
  // A value that is JSON as it is. One that is too long is told as a text that is cut.
  Detail& json(std::string_view name, std::string_view value);
  // {"code":…,"message":…}
  Detail& error(std::string_view code, std::string_view message);

  std::string take() { return std::move(members_); }

 private:
  Detail& name(std::string_view name);

  std::string members_;
};

}  // namespace croft::trace
