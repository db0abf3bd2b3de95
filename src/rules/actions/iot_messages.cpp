// iotEvents and iotAnalytics, which take messages in the same form. Source: AWS IoT developer guide, "IoT Events" and "IoT
// Analytics"; their API references, BatchPutMessage.
#include "rules/actions/remote_action.h"
#include "rules/actions/remote_actions.h"
#include "rules/limits.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::rules {

namespace {

constexpr RemoteKind events_kind{"IotEventsAction", "iotEvents", "iotevents-data", "Failed to send the message to IoT Events"};
constexpr RemoteKind analytics_kind{"IotAnalyticsAction", "iotAnalytics", "iotanalytics",
                                    "Failed to send the message to IoT Analytics"};

struct Parameters {
  sql::Template target;  // an input or a channel
  std::optional<sql::Template> message_id;
  bool batch_mode = false;
  sql::SqlVersion version;
};

// Either service.
class PutMessages : public RemoteAction {
 public:
  PutMessages(const RemoteKind& kind, Parameters parameters, std::size_t count_max, remote::RemoteServices& services)
      : RemoteAction(kind, parameters.target, services), parameters_(std::move(parameters)), count_max_(count_max) {}

  Task<Result<void>> run(const Firing& firing) const override {
    auto name = render(target(), firing);
    if (!name) co_return name.error();
    auto payloads = records_of(firing, parameters_.batch_mode, parameters_.version, count_max_);
    if (!payloads) co_return payloads.error();
    if (payloads->empty()) co_return Result<void>();
    json::array messages;
    for (const std::string& payload : *payloads) {
      auto id = id_of(firing);
      if (!id) co_return id.error();
      messages.push_back(json::object{{"messageId", *id}, {"payload", text::base64(payload)}});
    }
    remote::Request request = request_for(*name, std::move(messages));
    auto answer = co_await ask_document(firing, std::move(request));
    if (!answer) co_return answer.error();
    for (const char* list : {"BatchPutMessageErrorEntries", "batchPutMessageErrorEntries"}) {
      const json::object* refused = first_of(*answer, list);
      if (!refused) continue;
      const Error cause{std::string(json::string_or(*refused, "errorCode", "")),
                        std::string(json::string_or(*refused, "errorMessage", "")), 200};
      co_return failure(firing, cause);
    }
    co_return Result<void>();
  }

 private:
  virtual remote::Request request_for(const std::string& name, json::array messages) const = 0;

  Result<std::string> id_of(const Firing& firing) const {
    if (!parameters_.message_id) return text::random_uuid();
    return render(*parameters_.message_id, firing);
  }

  const Parameters parameters_;
  const std::size_t count_max_;
};

class IotEvents final : public PutMessages {
 public:
  IotEvents(Parameters parameters, remote::RemoteServices& services)
      : PutMessages(events_kind, std::move(parameters), limits::iot_events_messages_max, services) {}

 private:
  remote::Request request_for(const std::string& name, json::array messages) const override {
    for (json::value& message : messages) message.get_object()["inputName"] = name;
    return remote::rest_json_request("POST", "/inputs/messages", {{"messages", std::move(messages)}});
  }
};

class IotAnalytics final : public PutMessages {
 public:
  IotAnalytics(Parameters parameters, remote::RemoteServices& services)
      : PutMessages(analytics_kind, std::move(parameters), limits::iot_analytics_messages_max, services) {}

 private:
  remote::Request request_for(const std::string& name, json::array messages) const override {
    return remote::rest_json_request("POST", "/messages/batch", {{"channelName", name}, {"messages", std::move(messages)}});
  }
};

Result<std::unique_ptr<Action>> compile_events(const json::object& parameters, const ActionContext& context,
                                               remote::RemoteServices& services) {
  if (auto there = require_endpoint(events_kind, services); !there) return there.error();
  auto input = required_template(parameters, "inputName", context);
  if (!input) return input.error();
  if (input->is_constant() && input->text().size() > 128) return invalid_request("'inputName' can have at most 128 characters.");
  auto role = required_role(parameters);
  if (!role) return role.error();
  auto id = optional_template(parameters, "messageId", context);
  if (!id) return id.error();
  auto batch_mode = optional_flag(parameters, "batchMode");
  if (!batch_mode) return batch_mode.error();
  if (*id && *batch_mode) return invalid_request("With batchMode a messageId cannot be given.");
  return std::make_unique<IotEvents>(Parameters{std::move(*input), std::move(*id), *batch_mode, context.version}, services);
}

// channelArn is the older form: arn:aws:iotanalytics:REGION:ACCOUNT:channel/NAME.
Result<sql::Template> channel_of(const json::object& parameters, const ActionContext& context) {
  if (json::find(parameters, "channelName")) return required_template(parameters, "channelName", context);
  const std::string_view arn = json::string_or(parameters, "channelArn", "");
  if (arn.empty()) return invalid_request("The parameter 'channelName' is required.");
  const std::size_t at = arn.find(":channel/");
  if (!arn.starts_with("arn:") || at == std::string_view::npos)
    return invalid_request("The channelArn '" + std::string(arn) + "' is not a channel ARN.");
  const json::object named{{"channelName", arn.substr(at + 9)}};
  return required_template(named, "channelName", context);
}

Result<std::unique_ptr<Action>> compile_analytics(const json::object& parameters, const ActionContext& context,
                                                  remote::RemoteServices& services) {
  if (auto there = require_endpoint(analytics_kind, services); !there) return there.error();
  auto channel = channel_of(parameters, context);
  if (!channel) return channel.error();
  auto role = required_role(parameters);
  if (!role) return role.error();
  auto batch_mode = optional_flag(parameters, "batchMode");
  if (!batch_mode) return batch_mode.error();
  return std::make_unique<IotAnalytics>(Parameters{std::move(*channel), std::nullopt, *batch_mode, context.version}, services);
}

}  // namespace

void add_message_actions(ActionTypes& types, remote::RemoteServices& services) {
  types.add("iotEvents",
            [&](const json::object& p, const ActionContext& context) { return compile_events(p, context, services); });
  types.add("iotAnalytics",
            [&](const json::object& p, const ActionContext& context) { return compile_analytics(p, context, services); });
}

}  // namespace croft::rules
