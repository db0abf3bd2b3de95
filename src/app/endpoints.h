#pragma once

#include <optional>
#include <string>

#include "types/result.h"

namespace croft::app {

// Where a running croft is reached: DATA/endpoints.json, written when it is ready and removed when it stops.
struct Endpoints {
  std::string gateway;      // "http://127.0.0.1:4566", or over TLS when it speaks nothing else; "" = off
  std::string gateway_tls;  // "https://0.0.0.0:4443"; "" = off
  std::string mqtt;     // "127.0.0.1:1883"
  std::string mqtts;    // "127.0.0.1:8883"
  std::string device;   // where ALPN decides; "" = off
  std::string https;
  std::string ca;       // path of the CA certificate that devices trust
  int pid = 0;
};

Result<void> write_endpoints(const std::string& data_folder, const Endpoints& endpoints);
void remove_endpoints(const std::string& data_folder);

}  // namespace croft::app
