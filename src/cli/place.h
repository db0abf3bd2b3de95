#pragma once

#include <string>

#include "app/endpoints.h"
#include "identity/credentials.h"
#include "types/result.h"

namespace croft::cli {

// What every command may be told about the croft it talks to; "" is not told.
struct PlaceOptions {
  std::string endpoint;  // --endpoint
  std::string data;      // --data
  std::string region;    // --region
};

// A croft that tools can talk to.
struct Place {
  std::string data_folder;
  std::string gateway;       // http://127.0.0.1:4566
  app::Endpoints endpoints;  // of DATA/endpoints.json; empty when that describes another croft than `gateway`
  identity::Credentials credentials;
  std::string region;
  std::string authorities;   // PEM file of what a gateway over TLS may present; "" = the system's
};

// The endpoint is, in this order: the option, CROFT_ENDPOINT, AWS_ENDPOINT_URL, DATA/endpoints.json; DATA is the
// option, CROFT_DATA or the default. Keys and region: the AWS_ variables, then DATA/credentials. A folder named with
// --data counts before the variables, which may be left over from elsewhere. The authorities are those of AWS_CA_BUNDLE, as for
// AWS's own tools, else of the croft whose folder it is. Errors: NotRunning (nothing tells where
// croft is), InvalidEndpoints, NoCredentials.
Result<Place> find_place(const PlaceOptions& options);

// As find_place, without asking for a gateway or keys: for commands that speak MQTT only.
Result<Place> find_listeners(const PlaceOptions& options);

// The value of `name` in the section [default] of an AWS credentials file; "" when absent.
std::string credentials_value(std::string_view file, std::string_view name);

// "host:port" or "[v6]:port" taken apart. Error: InvalidEndpoints.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};
Result<HostPort> split_host_port(std::string_view text);

}  // namespace croft::cli
