// cloudwatchLogs. Source: AWS IoT developer guide, "CloudWatch Logs"; CloudWatch Logs API reference, PutLogEvents.
#include <algorithm>

#include "rules/actions/remote_action.h"
#include "rules/actions/remote_actions.h"
#include "rules/limits.h"
#include "text/encoding.h"

namespace croft::rules {

namespace {

constexpr RemoteKind kind{"CloudwatchLogsAction", "cloudwatchLogs", "logs", "Failed to put log events"};

struct LogEvent {
  std::int64_t timestamp_ms;
  std::string message;
};

Error not_a_batch() {
  return invalid_request("With batchMode the result must be an array of objects with a timestamp in milliseconds and a message.");
}

// With batchMode: [{"timestamp": ms, "message": "..."}]. CloudWatch Logs wants them in the order of time.
Result<std::vector<LogEvent>> batch_of(const sql::Value& value) {
  if (!value.is_array() || value.as_array().empty()) return not_a_batch();
  if (value.as_array().size() > limits::log_events_max)
    return invalid_request("The result has more than " + std::to_string(limits::log_events_max) + " log events.");
  std::vector<LogEvent> events;
  for (const sql::Value& element : value.as_array()) {
    const sql::Value* timestamp = element.find("timestamp");
    const sql::Value* message = element.find("message");
    if (!timestamp || !timestamp->is_number() || !message || !message->is_string()) return not_a_batch();
    events.push_back({timestamp->as_number().floor_int64(), message->as_string()});
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const LogEvent& a, const LogEvent& b) { return a.timestamp_ms < b.timestamp_ms; });
  return events;
}

remote::Request put_request(const std::string& group, const std::string& stream, const std::vector<LogEvent>& events) {
  json::array list;
  for (const LogEvent& event : events)
    list.push_back(json::object{{"timestamp", event.timestamp_ms}, {"message", event.message}});
  return remote::json_request("1.1", "Logs_20140328.PutLogEvents",
                              {{"logGroupName", group}, {"logStreamName", stream}, {"logEvents", std::move(list)}});
}

class CloudwatchLogs final : public RemoteAction {
 public:
  CloudwatchLogs(sql::Template group, bool batch_mode, remote::RemoteServices& services)
      : RemoteAction(kind, std::move(group), services), batch_mode_(batch_mode) {}

  Task<Result<void>> run(const Firing& firing) const override {
    auto group = render(target(), firing);
    if (!group) co_return group.error();
    auto events = events_of(firing);
    if (!events) co_return events.error();
    Result<void> put = co_await put_events(firing, *group, *events);
    if (put || put.error().code != "ResourceNotFoundException") co_return put;
    auto made = co_await make_stream(firing, *group);
    if (!made) co_return made;
    Result<void> again = co_await put_events(firing, *group, *events);
    co_return again;
  }

 private:
  Result<std::vector<LogEvent>> events_of(const Firing& firing) const {
    if (batch_mode_) return batch_of(firing.output.value());
    auto message = text_payload(firing);
    if (!message) return message.error();
    return std::vector<LogEvent>{{firing.at.ms, std::move(*message)}};
  }

  Task<Result<void>> put_events(const Firing& firing, const std::string& group, const std::vector<LogEvent>& events) const {
    remote::Request request = put_request(group, firing.rule_name, events);
    auto answer = co_await ask_document(firing, std::move(request));
    if (!answer) co_return answer.error();
    const json::value* rejected = json::find(*answer, "rejectedLogEventsInfo");
    if (rejected && !rejected->is_null())
      co_return failure(firing, {"RejectedLogEvents", "Log events that are too old or too new were rejected.", 200});
    co_return Result<void>();
  }

  // The group is its owner's to make, as AWS's documentation of the action says.
  Task<Result<void>> make_stream(const Firing& firing, const std::string& group) const {
    const json::object input{{"logGroupName", group}, {"logStreamName", firing.rule_name}};
    remote::Request request = remote::json_request("1.1", "Logs_20140328.CreateLogStream", input);
    auto answer = co_await ask(firing, std::move(request));
    if (!answer && answer.error().code != "ResourceAlreadyExistsException") co_return answer.error();
    co_return Result<void>();
  }

  const bool batch_mode_;
};

Result<std::unique_ptr<Action>> compile(const json::object& parameters, const ActionContext& context,
                                        remote::RemoteServices& services) {
  if (auto there = require_endpoint(kind, services); !there) return there.error();
  auto group = required_template(parameters, "logGroupName", context);
  if (!group) return group.error();
  auto role = required_role(parameters);
  if (!role) return role.error();
  auto batch_mode = optional_flag(parameters, "batchMode");
  if (!batch_mode) return batch_mode.error();
  return std::make_unique<CloudwatchLogs>(std::move(*group), *batch_mode, services);
}

}  // namespace

void add_cloudwatch_logs_action(ActionTypes& types, remote::RemoteServices& services) {
  types.add("cloudwatchLogs", [&](const json::object& p, const ActionContext& context) { return compile(p, context, services); });
}

}  // namespace croft::rules
