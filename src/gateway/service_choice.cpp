#include "gateway/service_choice.h"

#include <algorithm>

#include "identity/presented_signature.h"
#include "text/encoding.h"

namespace croft::gateway {

namespace {

bool is_json(const Service& service) {
  return service.protocol == Protocol::json_1_0 || service.protocol == Protocol::json_1_1;
}
bool is_rest(const Service& service) {
  return service.protocol == Protocol::rest_json || service.protocol == Protocol::rest_xml;
}

template <class Wanted>
const HostedService* first(const HostedServices& services, Wanted wanted) {
  const auto found =
      std::find_if(services.begin(), services.end(), [&](const auto& hosted) { return wanted(*hosted); });
  return found == services.end() ? nullptr : found->get();
}

std::string scope_of(const net::HttpRequest& request) {
  const auto presented = identity::presented_scope(request);
  return presented ? presented->service : "";
}

const HostedService* by_target(const HostedServices& services, std::string_view target,
                               const net::HttpRequest& request) {
  const std::string_view prefix = target.substr(0, std::min(target.rfind('.'), target.size()));
  const HostedService* named = first(services, [&](const HostedService& hosted) {
    return is_json(hosted.service()) && hosted.service().target_prefix == prefix;
  });
  if (named) return named;
  const std::string scope = scope_of(request);
  return first(services,
               [&](const HostedService& hosted) { return is_json(hosted.service()) && hosted.signs_as(scope); });
}

bool is_form(const net::HttpRequest& request) {
  const std::string* type = request.header("content-type");
  return type && type->starts_with("application/x-www-form-urlencoded");
}

// The value of `Version` in a form or query; "" when there is none.
std::string version_of(std::string_view form) {
  constexpr std::string_view name = "Version=";
  for (std::size_t at = form.find(name); at != std::string_view::npos; at = form.find(name, at + 1)) {
    if (at != 0 && form[at - 1] != '&') continue;
    const std::string_view rest = form.substr(at + name.size());
    return text::percent_decode(rest.substr(0, rest.find('&')), true);
  }
  return "";
}

const HostedService* by_version(const HostedServices& services, const std::string& version, std::string_view scope) {
  const auto is_query = [](const HostedService& hosted) { return hosted.service().protocol == Protocol::query; };
  const HostedService* named = first(services, [&](const HostedService& hosted) {
    return is_query(hosted) && !version.empty() && hosted.service().target_prefix == version;
  });
  if (named) return named;
  return first(services, [&](const HostedService& hosted) { return is_query(hosted) && hosted.signs_as(scope); });
}

const HostedService* by_route(const HostedServices& services, const net::HttpRequest& request,
                              std::string_view scope) {
  const RequestLine line = RequestLine::read(request);
  const HostedService* scoped = first(services, [&](const HostedService& hosted) {
    return is_rest(hosted.service()) && hosted.signs_as(scope) && hosted.routed(line);
  });
  if (scoped) return scoped;
  const bool is_for_s3 = scope == "s3";
  const HostedService* routed = is_for_s3 ? nullptr : first(services, [&](const HostedService& hosted) {
    return hosted.service().protocol == Protocol::rest_json && hosted.routed(line);
  });
  if (routed) return routed;
  const HostedService* meant = first(services, [&](const HostedService& hosted) { return hosted.signs_as(scope); });
  if (meant) return meant;
  return first(services, [](const HostedService& hosted) { return hosted.service().protocol == Protocol::rest_xml; });
}

}  // namespace

const HostedService* choose_service(const HostedServices& services, const net::HttpRequest& request) {
  if (const std::string* target = request.header("x-amz-target")) return by_target(services, *target, request);

  const std::string scope = scope_of(request);
  const bool is_action_query =
      request.query.starts_with("Action=") || request.query.find("&Action=") != std::string::npos;
  const bool is_for_rest =
      first(services, [&](const HostedService& hosted) { return is_rest(hosted.service()) && hosted.signs_as(scope); });
  const bool is_query_form = !is_for_rest && (is_form(request) || is_action_query);  // curl calls any body a form
  if (is_query_form) {
    const std::string version = version_of(request.method == "POST" ? request.body : request.query);
    if (const HostedService* found = by_version(services, version, scope)) return found;
  }
  return by_route(services, request, scope);
}

}  // namespace croft::gateway
