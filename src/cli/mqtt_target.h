#pragma once

#include "cli/commands.h"
#include "device/mqtt_client.h"

namespace croft::cli {

// The listener that the options mean: the plain one, or with a certificate the TLS one. Errors: NotRunning,
// InvalidEndpoints, FileUnreadable, TlsConfiguration.
Result<device::Target> find_target(const MqttOptions& options);

std::string client_id_of(const MqttOptions& options);

}  // namespace croft::cli
