#include "cli/mqtt_target.h"

#include "device/config.h"
#include "device/limits.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::cli {

namespace {

Result<HostPort> find_listener(const MqttOptions& options, bool tls, const app::Endpoints& endpoints) {
  const std::string& found = tls ? endpoints.mqtts : endpoints.mqtt;
  HostPort listener{"127.0.0.1", static_cast<std::uint16_t>(tls ? 8883 : 1883)};
  if (!found.empty()) {
    auto split = split_host_port(found);
    if (!split) return split.error();
    listener = *split;
  } else if (options.host.empty() && options.port == 0) {
    return Error{"NotRunning", std::string("no running croft with ") + (tls ? "MQTT over TLS" : "plain MQTT") +
                                   " was found: start `croft serve`, or name a listener with --host and --port"};
  }
  if (!options.host.empty()) listener.host = options.host;
  if (options.port != 0) listener.port = options.port;
  return listener;
}

Result<std::shared_ptr<net::TlsContext>> tls_of(const MqttOptions& options, const std::string& ca_path,
                                                const std::string& host) {
  net::TlsContext::Client settings;
  settings.server_name = host;
  for (auto [path, into] : {std::pair{&ca_path, &settings.ca_pem},
                            {&options.certificate, &settings.certificate_pem},
                            {&options.key, &settings.key_pem}}) {
    auto text = device::read_file(*path, device::limits::pem_bytes_max);
    if (!text) return text.error();
    *into = std::move(*text);
  }
  return net::TlsContext::client(std::move(settings));
}

}  // namespace

Result<device::Target> find_target(const MqttOptions& options) {
  auto place = find_listeners(options.place);
  if (!place) return place.error();
  const bool tls = !options.certificate.empty();
  auto listener = find_listener(options, tls, place->endpoints);
  if (!listener) return listener.error();
  device::Target target{listener->host, listener->port, nullptr};
  if (!tls) return target;
  if (options.key.empty()) return Error{"InvalidOptions", "--cert needs the --key that belongs to it"};
  auto context = tls_of(options, options.ca.empty() ? place->endpoints.ca : options.ca, listener->host);
  if (!context) return context.error();
  target.tls = std::move(*context);
  return target;
}

std::string client_id_of(const MqttOptions& options) {
  return options.client_id.empty() ? "croft-cli-" + text::hex(text::random_bytes(4)) : options.client_id;
}

}  // namespace croft::cli
