// One message at a time, and receiving.
#include "services/sqs/input.h"
#include "services/sqs/messages.h"
#include "services/sqs/operations.h"
#include "sqs/errors.h"
#include "sqs/limits.h"
#include "sqs/message_rules.h"

namespace croft::services::sqs {

using namespace croft::sqs;

Task<gateway::Reply> Operations::send_message(Call& call) {
  const QueueDefinition& to = queue(call);
  std::string name = to.name;
  const bool fifo = to.is_fifo();
  Outgoing outgoing = read_message(call.input, sender_of(call, instance()));
  check_content(outgoing.message).value();
  check_for_queue(outgoing.message, outgoing.delay_s, to.settings()).value();
  // The tracing header of the request goes along. Source: SQS developer guide, "Amazon SQS and AWS X-Ray".
  if (outgoing.message.trace_header.empty()) outgoing.message.trace_header = call.step.header();
  std::vector<Outgoing> one{outgoing};
  const Result<std::vector<Sent>> sent = co_await queues_.send(std::move(name), std::move(one));
  Reply reply;
  reply.output = sent_reply(outgoing.message, sent.value().front(), fifo);
  co_return reply;
}

Task<gateway::Reply> Operations::receive_message(Call& call) {
  const QueueDefinition& from = queue(call);
  std::string name = from.name;
  const QueueSettings settings = from.settings();
  Receive wanted;
  wanted.count =
      static_cast<std::size_t>(bounded_integer(call.input, "MaxNumberOfMessages", 1, limits::receive_messages_max,
                                               "Must be between 1 and 10, if provided.")
                                   .value_or(1));
  wanted.visibility_s = bounded_integer(call.input, "VisibilityTimeout", 0, limits::visibility_s_max,
                                        "Must be >= 0 and <= 43200, if provided.")
                            .value_or(settings.visibility_s);
  wanted.attempt_id = text_member(call.input, "ReceiveRequestAttemptId");
  if (!wanted.attempt_id.empty() && !settings.fifo)
    refuse(invalid_value(wanted.attempt_id, "ReceiveRequestAttemptId",
                         "The request include parameter that is not valid for this queue type."));
  if (wanted.attempt_id.size() > limits::fifo_id_characters_max)
    refuse(invalid_value(
        wanted.attempt_id, "ReceiveRequestAttemptId",
        "ReceiveRequestAttemptId can only include alphanumeric and punctuation characters. 1 to 128 in length."));
  const std::int64_t wait_s =
      bounded_integer(call.input, "WaitTimeSeconds", 0, limits::wait_s_max, "Must be >= 0 and <= 20, if provided.")
          .value_or(settings.wait_s);
  const MessageView view(call.input);
  Queues::Wait wait{.ms = wait_s * 1'000, .is_over = call.http.is_abandoned};
  const Result<std::vector<Delivery>> received =
      co_await queues_.receive(std::move(name), std::move(wanted), std::move(wait));
  json::array messages;
  for (const Delivery& delivery : received.value()) messages.push_back(view(delivery, instance()));
  Reply reply;
  if (!messages.empty()) reply.output["Messages"] = std::move(messages);
  co_return reply;
}

Task<gateway::Reply> Operations::delete_message(Call& call) {
  std::string name = queue(call).name;
  std::vector<std::string> handles{required_text(call.input, "ReceiptHandle")};
  const Result<std::vector<Result<void>>> results = co_await queues_.erase(std::move(name), std::move(handles));
  results.value().front().value();
  co_return Reply();
}

Task<gateway::Reply> Operations::change_message_visibility(Call& call) {
  std::string name = queue(call).name;
  std::string handle = required_text(call.input, "ReceiptHandle");
  const auto seconds = bounded_integer(call.input, "VisibilityTimeout", 0, limits::visibility_s_max,
                                       "VisibilityTimeout must be an integer between 0 and 43200.");
  if (!seconds) refuse(missing_parameter("VisibilityTimeout"));
  std::vector<Queue::Visibility> changes{{std::move(handle), *seconds}};
  const Result<std::vector<Result<void>>> results =
      co_await queues_.change_visibility(std::move(name), std::move(changes));
  results.value().front().value();
  co_return Reply();
}

}  // namespace croft::services::sqs
