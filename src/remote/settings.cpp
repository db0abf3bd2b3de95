#include "remote/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>

#include "net/url.h"
#include "remote/limits.h"
#include "text/encoding.h"

namespace croft::remote {

namespace {

struct Known {
  std::string_view name, signing_name;
};

// Signing names are those of botocore's service models.
constexpr std::array<Known, 15> known{{{"cloudwatch", "monitoring"},
                                       {"dynamodb", "dynamodb"},
                                       {"es", "es"},
                                       {"firehose", "firehose"},
                                       {"iotanalytics", "iotanalytics"},
                                       {"iotevents-data", "ioteventsdata"},
                                       {"iotsitewise", "iotsitewise"},
                                       {"kinesis", "kinesis"},
                                       {"location", "geo"},
                                       {"logs", "logs"},
                                       {"s3", "s3"},
                                       {"secretsmanager", "secretsmanager"},
                                       {"sns", "sns"},
                                       {"stepfunctions", "states"},
                                       {"timestream-write", "timestream"}}};
constexpr std::array<std::string_view, 7> member_names{"access-key-id",          "account-id",         "endpoint",  "region",
                                                       "secret-access-key-file", "session-token-file", "timeout-ms"};
constexpr std::string_view defaults = "default";

Error invalid(std::string message) {
  return {"InvalidConfiguration", std::move(message)};
}

std::string_view signing_name_of(std::string_view service) {
  const auto found = std::find_if(known.begin(), known.end(), [&](const Known& one) { return one.name == service; });
  return found == known.end() ? std::string_view() : found->signing_name;
}

// The text of a file with one line, as secrets are kept.
Result<std::string> secret_in(const std::string& path, const std::string& where) {
  std::ifstream file(path, std::ios::binary);
  std::string text(limits::secret_bytes_max + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  const std::string secret(text::trim(text));
  if (secret.empty() || text.size() > limits::secret_bytes_max)
    return invalid(where + ": the file " + path + " cannot be read, or holds no secret");
  return secret;
}

Result<std::chrono::milliseconds> timeout_from(const std::string& text, const std::string& where) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || value < 1 || value > limits::try_timeout_max.count())
    return invalid(where + ": '" + text + "' is not a number from 1 to " + std::to_string(limits::try_timeout_max.count()));
  return std::chrono::milliseconds(value);
}

bool is_name(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

}  // namespace

std::string known_services() {
  std::string names;
  for (const Known& one : known) names += (names.empty() ? "" : ", ") + std::string(one.name);
  return names;
}

Result<void> WrittenSettings::set(std::string_view name, std::string_view value) {
  const std::size_t dot = name.find('.');
  const std::string service(name.substr(0, dot));
  const std::string_view member = dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
  if (service != defaults && signing_name_of(service).empty())
    return invalid("there is no service '" + service + "' that could be elsewhere; there are " + known_services());
  const bool is_known = std::find(member_names.begin(), member_names.end(), member) != member_names.end();
  if (!is_known) return invalid("a service has no setting '" + std::string(member) + "'");
  if (service == defaults && member == "endpoint") return invalid("each service has an endpoint of its own");
  if (value.empty()) return invalid("the value is empty");
  services_[service].insert_or_assign(std::string(member), std::string(value));
  return {};
}

std::optional<std::string> WrittenSettings::find(const std::string& service, std::string_view member) const {
  for (const std::string_view place : {std::string_view(service), defaults}) {
    const auto table = services_.find(place);
    if (table == services_.end()) continue;
    if (const auto found = table->second.find(member); found != table->second.end()) return found->second;
  }
  return std::nullopt;
}

// Key, secret and token come from one place: a key of the configuration does not take the environment's token.
Result<identity::Credentials> WrittenSettings::credentials(const std::string& service, const Environment& environment) const {
  const std::string where = "services." + service;
  identity::Credentials found;
  const auto key = find(service, "access-key-id");
  const auto secret = find(service, "secret-access-key-file"), token = find(service, "session-token-file");
  if (!key && !secret) {
    const auto from_key = environment("AWS_ACCESS_KEY_ID"), from_secret = environment("AWS_SECRET_ACCESS_KEY");
    if (!from_key || !from_secret)
      return invalid(where +
                     ": no credentials: give access-key-id and secret-access-key-file, there or in [services.default], "
                     "or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment");
    return identity::Credentials{*from_key, *from_secret, environment("AWS_SESSION_TOKEN").value_or("")};
  }
  if (!key || !secret) return invalid(where + ": access-key-id and secret-access-key-file are given together");
  found.access_key_id = *key;
  auto secret_text = secret_in(*secret, where + ".secret-access-key-file");
  if (!secret_text) return secret_text.error();
  found.secret_access_key = std::move(*secret_text);
  if (token) {
    auto token_text = secret_in(*token, where + ".session-token-file");
    if (!token_text) return token_text.error();
    found.session_token = std::move(*token_text);
  }
  return found;
}

std::optional<identity::Credentials> WrittenSettings::default_credentials(const Environment& environment) const {
  auto found = credentials(std::string(defaults), environment);
  return found ? std::optional(std::move(*found)) : std::nullopt;
}

Result<ServiceSettings> WrittenSettings::resolve_one(const std::string& service, const Instance& instance,
                                                     const Environment& environment) const {
  const std::string where = "services." + service;
  ServiceSettings settings;
  settings.signing_name = signing_name_of(service);
  auto url = net::parse_url(find(service, "endpoint").value_or(""));
  if (!url) return invalid(where + ".endpoint: " + url.error().message);
  if (url->path != "/" || !url->query.empty()) return invalid(where + ".endpoint: an endpoint has no path: https://host:port");
  settings.endpoint = std::string(url->secure ? "https" : "http") + "://" + url->authority();
  settings.region =
      find(service, "region")
          .value_or(environment("AWS_REGION").value_or(environment("AWS_DEFAULT_REGION").value_or(instance.region)));
  if (!is_name(settings.region)) return invalid(where + ".region: '" + settings.region + "' is not a region name");
  settings.account_id = find(service, "account-id").value_or(instance.account_id);
  if (settings.account_id.size() != 12 || settings.account_id.find_first_not_of("0123456789") != std::string::npos)
    return invalid(where + ".account-id: '" + settings.account_id + "' is not an account id of 12 digits");
  auto timeout =
      timeout_from(find(service, "timeout-ms").value_or(std::to_string(limits::try_timeout.count())), where + ".timeout-ms");
  if (!timeout) return timeout.error();
  settings.timeout = *timeout;
  auto found = credentials(service, environment);
  if (!found) return found.error();
  settings.credentials = std::move(*found);
  return settings;
}

Result<Settings> WrittenSettings::resolve(const Instance& instance, const Environment& environment) const {
  Settings settings;
  for (const auto& [service, members] : services_) {
    if (service == defaults) continue;
    auto one = resolve_one(service, instance, environment);
    if (!one) return one.error();
    settings.services.emplace(service, std::move(*one));
  }
  return settings;
}

}  // namespace croft::remote
