#pragma once

#include <functional>
#include <optional>

#include "identity/credentials.h"
#include "rules/actions/action_types.h"
#include "rules/destinations.h"
#include "rules/endpoint_url.h"
#include "rules/web.h"

namespace croft::rules {

// What http actions work with; the references outlive the types.
struct HttpParts {
  Destinations& destinations;
  Web& web;
  EndpointPolicy policy;
  // Of the configuration, for auth.sigv4; nothing: rules with it are refused. May be empty.
  std::function<std::optional<identity::Credentials>()> credentials;
};

// http: posts the outgoing payload to a web service whose destination is ENABLED, one message or a batch for each request.
// The URL is chosen by the rule's owner; what a device sends never chooses the host. Redirects are failures.
// Source: AWS IoT developer guide, "HTTP", "HTTP action destinations", "Batching HTTP action messages".
void add_http_action(ActionTypes& types, HttpParts parts);

}  // namespace croft::rules
