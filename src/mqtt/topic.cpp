#include "mqtt/topic.h"

#include "mqtt/limits.h"
#include "text/encoding.h"

namespace croft::mqtt {

namespace {

constexpr std::string_view share_prefix = "$share/";

// What occurs among some bytes. One pass without branches, which the compiler turns into vector code.
struct Census {
  bool nul = false;
  bool wildcard = false;
  bool beyond_ascii = false;
};

Census census(std::string_view bytes) {
  unsigned nul = 0, wildcard = 0, all = 0;
  for (const char c : bytes) {
    nul |= c == '\0';
    wildcard |= static_cast<unsigned>(c == '+') | static_cast<unsigned>(c == '#');
    all |= static_cast<unsigned char>(c);
  }
  return {nul != 0, wildcard != 0, (all & 0x80) != 0};
}

bool is_text(const Census& found, std::string_view bytes) {
  return !found.nul && (!found.beyond_ascii || text::is_utf8(bytes));
}

bool are_wildcards_in_place(std::string_view filter) {
  Levels levels(filter);
  bool after_hash = false;
  while (const auto level = levels.next()) {
    if (after_hash) return false;
    if (level->size() > 1 && has_wildcard(*level)) return false;
    after_hash = *level == "#";
  }
  return true;
}

}  // namespace

bool is_valid_string(std::string_view bytes) {
  return is_text(census(bytes), bytes);
}

bool is_valid_topic(std::string_view topic) {
  const Census found = census(topic);
  return !topic.empty() && topic.size() <= limits::string_bytes_max && !found.wildcard && is_text(found, topic);
}

bool is_valid_filter(std::string_view filter) {
  if (filter.empty() || filter.size() > limits::string_bytes_max) return false;
  const Census found = census(filter);
  if (!is_text(found, filter)) return false;
  if (is_shared(filter)) {
    const auto shared = parse_shared(filter);
    return shared && are_wildcards_in_place(shared->filter);
  }
  return !found.wildcard || are_wildcards_in_place(filter);
}

bool has_wildcard(std::string_view filter) {
  return census(filter).wildcard;
}

std::size_t level_count(std::string_view topic) {
  std::size_t count = 1;
  for (const char c : topic) count += c == '/';
  return count;
}

std::optional<std::string_view> Levels::next() {
  if (at_end_) return std::nullopt;
  const std::size_t slash = rest_.find('/');
  const std::string_view level = rest_.substr(0, slash);
  if (slash == std::string_view::npos)
    at_end_ = true;
  else
    rest_.remove_prefix(slash + 1);
  return level;
}

bool matches(std::string_view filter, std::string_view topic, ParentMatch parent_match) {
  const bool starts_with_wildcard = filter.starts_with('+') || filter.starts_with('#');
  if (topic.starts_with('$') && starts_with_wildcard) return false;

  Levels wanted(filter);
  Levels given(topic);
  for (;;) {
    const auto want = wanted.next();
    const auto have = given.next();
    if (!want) return !have;
    if (*want == "#") return have || parent_match == ParentMatch::yes;
    if (!have) return false;
    if (*want != "+" && *want != *have) return false;
  }
}

bool is_shared(std::string_view filter) {
  return filter.starts_with(share_prefix);
}

std::optional<SharedFilter> parse_shared(std::string_view filter) {
  if (!is_shared(filter)) return std::nullopt;
  filter.remove_prefix(share_prefix.size());
  const std::size_t slash = filter.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == filter.size()) return std::nullopt;
  const SharedFilter shared{filter.substr(0, slash), filter.substr(slash + 1)};
  if (has_wildcard(shared.group)) return std::nullopt;
  return shared;
}

}  // namespace croft::mqtt
