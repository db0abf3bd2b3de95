#include "services/iotdata/data_plane.h"

#include "identity/certificate.h"

namespace croft::services::iotdata {

DataPlane::DataPlane(broker::Hub& hub, const things::Registry& registry, things::ShadowService& shadows,
                     const broker::Settings& settings)
    : hub_(hub), registry_(registry), shadows_(shadows), settings_(settings) {}

// Thing and client variables belong to MQTT connections: over HTTP they have no value.
// Source: AWS IoT developer guide, "Thing policy variables".
bool DataPlane::is_allowed(const Call& call, std::string_view action, std::string_view resource) const {
  const std::string arn = resource == "*" ? "*" : registry_.instance().arn("iot", resource);
  identity::PolicyVariables variables;
  variables.set("aws:SourceIp", call.http.peer.address);
  if (call.caller.policies) return call.caller.policies->decide({action, arn, variables}).allowed();
  const std::string& certificate_id = call.caller.certificate_id;
  if (certificate_id.empty()) return true;
  const auto facts = registry_.certificate(certificate_id);
  if (!facts || facts->status != things::CertificateStatus::active) return false;
  const auto policies = registry_.policies_of(certificate_id);
  if (policies->mentions_certificate()) {
    if (const auto certificate = registry_.describe_certificate(certificate_id))
      identity::set_certificate_variables(certificate->pem, variables);
  }
  return policies->decide({action, arn, variables}).allowed();
}

// As AWS's data endpoint words it, which answers 403 although the model of Publish says UnauthorizedException.
// Source: answers that its users published, for example aws/aws-sdk-js-v3 issue 5562.
void DataPlane::demand(const Call& call, std::string_view action, std::string_view resource) const {
  if (is_allowed(call, action, resource)) return;
  throw ApiError(Error{"ForbiddenException", "Forbidden", 403, json::dump(json::object{{"traceId", call.request_id}})});
}

namespace {

gateway::Handler to(const DataPlane& plane, Task<gateway::Reply> (DataPlane::*method)(gateway::Call&) const) {
  return [&plane, method](gateway::Call& call) { return (plane.*method)(call); };
}

}  // namespace

gateway::Service data_service(const DataPlane& plane,
                              std::function<Task<Result<gateway::Caller>>(const net::HttpRequest&)> judge) {
  return {.name = "iotdata",
          .signing_names = {"iotdata", "iotdevicegateway"},
          .protocol = gateway::Protocol::rest_json,
          .target_prefix = {},
          .xml_namespace = {},
          .operations = {{"Publish", "POST /topics/{topic+}", to(plane, &DataPlane::publish), true},
                         {"ListRetainedMessages", "GET /retainedMessage", to(plane, &DataPlane::list_retained_messages)},
                         {"GetRetainedMessage", "GET /retainedMessage/{topic+}", to(plane, &DataPlane::get_retained_message)},
                         {"GetConnection", "GET /connections/{clientId}", to(plane, &DataPlane::get_connection)},
                         {"DeleteConnection", "DELETE /connections/{clientId}", to(plane, &DataPlane::delete_connection)},
                         {"ListSubscriptions", "GET /connections/{clientId}/subscriptions",
                          to(plane, &DataPlane::list_subscriptions)},
                         {"GetThingShadow", "GET /things/{thingName}/shadow", to(plane, &DataPlane::get_thing_shadow), true},
                         {"UpdateThingShadow", "POST /things/{thingName}/shadow",
                          to(plane, &DataPlane::update_thing_shadow), true},
                         {"DeleteThingShadow", "DELETE /things/{thingName}/shadow",
                          to(plane, &DataPlane::delete_thing_shadow), true},
                         {"ListNamedShadowsForThing", "GET /api/things/shadow/ListNamedShadowsForThing/{thingName}",
                          to(plane, &DataPlane::list_named_shadows_for_thing)}},
          .takes_certificates = true,
          .judge = std::move(judge)};
}

}  // namespace croft::services::iotdata
