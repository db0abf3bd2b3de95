#pragma once

#include "gateway/service.h"
#include "net/http_server.h"
#include "rules/destination_checks.h"
#include "rules/endpoint_url.h"

namespace croft::services::iot {

// What the operations on topic rule destinations work with; all of it outlives the service.
struct DestinationParts {
  rules::Destinations& destinations;
  rules::DestinationChecks& checks;
  Store& store;
  rules::EndpointPolicy policy;
  bool has_secrets = false;  // without Secrets Manager there are no InfluxDB destinations
};

// Adds the operations on topic rule destinations, and lets CreateTopicRule and ReplaceTopicRule, which must be there
// already, make the destinations of their http actions.
void add_destination_operations(gateway::Service& service, DestinationParts parts);

// What enableUrl leads to: a page that confirms whoever brings the token.
net::HttpHandler confirmation_page(DestinationParts parts);

}  // namespace croft::services::iot
