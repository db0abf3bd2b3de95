#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/tls.h"
#include "types/result.h"

namespace croft::device {

// Many devices in one process, to see how a broker bears them.
struct FleetSettings {
  std::size_t devices = 1;
  std::string host = "127.0.0.1";
  std::uint16_t port = 1883;
  std::shared_ptr<net::TlsContext> tls;  // one certificate for all; null: plain
  std::string prefix = "fleet-";         // of the client ids; a number follows
  std::uint16_t keep_alive_s = 300;
  double connect_rate = 200;  // connections begun a second
  double churn_rate = 0;      // devices that leave and come back a second, once all are there
  double abrupt_share = 0.5;  // of those that leave: without DISCONNECT
  double hold_s = 5;          // how long the devices stay once all have tried
  double duration_s = 0;      // of the whole run; 0: until the hold is over
};

struct FleetReport {
  std::size_t devices = 0;
  std::uint64_t connects = 0;      // accepted
  std::uint64_t failures = 0;      // attempts that were not
  std::uint64_t drops = 0;         // connections that the broker ended: takeovers, time-outs, restarts
  std::uint64_t leaves_clean = 0;  // with DISCONNECT
  std::uint64_t leaves_abrupt = 0;
  std::uint64_t connected_at_end = 0;
  double seconds = 0;
  double connect_p50_ms = 0, connect_p99_ms = 0, connect_max_ms = 0;  // from the first SYN to CONNACK
  std::string last_failure;
};

// Runs on a thread of its own until the devices' time is over or `*stop` is set; then all leave with DISCONNECT.
FleetReport run_fleet(const FleetSettings& settings, const volatile bool& stop);

// The value below which `share` of the sorted `values` are: 0 for none.
double percentile(const std::vector<double>& sorted, double share);

}  // namespace croft::device
