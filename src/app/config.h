#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/settings.h"
#include "remote/settings.h"
#include "store/store.h"
#include "types/instance.h"
#include "types/result.h"

namespace croft::app {

// Everything `croft serve` can be told. Options and the TOML file use the same names: --mqtt-port 1883 on the command
// line is `mqtt-port = 1883` in the file. The command line wins.
struct Config {
  std::string data;                       // the data folder; default_data_folder() when not given
  bool ephemeral = false;  // nothing kept: the store is in memory; `data` (or a temporary folder) holds run-time files only
  std::string listen = "127.0.0.1";
  std::string mqtt_listen;                // "" = listen
  std::string gateway_listen;             // "" = listen
  std::string gateway_tls_listen;         // "" = listen
  std::optional<std::uint16_t> mqtt_port = 1883;     // nothing = off; 0 = any free one
  std::optional<std::uint16_t> mqtts_port = 8883;
  std::optional<std::uint16_t> gateway_port = 4566;
  std::optional<std::uint16_t> gateway_tls_port;  // the same over TLS, which may be beyond loopback
  std::string gateway_certificate;        // PEM files of that port; "" = a certificate of croft's own authority
  std::string gateway_key;
  bool console_sign_in_always = false;    // on loopback too
  std::string metrics_token_file;         // whoever tells what it holds may read /metrics
  std::optional<std::uint16_t> device_port;   // one port for every protocol, as AWS's 443
  std::optional<std::uint16_t> https_port;    // HTTPS with client certificates, as AWS's 8443
  std::vector<std::string> server_names;  // further names or addresses for the server certificate
  Instance instance;
  std::string log_level = "info";
  bool signatures = true;                 // requests to the gateway must be signed with a key of this croft
  std::optional<Store::Durability> durability;  // when a write is acknowledged; read_config() always fills it
  bool fsync = true;                      // false: the older word for durability os
  std::uint32_t sys_interval_s = 0;       // of the values on $SYS/broker/...; 0 = none
  std::size_t device_shards = 0;          // 0 = as many as cores
  bool plain_endpoints = true;            // rules may send to this machine without TLS
  std::string authorities;                // a PEM file: trusted by rules beside the system's authorities
  std::size_t rules_max = 1'000;          // AWS's quota of an account
  std::int64_t stream_shard_s = 4 * 3'600;   // table streams: how long a shard is open,
  std::int64_t stream_kept_s = 24 * 3'600;   // and how long a change is kept
  broker::Settings broker;
  bool throttle_tables = false;           // provisioned throughput is enforced
  remote::WrittenSettings services;       // [services.NAME]: AWS services that are elsewhere, as written
  remote::Settings remote;                // and as they are used

  std::string mqtt_address() const { return mqtt_listen.empty() ? listen : mqtt_listen; }
  std::string gateway_address() const { return gateway_listen.empty() ? listen : gateway_listen; }
  std::string gateway_tls_address() const { return gateway_tls_listen.empty() ? listen : gateway_tls_listen; }
};

// The configuration from the arguments behind `serve` and the file that --config names. Error: InvalidConfiguration
// with one line that says what, where and what to do: an unknown setting, a value of the wrong form, or a plaintext
// listener beyond loopback.
Result<Config> read_config(const std::vector<std::string>& arguments);

// One line a setting, for --help.
std::string config_help();

}  // namespace croft::app
