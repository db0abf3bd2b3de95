#include "app/instance_page.h"

#include "text/json.h"

namespace croft::app {

static std::string_view name_of(Store::Durability durability) {
  switch (durability) {
    case Store::Durability::fsync:
      return "fsync";
    case Store::Durability::os:
      return "os";
    case Store::Durability::memory:
      break;
  }
  return "memory";
}

net::HttpResponse instance_page(const Config& config, const Endpoints& endpoints, const std::string& device_host,
                                const std::string& ca_pem, Timestamp started) {
  json::object listeners;
  const std::pair<const char*, const std::string*> members[] = {{"gateway", &endpoints.gateway}, {"mqtt", &endpoints.mqtt},
      {"mqtts", &endpoints.mqtts}, {"device", &endpoints.device}, {"https", &endpoints.https}};
  for (const auto& [name, value] : members)
    if (!value->empty()) listeners[name] = *value;
  const json::object document{{"version", CROFT_VERSION},
                              {"startedAt", started.ms},
                              {"pid", endpoints.pid},
                              {"region", config.instance.region},
                              {"account", config.instance.account_id},
                              {"dataFolder", config.ephemeral ? "" : config.data},
                              {"durability", name_of(config.durability.value_or(Store::Durability::fsync))},
                              {"endpoints", std::move(listeners)},
                              {"deviceHost", device_host},
                              {"caCertificatePem", ca_pem}};
  return {200, {{"content-type", "application/json"}, {"cache-control", "no-store"}}, json::dump(document)};
}

}  // namespace croft::app
