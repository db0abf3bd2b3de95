#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace croft::sql {

// A regular expression. AWS's are java.util.regex; these are RE2, which takes the same patterns except look-around
// and back references, and never takes more than linear time.
//
// Threads: any. Cost: compiling takes microseconds to a millisecond, so literal patterns are compiled once.
class Regex {
 public:
  // Null for a pattern that RE2 does not take.
  static std::shared_ptr<const Regex> compile(const std::string& pattern);
  ~Regex();

  bool matches_part_of(std::string_view text) const;
  // The first match; nothing when there is none.
  std::optional<std::string> first_match(std::string_view text) const;
  // All matches replaced; $1 is a group, \ takes the next character as it is (Java's rules). Nothing for a
  // replacement that names a group that is not there, or a result longer than `bytes_max`.
  std::optional<std::string> replaced(std::string_view text, std::string_view replacement,
                                      std::size_t bytes_max) const;

 private:
  struct Compiled;
  explicit Regex(std::unique_ptr<Compiled> compiled);
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace croft::sql
