#include "cli/place.h"

#include <charconv>
#include <cstdlib>

#include "app/data_folder.h"
#include "cli/limits.h"
#include "device/config.h"
#include "text/encoding.h"
#include "text/json.h"

namespace croft::cli {

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string first_of(std::initializer_list<std::string> candidates) {
  for (const std::string& candidate : candidates)
    if (!candidate.empty()) return candidate;
  return {};
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

// Empty when there is no file.
Result<app::Endpoints> read_endpoints(const std::string& data_folder) {
  const std::string path = data_folder + "/endpoints.json";
  auto text = device::read_file(path, limits::place_file_bytes_max);
  if (!text) return app::Endpoints{};
  auto parsed = json::parse(*text);
  if (!parsed || !parsed->is_object()) return Error{"InvalidEndpoints", path + " is not a JSON object"};
  const json::object& o = parsed->get_object();
  app::Endpoints endpoints;
  endpoints.gateway = without_slash(std::string(json::string_or(o, "gateway", "")));
  endpoints.mqtt = json::string_or(o, "mqtt", "");
  endpoints.mqtts = json::string_or(o, "mqtts", "");
  endpoints.ca = json::string_or(o, "ca", "");
  endpoints.pid = static_cast<int>(json::int_or(o, "pid", 0));
  return endpoints;
}

}  // namespace

std::string credentials_value(std::string_view file, std::string_view name) {
  bool in_default = false;
  while (!file.empty()) {
    const std::size_t end = file.find('\n');
    const std::string_view line = text::trim(file.substr(0, end));
    file = end == std::string_view::npos ? std::string_view() : file.substr(end + 1);
    if (line.starts_with('[')) in_default = line == "[default]";
    const std::size_t equals = line.find('=');
    if (!in_default || equals == std::string_view::npos || line.starts_with('#')) continue;
    if (text::trim(line.substr(0, equals)) == name) return std::string(text::trim(line.substr(equals + 1)));
  }
  return {};
}

Result<HostPort> split_host_port(std::string_view text) {
  const Error invalid{"InvalidEndpoints", "'" + text::printable(text) + "' is not of the form host:port"};
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return invalid;
  std::string_view host = text.substr(0, colon), digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (host.empty() || port == 0 || failure != std::errc() || end != digits.data() + digits.size()) return invalid;
  return HostPort{std::string(host), port};
}

Result<Place> find_listeners(const PlaceOptions& options) {
  Place place;
  place.data_folder = first_of({options.data, environment("CROFT_DATA"), app::default_data_folder()});
  auto endpoints = read_endpoints(place.data_folder);
  if (!endpoints) return endpoints.error();
  // A data folder that was named counts for more than a variable that may be left over in the shell.
  const bool data_was_named = !options.data.empty();
  place.gateway =
      without_slash(first_of({options.endpoint, data_was_named ? endpoints->gateway : std::string(),
                              environment("CROFT_ENDPOINT"), environment("AWS_ENDPOINT_URL"), endpoints->gateway}));
  if (place.gateway == endpoints->gateway) place.endpoints = *endpoints;

  auto file = device::read_file(place.data_folder + "/credentials", limits::place_file_bytes_max);
  const std::string text = file ? *file : std::string();
  place.credentials.access_key_id = environment("AWS_ACCESS_KEY_ID");
  place.credentials.secret_access_key = environment("AWS_SECRET_ACCESS_KEY");
  place.credentials.session_token = environment("AWS_SESSION_TOKEN");
  if (place.credentials.access_key_id.empty() || place.credentials.secret_access_key.empty() || data_was_named) {
    const std::string key = credentials_value(text, "aws_access_key_id");
    if (!key.empty()) place.credentials = {key, credentials_value(text, "aws_secret_access_key")};
  }
  place.authorities = environment("AWS_CA_BUNDLE");
  const bool is_own = place.gateway == endpoints->gateway && place.gateway.starts_with("https:");
  if (place.authorities.empty() && is_own) place.authorities = endpoints->ca;
  place.region = first_of({options.region, environment("AWS_REGION"), environment("AWS_DEFAULT_REGION"),
                           credentials_value(text, "region"), "us-east-1"});
  return place;
}

Result<Place> find_place(const PlaceOptions& options) {
  auto place = find_listeners(options);
  if (!place) return place;
  if (place->gateway.empty()) {
    return Error{"NotRunning", "no croft is running on " + place->data_folder +
                                   ": start `croft serve`, or name one with --endpoint or --data"};
  }
  if (place->credentials.access_key_id.empty()) {
    return Error{"NoCredentials",
                 "no access key: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name croft's folder "
                 "with --data"};
  }
  return place;
}

}  // namespace croft::cli
