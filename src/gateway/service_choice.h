#pragma once

#include <memory>
#include <vector>

#include "gateway/hosted_service.h"
#include "net/http.h"

namespace croft::gateway {

using HostedServices = std::vector<std::unique_ptr<const HostedService>>;

// The service a request is for; nullptr when none of them takes it. In this order:
//   X-Amz-Target's prefix                 the JSON services
//   a form (or GET /?Action=) and its Version, else the credential scope, unless that names a REST service
//                                         the query services
//   the credential scope, when a route of its services fits                 the REST services
//   any route that fits                   the REST/JSON services: CLI 2.9 signs iot calls as execute-api, and
//                                         /things/N/shadow is the data plane whatever the scope says
//   the credential scope alone            so that an unknown path is refused by the service that was meant
//   everything else                       S3
const HostedService* choose_service(const HostedServices& services, const net::HttpRequest& request);

}  // namespace croft::gateway
