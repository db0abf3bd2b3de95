#pragma once

#include <memory>
#include <string>

#include "app/config.h"
#include "app/secrets.h"
#include "rules/actions/http.h"
#include "rules/actions/influxdb.h"
#include "rules/actions/kafka.h"
#include "rules/actions/salesforce.h"
#include "rules/destination_checks.h"
#include "services/iot/destinations.h"

namespace croft::app {

// What rules need to send to web services, Kafka and InfluxDB, built from the configuration: the destinations, the
// connections, and the checks of who owns what.
class RuleEndpoints {
 public:
  // InvalidConfiguration when the file of authorities cannot be read. `folder` gets the authorities in one file.
  static Result<std::unique_ptr<RuleEndpoints>> open(const Config& config, Store& store, Shard& api, Pool& pool,
                                                     const std::string& folder, const std::string& gateway_url,
                                                     Secrets::Services services);

  // The rule actions.
  void add_actions(rules::ActionTypes& types);
  // The operations, behind those on rules.
  void add_operations(gateway::Service& service);
  net::HttpHandler confirmation_page() const { return services::iot::confirmation_page(operations_); }
  // On the API shard, once: confirmations that a crash cut off.
  void start() { checks_.start(); }
  // After the threads of all shards have ended, before the shards go: connections live on them. Waits a short time for Kafka.
  void close_connections();

 private:
  RuleEndpoints(const Config& config, Store& store, Shard& api, Pool& pool, std::string gateway_url,
                net::HttpClient::Options options, Secrets::Services services);
  rules::SecretSource secret_source();

  const rules::EndpointPolicy policy_;
  const std::optional<identity::Credentials> credentials_;  // for http actions with sigv4
  const bool has_secrets_;
  Secrets secrets_;
  rules::Destinations destinations_;
  std::unique_ptr<rules::PooledWeb> web_;
  rules::KafkaProducers kafka_;
  rules::DestinationChecks checks_;
  const services::iot::DestinationParts operations_;
};

}  // namespace croft::app
