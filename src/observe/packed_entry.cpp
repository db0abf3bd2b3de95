#include "observe/packed_entry.h"

#include <algorithm>
#include <cstring>

namespace croft::trace {

namespace {

// A word is one of the bytes from 1 on, which neither JSON nor a phrase has, mostly.
constexpr std::array<std::string_view, 24> words = {
    R"("versionNumber":)",
    R"(,"ipAddress":")",
    R"(","principalIdentifier":")",
    R"(","thingName":")",
    R"(","protocol":"MQTT 3.1.1","keepAliveSeconds":)",
    R"(","protocol":"MQTT 5.0","keepAliveSeconds":)",
    R"(,"cleanStart":true)",
    R"(,"cleanStart":false)",
    R"(,"sessionExpirySeconds":)",
    R"(,"disconnectReason":")",
    R"("topics":[")",
    R"("messages":)",
    R"(,"since":)",
    "connected from ",
    "disconnected: ",
    "subscribed to ",
    " messages in ",
    "CLIENT_INITIATED_DISCONNECT",
    "CONNECTION_LOST",
    "DUPLICATE_CLIENTID",
    "MQTT_KEEP_ALIVE_TIMEOUT",
    "anonymous",
    "127.0.0.1",
    "another connection took over",
};
constexpr char last_word = static_cast<char>(words.size());

constexpr auto begins_a_word = [] {
  std::array<bool, 256> begins{};
  for (const std::string_view word : words) begins[static_cast<unsigned char>(word.front())] = true;
  return begins;
}();

bool is_word(char byte) { return byte > 0 && byte <= last_word; }

bool has_word_bytes(std::string_view text) { return std::any_of(text.begin(), text.end(), is_word); }

std::string in_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto word = begins_a_word[static_cast<unsigned char>(text.front())]
                          ? std::find_if(words.begin(), words.end(), [&](std::string_view one) { return text.starts_with(one); })
                          : words.end();
    const bool found = word != words.end();
    out += found ? static_cast<char>(word - words.begin() + 1) : text.front();
    text.remove_prefix(found ? word->size() : 1);
  }
  return out;
}

std::string out_of_words(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) {
    if (is_word(byte)) out += words[static_cast<std::size_t>(byte - 1)];
    else out += byte;
  }
  return out;
}

// What comes before the id of a trace, if there is one, and the two texts.
struct Head {
  std::int64_t wall_us;
  std::uint16_t text_bytes, detail_bytes;
  Moment moment;
  bool is_traced : 1;
  bool is_plain : 1;  // the texts are as they are
};
constexpr std::size_t head_bytes = 14;  // of it; behind them is padding

}  // namespace

std::string packed(const TimelineEntry& entry) {
  constexpr std::size_t text_max = UINT16_MAX;
  const bool is_plain = has_word_bytes(entry.text) || has_word_bytes(entry.detail);
  const std::string text = is_plain ? entry.text : in_words(entry.text);
  const std::string detail = is_plain ? entry.detail : in_words(entry.detail);
  const bool fits = detail.size() <= text_max;  // half an object would be none
  const Head head{.wall_us = entry.wall_us,
                  .text_bytes = static_cast<std::uint16_t>(std::min(text.size(), text_max)),
                  .detail_bytes = fits ? static_cast<std::uint16_t>(detail.size()) : std::uint16_t{0},
                  .moment = entry.moment,
                  .is_traced = static_cast<bool>(entry.trace),
                  .is_plain = is_plain};
  std::string bytes(reinterpret_cast<const char*>(&head), head_bytes);
  if (head.is_traced) bytes.append(entry.trace.bytes());
  return bytes.append(text, 0, head.text_bytes).append(detail, 0, head.detail_bytes);
}

TimelineEntry take_entry(std::string_view& bytes) {
  Head head{};
  std::memcpy(static_cast<void*>(&head), bytes.data(), head_bytes);
  bytes.remove_prefix(head_bytes);
  const auto take = [&](std::size_t count) {
    const std::string_view taken = bytes.substr(0, count);
    bytes.remove_prefix(taken.size());
    return taken;
  };
  const auto text_of = [&](std::string_view taken) { return head.is_plain ? std::string(taken) : out_of_words(taken); };
  TimelineEntry entry{.moment = head.moment, .wall_us = head.wall_us};
  if (head.is_traced) entry.trace = Id(take(Id::size));
  entry.text = text_of(take(head.text_bytes));
  entry.detail = text_of(take(head.detail_bytes));
  return entry;
}

}  // namespace croft::trace
