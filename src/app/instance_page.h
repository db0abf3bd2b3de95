#pragma once

#include "app/config.h"
#include "app/endpoints.h"
#include "net/http.h"
#include "types/timestamp.h"

namespace croft::app {

// GET /_croft/instance: what this croft is and where it is reached, for who sets up a device or looks after the process.
// {"version", "startedAt", "pid", "region", "account", "dataFolder" ("" when nothing is kept),
// "durability": "fsync" | "os" | "memory",
//  "endpoints": {"gateway", "mqtt", "mqtts", "device", "https"} of those that are on, "deviceHost": a name or address that the
//  server's certificate has, "caCertificatePem"}
net::HttpResponse instance_page(const Config& config, const Endpoints& endpoints, const std::string& device_host,
                                const std::string& ca_pem, Timestamp started);

}  // namespace croft::app
