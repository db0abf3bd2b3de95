#include "things/connection_variables.h"

#include "identity/certificate.h"

namespace croft::things {

identity::PolicyVariables connection_variables(const Registry& registry, const Connection& connection) {
  identity::PolicyVariables variables;
  variables.set("iot:ClientId", connection.client_id);
  if (!connection.source_ip.empty()) variables.set("aws:SourceIp", connection.source_ip);
  if (!connection.certificate_pem.empty()) identity::set_certificate_variables(connection.certificate_pem, variables);

  const auto found = registry.connection_thing(connection.certificate_id, connection.client_id);
  variables.set("iot:Connection.Thing.IsAttached", found ? "true" : "false");
  if (!found) return variables;
  const Thing& thing = found->thing;
  variables.set("iot:Connection.Thing.ThingName", thing.name);
  if (!thing.type_name.empty()) variables.set("iot:Connection.Thing.ThingTypeName", thing.type_name);
  for (const auto& [name, value] : thing.attributes) {
    variables.set("iot:Connection.Thing.Attributes[" + name + "]", value);
  }
  return variables;
}

}  // namespace croft::things
