#pragma once

#include <string>
#include <vector>

#include "sqs/queue.h"
#include "text/json.h"
#include "types/instance.h"

namespace croft::lambda {

// The event of a batch of messages. Source: Lambda developer guide, "Using Lambda with Amazon SQS", example event.
std::string queue_event(const std::vector<sqs::Delivery>& batch, const Instance& instance,
                        const std::string& queue_arn);

// The handles of the messages that a function is done with, from what it returned. When it reports failures of items:
// all but those it names; none when the report cannot be read or names a message that was not in the batch. Else all.
// Source: the same, "Implementing partial batch responses".
std::vector<std::string> finished(const std::vector<sqs::Delivery>& batch, const std::string& returned,
                                  bool reports_failures);

}  // namespace croft::lambda
