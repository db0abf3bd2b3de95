#pragma once

#include "sqs/message.h"
#include "sqs/queue_settings.h"
#include "types/result.h"

namespace croft::sqs {

// What of a message does not depend on the queue: body, attributes, ids. InvalidMessageContents,
// InvalidParameterValueException, MissingRequiredParameterException. Pure.
Result<void> check_content(const Message& message);

// Size, and the ids that the kind of queue asks for; fills in the deduplication id that the body gives. `delay_s` is
// the message's own.
Result<void> check_for_queue(Message& message, std::optional<std::int64_t> delay_s, const QueueSettings& settings);

// Text that XML 1.0 can hold: #x9, #xA, #xD, #x20 to #xD7FF, #xE000 to #xFFFD, #x10000 to #x10FFFF.
bool has_allowed_characters(std::string_view text);

}  // namespace croft::sqs
