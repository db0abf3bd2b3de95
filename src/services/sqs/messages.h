// Messages as SQS's shapes have them.
#pragma once

#include <string>

#include "gateway/service.h"
#include "sqs/queue.h"

namespace croft::services::sqs {

// A message of SendMessage or of an entry of its batch, not checked yet. Thrown: UnsupportedOperation for list
// values.
croft::sqs::Outgoing read_message(const json::object& input, const std::string& sender_id);
std::string sender_of(const gateway::Call& call, const Instance& instance);

// SendMessage's result, of a message that was sent.
json::object sent_reply(const croft::sqs::Message& message, const croft::sqs::Sent& sent, bool fifo);

// What ReceiveMessage was asked for. InvalidAttributeName for an unknown system attribute.
class MessageView {
 public:
  explicit MessageView(const json::object& input);
  json::object operator()(const croft::sqs::Delivery& delivery, const Instance& instance) const;

 private:
  bool wants(std::string_view system_attribute) const;
  bool selects(const std::string& attribute) const;

  std::vector<std::string> system_names_;
  std::vector<std::string> attribute_names_;
};

}  // namespace croft::services::sqs
