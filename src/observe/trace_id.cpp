#include "observe/trace_id.h"

#include "text/encoding.h"

namespace croft::trace {

namespace {

constexpr std::size_t time_bytes = 4, tail_bytes = 6;

// The value of `name` in "name=value;name=value".
std::string_view member(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    std::string_view one = text.substr(0, end);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=') return one.substr(name.size() + 1);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

}  // namespace

std::string Id::text() const {
  return "1-" + text::hex(bytes().substr(0, time_bytes)) + "-" + text::hex(bytes().substr(time_bytes));
}

std::optional<Id> Id::parse(std::string_view text) {
  constexpr std::size_t length = 2 + 2 * time_bytes + 1 + 2 * (size - time_bytes);
  if (text.size() != length || !text.starts_with("1-") || text[2 + 2 * time_bytes] != '-') return std::nullopt;
  const auto time = text::from_hex(text.substr(2, 2 * time_bytes));
  const auto rest = text::from_hex(text.substr(3 + 2 * time_bytes));
  if (!time || !rest) return std::nullopt;
  const Id id(*time + *rest);
  if (!id) return std::nullopt;
  return id;
}

std::string Header::text() const {
  std::string parent(id.bytes().substr(Id::size - tail_bytes));
  parent += static_cast<char>(step >> 8);
  parent += static_cast<char>(step & 0xff);
  return "Root=" + id.text() + ";Parent=" + text::hex(parent) + ";Sampled=1";
}

std::optional<Header> Header::parse(std::string_view text) {
  const auto id = Id::parse(member(text, "Root"));
  if (!id) return std::nullopt;
  Header header{.id = *id};
  const auto parent = text::from_hex(member(text, "Parent"));
  const std::string_view tail = id->bytes().substr(Id::size - tail_bytes);
  if (!parent || parent->size() != tail_bytes + 2 || !parent->starts_with(tail)) return header;
  header.step = static_cast<StepNumber>(static_cast<unsigned char>((*parent)[tail_bytes]) << 8 |
                                        static_cast<unsigned char>((*parent)[tail_bytes + 1]));
  return header;
}

}  // namespace croft::trace
