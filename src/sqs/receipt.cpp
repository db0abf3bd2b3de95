#include "sqs/receipt.h"

#include "store/big_endian.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::sqs {

namespace {

constexpr std::size_t digest_bytes = 12;
constexpr std::size_t receipt_bytes = 8 + 8 + 4;
constexpr std::uint32_t peek_bit = 0x8000'0000;

std::string digest_of(std::string_view bytes) {
  return text::sha256("croft receipt " + std::string(bytes)).substr(0, digest_bytes);
}

}  // namespace

std::string Receipt::handle() const {
  std::string bytes = text::from_hex(queue_id).value_or("");
  put_big_endian(bytes, sequence);
  put_big_endian(bytes, is_of_peek ? receives | peek_bit : receives);
  // The digest comes first, so that handles of neighbours do not look alike.
  return text::base64(digest_of(bytes) + bytes);
}

std::optional<Receipt> Receipt::parse(std::string_view handle) {
  const auto decoded = text::from_base64(handle);
  if (!decoded || decoded->size() != digest_bytes + receipt_bytes) return std::nullopt;
  const std::string_view bytes = std::string_view(*decoded).substr(digest_bytes);
  if (digest_of(bytes) != decoded->substr(0, digest_bytes)) return std::nullopt;
  const auto receives = static_cast<std::uint32_t>(big_endian(bytes.substr(16, 4)));
  return Receipt{text::hex(bytes.substr(0, 8)), big_endian(bytes.substr(8, 8)), receives & ~peek_bit, (receives & peek_bit) != 0};
}

}  // namespace croft::sqs
