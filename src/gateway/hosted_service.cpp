#include "gateway/hosted_service.h"

#include <algorithm>

#include "gateway/limits.h"
#include "types/assert.h"

namespace croft::gateway {

const QueryError* Service::query_error(std::string_view code) const {
  const auto found =
      std::find_if(query_errors.begin(), query_errors.end(), [&](const QueryError& row) { return row.code == code; });
  return found == query_errors.end() ? nullptr : &*found;
}

Service in_query_form(Service service, std::string version, std::string xml_namespace) {
  service.protocol = Protocol::query;
  service.target_prefix = std::move(version);
  service.xml_namespace = std::move(xml_namespace);
  return service;
}

HostedService::HostedService(Service service) : service_(std::move(service)) {
  CROFT_ASSERT(!service_.signing_names.empty());
  const bool has_routes = service_.protocol == Protocol::rest_json || service_.protocol == Protocol::rest_xml;
  for (const Operation& operation : service_.operations) {
    if (has_routes) routes_.emplace_back(operation.route);
    by_name_.emplace(operation.name, &operation);
  }
}

const Operation* HostedService::operation(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

std::optional<HostedService::Routed> HostedService::routed(const RequestLine& line) const {
  std::optional<Routed> best;
  int best_score = -1;
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const std::optional<int> score = routes_[i].match(line);
    if (!score || *score <= best_score) continue;
    best_score = *score;
    best = Routed{&service_.operations[i], &routes_[i]};
  }
  return best;
}

bool HostedService::signs_as(std::string_view signing_name) const {
  const auto& names = service_.signing_names;
  return std::find(names.begin(), names.end(), signing_name) != names.end();
}

identity::ErrorFamily HostedService::error_family() const {
  switch (service_.protocol) {
    case Protocol::json_1_0:
    case Protocol::json_1_1:
      return identity::ErrorFamily::json;
    case Protocol::rest_json:
      return identity::ErrorFamily::rest_json;
    case Protocol::rest_xml:
      return identity::ErrorFamily::s3;
    case Protocol::query:
      return identity::ErrorFamily::query;
  }
  return identity::ErrorFamily::json;
}

std::size_t HostedService::body_bytes_max() const {
  if (service_.protocol == Protocol::rest_json) return rest_body_bytes_max;
  if (service_.protocol == Protocol::rest_xml) return object_body_bytes_max;
  return document_body_bytes_max;
}

}  // namespace croft::gateway
