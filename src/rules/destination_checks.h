#pragma once

#include <functional>
#include <string>

#include "rules/destinations.h"
#include "rules/web.h"

namespace croft::rules {

// The value of a secret: SecretString, or SecretBinary in base64; one member of it when `key` names it.
struct SecretQuestion {
  std::string secret_id;
  std::string type = "SecretString";
  std::string key;
  bool is_fresh = false;  // past what is remembered: the one before was refused
};
using SecretSource = std::function<Task<Result<std::string>>(Shard&, SecretQuestion)>;

// Asks the owners of destinations: an HTTP endpoint gets the confirmation request, an InfluxDB one has to take the token.
// What comes of it is in the destination's status.
//
// Threads: those of its shard.
class DestinationChecks {
 public:
  // `base_url` is where enableUrl leads; "" when nothing is there. `secrets` may be empty: then InfluxDB cannot be asked.
  DestinationChecks(Shard& shard, Destinations& destinations, Web& web, std::string base_url, SecretSource secrets);

  // Starts to ask; returns at once.
  void begin(const std::string& arn);
  // Those that a crash cut off.
  void start();

 private:
  Task<void> check(std::string arn);
  Task<void> ask_http(std::string arn, std::string confirmation_url);
  Task<void> ask_influx(std::string arn, Destination::InfluxDb influx);

  Shard& shard_;
  Destinations& destinations_;
  Web& web_;
  const std::string base_url_;
  const SecretSource secrets_;
};

// {confirmationUrl}/?confirmationToken=TOKEN
std::string confirmation_request_url(const std::string& confirmation_url, const std::string& token);

}  // namespace croft::rules
