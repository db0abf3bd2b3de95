#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "cli/mqtt_target.h"

namespace croft::cli {

// What a command does with its connection; returns the exit code. `stopping` becomes true at Ctrl-C or SIGTERM: the
// connection is then ended with DISCONNECT, and receive() returns.
using MqttBody = std::function<Task<int>(device::MqttClient&, const std::atomic<bool>& stopping)>;

// Connects, runs `body`, and says DISCONNECT. Refused connections are printed.
int run_mqtt(const MqttOptions& options, const MqttBody& body);

}  // namespace croft::cli
