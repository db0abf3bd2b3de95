#include "rules/actions/sqs.h"

#include "sqs/errors.h"
#include "sqs/message_rules.h"
#include "text/encoding.h"

namespace croft::rules {

namespace {

Error no_fifo(const std::string& url) {
  return invalid_request("The queue '" + url + "' is a FIFO queue; the SQS action sends to standard queues only.");
}

class SqsAction final : public Action {
 public:
  SqsAction(sql::Template queue_url, bool is_base64, sqs::Queues& queues)
      : queue_url_(std::move(queue_url)), is_base64_(is_base64), queues_(queues) {}

  std::string name() const override { return "SqsAction"; }
  std::string resource() const override { return queue_url_.text(); }

  Task<Result<void>> run(const Firing& firing) const override {
    auto url = render(queue_url_, firing);
    if (!url) co_return url.error();
    auto queue = queue_of(*url);
    if (!queue) co_return queue.error();
    auto outgoing = message_of(firing);
    if (!outgoing) co_return outgoing.error();
    auto sent = co_await queues_.send_from_anywhere(std::move(*queue), std::move(*outgoing));
    co_return sent ? Result<void>() : Result<void>(sent.error());
  }

 private:
  // The last two parts of the URL's path are the account and the queue; its host is anyone's.
  Result<std::string> queue_of(const std::string& url) const {
    if (url.ends_with(".fifo")) return no_fifo(url);
    const std::string marker = "/" + queues_.instance().account_id + "/";
    const std::size_t at = url.rfind(marker);
    if (at == std::string::npos || url.find('/', at + marker.size()) != std::string::npos)
      return sqs::queue_does_not_exist();
    return url.substr(at + marker.size());
  }

  Result<sqs::Outgoing> message_of(const Firing& firing) const {
    const std::string& payload = firing.output.payload().str();
    sqs::Outgoing outgoing;
    outgoing.message.body = is_base64_ ? text::base64(payload) : payload;
    outgoing.message.trace_header = firing.step.header();  // so that whoever gets it can go on with the trace
    outgoing.message.sender_id = queues_.instance().account_id;
    if (auto checked = sqs::check_content(outgoing.message); !checked) return checked.error();
    return outgoing;
  }

  sql::Template queue_url_;
  bool is_base64_;
  sqs::Queues& queues_;
};

}  // namespace

void add_sqs_action(ActionTypes& types, sqs::Queues& queues) {
  types.add("sqs",
            [&](const json::object& parameters, const ActionContext& context) -> Result<std::unique_ptr<Action>> {
              auto url = required_template(parameters, "queueUrl", context);
              if (!url) return url.error();
              if (url->text().ends_with(".fifo")) return no_fifo(url->text());
              auto role = required_role(parameters);
              if (!role) return role.error();
              const bool is_base64 = json::bool_or(parameters, "useBase64", false);
              return std::make_unique<SqsAction>(std::move(*url), is_base64, queues);
            });
}

}  // namespace croft::rules
