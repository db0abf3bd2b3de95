#include "remote/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>

#include "net/limits.h"
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
constexpr std::array<std::string_view, 8> member_names{"access-key-id", "account-id",         "connections", "endpoint", "region",
                                                       "secret-access-key-file", "session-token-file", "timeout-ms"};
constexpr std::array<std::string_view, 2> table_member_names{"patience-s", "streams-endpoint"};
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

struct Range {
  std::int64_t least, most;
};

Result<std::int64_t> number_from(const std::string& text, Range range, const std::string& where) {
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || value < range.least || value > range.most)
    return invalid(where + ": '" + text + "' is not a number from " + std::to_string(range.least) + " to " +
                   std::to_string(range.most));
  return value;
}

Result<std::string> origin_from(const std::string& text, const std::string& where) {
  auto url = net::parse_url(text);
  if (!url) return invalid(where + ": " + url.error().message);
  if (url->path != "/" || !url->query.empty()) return invalid(where + ": an endpoint has no path: https://host:port");
  return std::string(url->secure ? "https" : "http") + "://" + url->authority();
}

// At AWS streams have a host of their own. Source: AWS General Reference, "Amazon DynamoDB endpoints and quotas".
std::string streams_endpoint_beside(const std::string& endpoint) {
  constexpr std::string_view at_aws = "https://dynamodb.";
  const bool is_aws = endpoint.starts_with(at_aws) && endpoint.find(".amazonaws.com") != std::string::npos;
  return is_aws ? "https://streams.dynamodb." + endpoint.substr(at_aws.size()) : endpoint;
}

// Where the members of a service are written.
std::string table_of(const std::string& service) { return service == tables_service ? "tables" : "services." + service; }

template <std::size_t Count>
bool is_one_of(const std::array<std::string_view, Count>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_name(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

}  // namespace

std::string known_services() {
  std::string names;
  for (const Known& one : known)
    if (one.name != tables_service) names += (names.empty() ? "" : ", ") + std::string(one.name);
  return names;
}

Result<void> WrittenSettings::set(std::string_view name, std::string_view value) {
  const std::size_t dot = name.find('.');
  const std::string service(name.substr(0, dot));
  const std::string_view member = dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
  if (service == tables_service) return invalid("where tables are is told in [tables]: tables." + std::string(member));
  if (service != defaults && signing_name_of(service).empty())
    return invalid("there is no service '" + service + "' that could be elsewhere; there are " + known_services());
  if (!is_one_of(member_names, member)) return invalid("a service has no setting '" + std::string(member) + "'");
  if (service == defaults && member == "endpoint") return invalid("each service has an endpoint of its own");
  if (value.empty()) return invalid("the value is empty");
  services_[service].insert_or_assign(std::string(member), std::string(value));
  return {};
}

Result<void> WrittenSettings::set_tables(std::string_view member, std::string_view value) {
  const bool is_known = is_one_of(member_names, member) || is_one_of(table_member_names, member);
  if (!is_known) return invalid("tables have no setting '" + std::string(member) + "'");
  if (value.empty()) return invalid("the value is empty");
  services_[std::string(tables_service)].insert_or_assign(std::string(member), std::string(value));
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
  const std::string where = table_of(service);
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
  const std::string where = table_of(service);
  ServiceSettings settings;
  settings.signing_name = signing_name_of(service);
  auto endpoint = origin_from(find(service, "endpoint").value_or(""), where + ".endpoint");
  if (!endpoint) return endpoint.error();
  settings.endpoint = std::move(*endpoint);
  settings.region =
      find(service, "region")
          .value_or(environment("AWS_REGION").value_or(environment("AWS_DEFAULT_REGION").value_or(instance.region)));
  if (!is_name(settings.region)) return invalid(where + ".region: '" + settings.region + "' is not a region name");
  settings.account_id = find(service, "account-id").value_or(instance.account_id);
  if (settings.account_id.size() != 12 || settings.account_id.find_first_not_of("0123456789") != std::string::npos)
    return invalid(where + ".account-id: '" + settings.account_id + "' is not an account id of 12 digits");
  const auto number = [&](const std::string& member, std::int64_t otherwise, std::int64_t most) {
    return number_from(find(service, member).value_or(std::to_string(otherwise)), {1, most}, where + "." + member);
  };
  auto timeout = number("timeout-ms", limits::try_timeout.count(), limits::try_timeout_max.count());
  if (!timeout) return timeout.error();
  settings.timeout = std::chrono::milliseconds(*timeout);
  auto connections = number("connections", net::limits::client_connections_max, limits::connections_max);
  if (!connections) return connections.error();
  settings.connections = static_cast<std::size_t>(*connections);
  settings.answer_bytes_max = limits::answer_bytes_max;
  if (service == tables_service)
    if (auto resolved = resolve_tables(settings); !resolved) return resolved.error();
  auto found = credentials(service, environment);
  if (!found) return found.error();
  settings.credentials = std::move(*found);
  return settings;
}

Result<void> WrittenSettings::resolve_tables(ServiceSettings& settings) const {
  const std::string service(tables_service);
  settings.streams_endpoint = streams_endpoint_beside(settings.endpoint);
  if (const auto written = find(service, "streams-endpoint")) {
    auto endpoint = origin_from(*written, "tables.streams-endpoint");
    if (!endpoint) return endpoint.error();
    settings.streams_endpoint = std::move(*endpoint);
  }
  const std::string usual = std::to_string(limits::outage_patience.count());
  auto patience = number_from(find(service, "patience-s").value_or(usual), {0, limits::outage_patience_max.count()},
                              "tables.patience-s");
  if (!patience) return patience.error();
  settings.patience = std::chrono::seconds(*patience);
  settings.answer_bytes_max = limits::table_answer_bytes_max;
  return {};
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
