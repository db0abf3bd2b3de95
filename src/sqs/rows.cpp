#include "sqs/rows.h"

#include "store/big_endian.h"

namespace croft::sqs {

namespace {

constexpr std::size_t prefix_bytes = 5;  // queue number and kind
constexpr char state_format = 1;
constexpr std::size_t state_bytes = 1 + 4 + 4 + 8 + 8 + 8;

std::string numbered(std::uint32_t number) {
  std::string bytes;
  put_big_endian(bytes, number);
  return bytes;
}

std::int64_t time_at(std::string_view bytes) {
  return static_cast<std::int64_t>(big_endian(bytes));
}
std::uint32_t count_at(std::string_view bytes) {
  return static_cast<std::uint32_t>(big_endian(bytes));
}

}  // namespace

Rows::Rows(std::uint32_t queue_number) : number_(queue_number), prefix_(numbered(queue_number)) {}

std::string Rows::with(Kind kind) const {
  return prefix_ + static_cast<char>(kind);
}
std::string Rows::begin(Kind kind) const {
  return with(kind);
}
std::string Rows::end(Kind kind) const {
  return prefix_ + static_cast<char>(static_cast<char>(kind) + 1);
}
std::string Rows::end() const {
  return numbered(number_ + 1);
}

std::string Rows::message(Sequence sequence) const {
  std::string key = with(Kind::message);
  put_big_endian(key, sequence);
  return key;
}

std::string Rows::place(Place place) const {
  std::string key = with(Kind::place);
  put_big_endian(key, place.at_ms);
  put_big_endian(key, place.sequence);
  return key;
}

std::string Rows::received(Sequence sequence) const {
  std::string key = with(Kind::received);
  put_big_endian(key, sequence);
  return key;
}

std::string Rows::duplicate(std::string_view id) const {
  return with(Kind::duplicate).append(id);
}

std::string Rows::expiry(std::int64_t at_ms, std::string_view id) const {
  std::string key = with(Kind::expiry);
  put_big_endian(key, at_ms);
  return key.append(id);
}

Sequence Rows::sequence_in_message_key(std::string_view key) {
  return big_endian(key.substr(prefix_bytes, 8));
}
Place Rows::place_in(std::string_view key) {
  return {time_at(key.substr(prefix_bytes, 8)), big_endian(key.substr(prefix_bytes + 8, 8))};
}
std::int64_t Rows::time_in(std::string_view key) {
  return time_at(key.substr(prefix_bytes, 8));
}
std::string_view Rows::id_in(std::string_view key) {
  return key.substr(prefix_bytes + 8);
}

std::string encoded(const State& state) {
  std::string row(1, state_format);
  put_big_endian(row, state.receives);
  put_big_endian(row, state.receives_here);
  put_big_endian(row, state.first_received_ms);
  put_big_endian(row, state.received_ms);
  put_big_endian(row, state.visible_ms);
  return row += state.group_id;
}

std::optional<State> decoded_state(std::string_view row) {
  if (row.size() < state_bytes || row[0] != state_format) return std::nullopt;
  return State{.receives = count_at(row.substr(1, 4)),
               .receives_here = count_at(row.substr(5, 4)),
               .first_received_ms = time_at(row.substr(9, 8)),
               .received_ms = time_at(row.substr(17, 8)),
               .visible_ms = time_at(row.substr(25, 8)),
               .group_id = std::string(row.substr(state_bytes))};
}

std::string encoded(const Duplicate& duplicate) {
  std::string row;
  put_big_endian(row, duplicate.expires_ms);
  put_big_endian(row, duplicate.sequence);
  return row += duplicate.message_id;
}

std::optional<Duplicate> decoded_duplicate(std::string_view row) {
  if (row.size() < 16) return std::nullopt;
  return Duplicate{time_at(row.substr(0, 8)), big_endian(row.substr(8, 8)), std::string(row.substr(16))};
}

std::string encoded(ReceivedAt at) {
  std::string row;
  put_big_endian(row, at.at_ms);
  put_big_endian(row, at.receives);
  return row;
}

std::optional<ReceivedAt> decoded_received(std::string_view row) {
  if (row.size() != 12) return std::nullopt;
  return ReceivedAt{time_at(row.substr(0, 8)), count_at(row.substr(8, 4))};
}

}  // namespace croft::sqs
