#include <algorithm>

#include "services/iot/input.h"
#include "services/iot/iot.h"
#include "text/encoding.h"
#include "things/errors.h"

namespace croft::services::iot {

namespace {

// Source: EventType in the IoT API model.
constexpr std::string_view event_types[] = {"THING",
                                            "THING_GROUP",
                                            "THING_TYPE",
                                            "THING_GROUP_MEMBERSHIP",
                                            "THING_GROUP_HIERARCHY",
                                            "THING_TYPE_ASSOCIATION",
                                            "JOB",
                                            "JOB_EXECUTION",
                                            "POLICY",
                                            "CERTIFICATE",
                                            "CA_CERTIFICATE"};

}  // namespace

// The types are compared without regard to case: one AWS guide writes IOT:Data-ATS.
Task<gateway::Reply> Iot::describe_endpoint(Call& call) {
  const std::string type = text::lower(Input(call).text("endpointType"));
  std::string address;
  if (type.empty() || type == "iot:data" || type == "iot:data-ats" || type == "iot:data-beta")
    address = endpoints_.data;
  if (type == "iot:credentialprovider") {
    address = endpoints_.credential_provider.empty() ? endpoints_.data : endpoints_.credential_provider;
  }
  if (type == "iot:jobs") address = endpoints_.jobs.empty() ? endpoints_.data : endpoints_.jobs;
  if (address.empty()) throw ApiError(things::invalid_request("The endpoint type is invalid"));
  co_return Reply{.output = {{"endpointAddress", address}}};
}

Task<gateway::Reply> Iot::update_event_configurations(Call& call) {
  std::map<std::string, bool, std::less<>> enabled;
  for (const auto& [name, configuration] : Input(call).object("eventConfigurations")) {
    const bool known =
        std::find(std::begin(event_types), std::end(event_types), std::string_view(name)) != std::end(event_types);
    if (!known || !configuration.is_object()) throw ApiError(things::invalid_request("Invalid event configuration"));
    enabled[std::string(name)] = json::bool_or(configuration.get_object(), "Enabled", false);
  }
  registry_.set_event_configurations(enabled);
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::describe_event_configurations(Call&) {
  const auto stored = registry_.event_configurations();
  json::object configurations;
  for (std::string_view type : event_types) {
    const auto at = stored.enabled.find(type);
    configurations[type] = json::object{{"Enabled", at != stored.enabled.end() && at->second}};
  }
  json::object output{{"eventConfigurations", std::move(configurations)}};
  if (stored.created.ms != 0) {
    output["creationDate"] = stored.created.seconds();
    output["lastModifiedDate"] = stored.modified.seconds();
  }
  co_return Reply{.output = std::move(output)};
}

}  // namespace croft::services::iot
