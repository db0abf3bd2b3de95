#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/json.h"
#include "types/result.h"

namespace croft::device {

// What the daemon takes from config/config.json of a Greengrass root. Paths are absolute.
// Source: Greengrass V1 developer guide, "AWS IoT Greengrass core configuration file".
struct DeviceConfig {
  std::string root;
  std::string thing_name;
  std::string client_id;  // coreClientId, or the thing's name
  std::string host;
  std::uint16_t port = 8883;
  std::uint16_t keep_alive_s = 600;
  std::uint16_t operation_timeout_s = 5;
  std::uint32_t reconnect_wait_max_s = 60;
  std::string ca_path;
  std::string certificate_path;
  std::string key_path;
  std::string write_folder;  // writeDirectory, or the root
  std::string pid_folder = "/var/run";
  bool deployment_agent = false;          // croft.deploymentAgent
  bool clean_disconnect_on_stop = false;  // croft.cleanDisconnectOnStop
  std::vector<std::string> warnings;      // members that nobody knows, for the log

  std::string log_folder() const { return write_folder + "/ggc/var/log"; }
  std::string state_folder() const { return write_folder + "/ggc/var/state"; }
  std::string pid_file() const { return pid_folder + "/greengrassd.pid"; }
};

// Pure: no file is opened. `path` is for the messages. Errors: ConfigurationError, with a sentence for the terminal.
Result<DeviceConfig> parse_config(std::string_view text, const std::string& root, const std::string& path);

// Reads ROOT/config/config.json.
Result<DeviceConfig> read_config(const std::string& root);

// A whole file of at most `bytes_max` bytes. Errors: FileUnreadable, with the path and the reason.
Result<std::string> read_file(const std::string& path, std::size_t bytes_max);

}  // namespace croft::device
