// Topic names and filters: MQTT 5.0, 4.7 (3.1.1 has the same rules), without AWS's quotas, which are the broker's.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace croft::mqtt {

// A UTF-8 string without U+0000 (MQTT 5.0, 1.5.4), of any length. Fast for ASCII.
bool is_valid_string(std::string_view bytes);

// Not empty, at most 65535 bytes, a valid string without `+` and `#`.
bool is_valid_topic(std::string_view topic);

// Not empty, at most 65535 bytes, a valid string; `+` and `#` fill their level, `#` only the last. With `$share/` in
// front, group and filter must be valid too.
bool is_valid_filter(std::string_view filter);

bool has_wildcard(std::string_view filter);

// Number of levels: one more than slashes.
std::size_t level_count(std::string_view topic);

// The levels from left to right, without allocation: "a//b" gives "a", "", "b".
class Levels {
 public:
  explicit Levels(std::string_view topic) : rest_(topic) {}
  std::optional<std::string_view> next();

 private:
  std::string_view rest_;
  bool at_end_ = false;
};

// Does `a/#` match its parent `a`? Yes in the specification, no at AWS.
enum class ParentMatch { yes, no };

// Whether a message on `topic` goes to `filter`; both valid, the filter without `$share/`. A wildcard in the first
// level does not match topics that begin with `$`. Linear in the shorter of the two, no allocation.
bool matches(std::string_view filter, std::string_view topic, ParentMatch parent_match = ParentMatch::no);

// `$share/GROUP/FILTER` taken apart; the views are into the argument.
struct SharedFilter {
  std::string_view group;
  std::string_view filter;
};

// Whether it claims to be a shared subscription, valid or not.
bool is_shared(std::string_view filter);

// Nothing unless it is a shared subscription with a group (not empty, no `+`, `#`) and a filter that is not empty.
std::optional<SharedFilter> parse_shared(std::string_view filter);

}  // namespace croft::mqtt
