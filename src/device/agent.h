#pragma once

#include <functional>
#include <memory>
#include <string>

#include "device/backoff.h"
#include "device/config.h"
#include "device/mqtt_client.h"
#include "device/runtime_log.h"

namespace croft::device {

// What `status` shows of a running daemon.
struct LinkState {
  bool connected = false;
  Timestamp since;
  std::string reason;  // why it is not connected
};

// Keeps a device connected as the Greengrass core does: MQTT 3.1.1, clean session, the thing's name as client id, and
// an endless patience with jitter when the connection cannot be made or is lost.
//
// Threads: its shard. It must outlive its shard's run.
class Agent {
 public:
  // `changed` is told of every change of the link. `random` as in Backoff.
  Agent(Shard& shard, const DeviceConfig& config, std::shared_ptr<net::TlsContext> tls, RuntimeLog& log,
        std::function<void(const LinkState&)> changed, Backoff::Random random);

  // Runs until stop(). Then no coroutine of the agent is left.
  Task<void> run();

  // Ends the connection, with DISCONNECT when `clean`, otherwise as a killed process would.
  void stop(bool clean);

 private:
  Task<Error> live_once();
  Task<void> watch_deadlines(std::shared_ptr<MqttClient> client);
  Task<void> wait_before_retry(Backoff::Milliseconds wait);
  Task<Error> receive_until_lost(MqttClient& client);
  void announce_connected();
  void start_deployment_agent(MqttClient& client);
  void log_failure(const Error& why);
  void report(bool connected, std::string reason);

  Shard& shard_;
  const DeviceConfig& config_;
  std::shared_ptr<net::TlsContext> tls_;
  RuntimeLog& log_;
  std::function<void(const LinkState&)> changed_;
  Backoff backoff_;
  std::shared_ptr<MqttClient> client_;  // while there is a connection or an attempt at one
  std::string last_refusal_;            // logged as an error once, until it changes
  bool stopping_ = false;
};

}  // namespace croft::device
