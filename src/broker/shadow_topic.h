#pragma once

#include <algorithm>
#include <optional>
#include <string_view>

namespace croft::broker {

// What a client asks the Device Shadow service by publishing to one of its topics,
//   $aws/things/THING/shadow/VERB and $aws/things/THING/shadow/name/NAME/VERB.
// Source: AWS IoT developer guide, "Reserved topics", "Device shadow topics".
struct ShadowTopic {
  std::string_view thing;
  std::string_view name;  // "" for the classic shadow
  std::string_view verb;  // get, update or delete
};

inline constexpr std::string_view shadow_topic_prefix = "$aws/things/";
inline constexpr std::size_t thing_name_bytes_max = 128;
inline constexpr std::size_t shadow_name_bytes_max = 64;

// [a-zA-Z0-9:_-]+, and `$` where a shadow's own name may have it.
inline bool is_shadow_word(std::string_view text, std::size_t bytes_max, bool dollar) {
  const auto fits = [dollar](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '_' || c == '-' ||
           (dollar && c == '$');
  };
  return !text.empty() && text.size() <= bytes_max && std::all_of(text.begin(), text.end(), fits);
}

// Nothing for any other topic.
inline std::optional<ShadowTopic> shadow_topic(std::string_view topic) {
  if (!topic.starts_with(shadow_topic_prefix)) return std::nullopt;
  topic.remove_prefix(shadow_topic_prefix.size());
  const auto level = [&topic] {
    const std::string_view first = topic.substr(0, topic.find('/'));
    topic.remove_prefix(std::min(first.size() + 1, topic.size()));
    return first;
  };
  ShadowTopic found{.thing = level(), .name = {}, .verb = {}};
  if (!is_shadow_word(found.thing, thing_name_bytes_max, false) || level() != "shadow") return std::nullopt;
  if (topic.starts_with("name/")) {
    level();
    found.name = level();
    if (!is_shadow_word(found.name, shadow_name_bytes_max, true)) return std::nullopt;
  }
  found.verb = topic;
  const bool is_request = topic == "get" || topic == "update" || topic == "delete";
  return is_request ? std::optional(found) : std::nullopt;
}

inline bool is_shadow_request(std::string_view topic) { return shadow_topic(topic).has_value(); }

}  // namespace croft::broker
