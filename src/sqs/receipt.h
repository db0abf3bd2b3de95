#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sqs/message.h"

namespace croft::sqs {

// What a receipt handle says: which receive of which message. The handle is opaque text with a checksum, so that one
// that was never given out is told from one that is over.
struct Receipt {
  std::string queue_id;  // 16 hex digits
  Sequence sequence = 0;
  std::uint32_t receives = 0;  // fewer than 2^31
  // Of one that was looked at and not received: it deletes the message, hidden or not, as long as nobody receives it.
  bool is_of_peek = false;

  std::string handle() const;
  // Nothing for text that no queue of croft gave out.
  static std::optional<Receipt> parse(std::string_view handle);
  friend bool operator==(const Receipt&, const Receipt&) = default;
};

}  // namespace croft::sqs
