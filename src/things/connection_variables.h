#pragma once

#include <string>
#include <string_view>

#include "identity/policy_variables.h"
#include "things/registry.h"

namespace croft::things {

// Who connects: the certificate presented ("" for none), the client id asked for, the address it comes from.
struct Connection {
  std::string certificate_id;
  std::string certificate_pem;  // "" to leave the iot:Certificate.* variables out
  std::string client_id;
  std::string source_ip;
};

// The policy variables of a connection: iot:ClientId, aws:SourceIp, iot:Connection.Thing.* (of the exclusive thing,
// else of the attached thing of that name; IsAttached "false" and nothing else without one) and iot:Certificate.*.
// The caller adds what only CONNECT tells: iot:ConnectAttributes, iot:LastWillTopic. Source: AWS IoT developer guide,
// "Thing policy variables", "X.509 certificate AWS IoT Core policy variables".
identity::PolicyVariables connection_variables(const Registry& registry, const Connection& connection);

}  // namespace croft::things
