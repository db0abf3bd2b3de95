#include "sqs/message.h"

#include <algorithm>

#include "store/big_endian.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::sqs {

namespace {

constexpr char row_format = 1;

void put_text(std::string& out, std::string_view text) {
  put_big_endian(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

// Reads what put_text() wrote; `ok` turns false at the first field that is not whole.
struct RowReader {
  std::string_view rest;
  bool ok = true;

  std::string_view bytes(std::size_t count) {
    if (!ok || rest.size() < count) {
      ok = false;
      return {};
    }
    const std::string_view found = rest.substr(0, count);
    rest.remove_prefix(count);
    return found;
  }
  std::string text() { return std::string(bytes(big_endian(bytes(4)))); }
};

}  // namespace

std::string sequence_number(Sequence sequence) {
  const std::string digits = std::to_string(sequence);
  return "1" + std::string(19 - std::min<std::size_t>(19, digits.size()), '0') + digits;
}

std::string md5_of(std::string_view text) {
  return text::hex(text::md5(text));
}

std::string md5_of(std::vector<MessageAttribute> attributes) {
  if (attributes.empty()) return "";
  std::sort(attributes.begin(), attributes.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  constexpr char string_transport = 1, binary_transport = 2;
  std::string bytes;
  for (const MessageAttribute& attribute : attributes) {
    put_text(bytes, attribute.name);
    put_text(bytes, attribute.type);
    bytes += attribute.is_binary ? binary_transport : string_transport;
    put_text(bytes, attribute.value);
  }
  return md5_of(bytes);
}

std::string encoded(const Message& message) {
  std::string row(1, row_format);
  row.reserve(message.body.size() + 256);
  put_big_endian(row, message.first_visible_ms);
  for (const std::string* field : {&message.id, &message.sender_id, &message.trace_header, &message.group_id,
                                   &message.deduplication_id, &message.source})
    put_text(row, *field);
  row += static_cast<char>(message.attributes.size());
  for (const MessageAttribute& attribute : message.attributes) {
    put_text(row, attribute.name);
    put_text(row, attribute.type);
    row += attribute.is_binary ? 1 : 0;
    put_text(row, attribute.value);
  }
  return row += message.body;
}

std::optional<Message> decoded_message(std::string_view row) {
  RowReader reader{row};
  if (reader.bytes(1) != std::string_view(&row_format, 1)) return std::nullopt;
  Message message;
  message.first_visible_ms = static_cast<std::int64_t>(big_endian(reader.bytes(8)));
  for (std::string* field : {&message.id, &message.sender_id, &message.trace_header, &message.group_id,
                             &message.deduplication_id, &message.source})
    *field = reader.text();
  const std::size_t count = big_endian(reader.bytes(1));
  for (std::size_t i = 0; i < count && reader.ok; ++i) {
    MessageAttribute attribute;
    attribute.name = reader.text();
    attribute.type = reader.text();
    attribute.is_binary = big_endian(reader.bytes(1)) == 1;
    attribute.value = reader.text();
    message.attributes.push_back(std::move(attribute));
  }
  if (!reader.ok) return std::nullopt;
  message.body = reader.rest;
  return message;
}

std::size_t size_of(const Message& message) {
  std::size_t bytes = message.body.size();
  for (const MessageAttribute& attribute : message.attributes)
    bytes += attribute.name.size() + attribute.type.size() + attribute.value.size();
  return bytes;
}

}  // namespace croft::sqs
