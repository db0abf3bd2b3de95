// firehose. Source: AWS IoT developer guide, "Amazon Data Firehose"; Firehose API reference, PutRecord and PutRecordBatch.
#include "remote/answer.h"
#include "rules/actions/remote_action.h"
#include "rules/actions/remote_actions.h"
#include "rules/limits.h"
#include "text/encoding.h"

namespace croft::rules {

namespace {

constexpr RemoteKind kind{"FirehoseAction", "firehose", "firehose", "Failed to put a record into the Firehose stream"};

struct Parameters {
  sql::Template stream;
  std::string separator;
  bool batch_mode = false;
  sql::SqlVersion version;
};

json::object record_of(const std::string& data) {
  return {{"Data", text::base64(data)}};
}

// The records that were not taken, in their order, and why the first of them was not. There is an entry for each.
json::array not_taken(const json::array& sent, const json::array& entries, Error& why) {
  json::array again;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const json::object* entry = entries[i].if_object();
    const std::string_view code = entry ? json::string_or(*entry, "ErrorCode", "") : "";
    if (code.empty()) continue;
    if (again.empty()) why = Error(std::string(code), std::string(json::string_or(*entry, "ErrorMessage", "")), 200);
    again.push_back(sent[i]);
  }
  return again;
}

class Firehose final : public RemoteAction {
 public:
  Firehose(Parameters parameters, remote::RemoteServices& services)
      : RemoteAction(kind, parameters.stream, services), parameters_(std::move(parameters)) {}

  Task<Result<void>> run(const Firing& firing) const override {
    auto stream = render(target(), firing);
    if (!stream) co_return stream.error();
    auto payloads = records_of(firing, parameters_.batch_mode, parameters_.version, limits::firehose_records_max);
    if (!payloads) co_return payloads.error();
    json::array records;
    for (const std::string& payload : *payloads) records.push_back(record_of(payload + parameters_.separator));
    if (parameters_.batch_mode && firing.output.value().is_array()) {
      Result<void> done = co_await put_batch(firing, std::move(*stream), std::move(records));
      co_return done;
    }
    const json::object input{{"DeliveryStreamName", *stream}, {"Record", records.front()}};
    remote::Request request = remote::json_request("1.1", "Firehose_20150804.PutRecord", input);
    auto answer = co_await ask(firing, std::move(request));
    if (!answer) co_return answer.error();
    co_return Result<void>();
  }

 private:
  // A batch may be taken in part: the rest is sent again. Source: Firehose API reference, PutRecordBatch.
  Task<Result<void>> put_batch(const Firing& firing, std::string stream, json::array records) const {
    Error why;
    for (unsigned done = 0; !records.empty(); ++done) {
      if (done == limits::partial_batch_tries_max) co_return failure(firing, why);
      if (done > 0) co_await sleep_for(limits::partial_batch_pause);
      const json::object input{{"DeliveryStreamName", stream}, {"Records", records}};
      remote::Request request = remote::json_request("1.1", "Firehose_20150804.PutRecordBatch", input);
      auto answer = co_await ask_document(firing, std::move(request));
      if (!answer) co_return answer.error();
      if (json::int_or(*answer, "FailedPutCount", -1) == 0) co_return Result<void>();
      const json::value* entries = json::find(*answer, "RequestResponses");
      if (!entries || !entries->is_array() || entries->get_array().size() != records.size())
        co_return failure(firing, {"InvalidResponse", "the answer does not tell which records were taken", 200});
      records = not_taken(records, entries->get_array(), why);
    }
    co_return Result<void>();
  }

  const Parameters parameters_;
};

Result<std::unique_ptr<Action>> compile(const json::object& parameters, const ActionContext& context,
                                        remote::RemoteServices& services) {
  if (auto there = require_endpoint(kind, services); !there) return there.error();
  auto stream = required_template(parameters, "deliveryStreamName", context);
  if (!stream) return stream.error();
  auto role = required_role(parameters);
  if (!role) return role.error();
  const std::string_view separator = json::string_or(parameters, "separator", "");
  if (json::find(parameters, "separator") && separator != "\n" && separator != "\t" && separator != "\r\n" && separator != ",")
    return invalid_request("'separator' must be a newline, a tab, a Windows newline or a comma.");
  auto batch_mode = optional_flag(parameters, "batchMode");
  if (!batch_mode) return batch_mode.error();
  return std::make_unique<Firehose>(Parameters{std::move(*stream), std::string(separator), *batch_mode, context.version},
                                    services);
}

}  // namespace

void add_firehose_action(ActionTypes& types, remote::RemoteServices& services) {
  types.add("firehose", [&](const json::object& p, const ActionContext& context) { return compile(p, context, services); });
}

}  // namespace croft::rules
