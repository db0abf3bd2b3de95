#include "app/rule_endpoints.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "rules/destination_limits.h"

namespace croft::app {

namespace {

constexpr const char* system_authorities = "/etc/ssl/certs/ca-certificates.crt";

Result<std::string> text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file || text.str().empty()) return Error{"InvalidConfiguration", path + ": cannot be read"};
  return text.str();
}

// The system's authorities and those of the file, in one file of the run folder; "" for the system's alone.
Result<std::string> trust_anchors(const std::string& authorities, const std::string& folder) {
  if (authorities.empty()) return std::string();
  auto own = text_of(authorities);
  if (!own) return own.error();
  if (own->find("-----BEGIN CERTIFICATE-----") == std::string::npos)
    return Error{"InvalidConfiguration", authorities + ": there is no certificate in it"};
  const auto system = text_of(system_authorities);  // a machine may have none
  const std::string path = folder + "/authorities.pem";
  std::ofstream file(path, std::ios::trunc);
  file << *own << "\n" << (system ? *system : "");
  file.close();
  if (!file) return Error{"InvalidConfiguration", path + ": cannot be written"};
  return path;
}

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

}  // namespace

Result<std::unique_ptr<RuleEndpoints>> RuleEndpoints::open(const Config& config, Store& store, Shard& api, Pool& pool,
                                                           const std::string& folder, const std::string& gateway_url,
                                                           Secrets::Services services) {
  auto anchors = trust_anchors(config.authorities, folder);
  if (!anchors) return anchors.error();
  net::HttpClient::Options options;
  options.body_bytes_max = rules::limits::answer_bytes_max;
  options.trust_anchors_file = *anchors;
  return std::unique_ptr<RuleEndpoints>(
      new RuleEndpoints(config, store, api, pool, gateway_url, std::move(options), std::move(services)));
}

RuleEndpoints::RuleEndpoints(const Config& config, Store& store, Shard& api, Pool& pool, std::string gateway_url,
                             net::HttpClient::Options options, Secrets::Services services)
    : policy_{config.plain_endpoints},
      credentials_(config.services.default_credentials(environment)),
      has_secrets_(config.remote.services.contains("secretsmanager")),
      secrets_(std::move(services)),
      destinations_(store, config.instance),
      web_(std::make_unique<rules::PooledWeb>(std::move(options))),
      kafka_(pool),
      checks_(api, destinations_, *web_, std::move(gateway_url), secret_source()),
      operations_{destinations_, checks_, store, policy_, has_secrets_} {}

void RuleEndpoints::add_actions(rules::ActionTypes& types) {
  rules::add_http_action(
      types, {.destinations = destinations_, .web = *web_, .policy = policy_, .credentials = [this] { return credentials_; }});
  rules::add_kafka_action(types, {.destinations = destinations_, .producers = kafka_, .policy = policy_});
  rules::add_influxdb_action(types, {.destinations = destinations_, .web = *web_, .secrets = secret_source()});
  rules::add_salesforce_action(types, *web_);
}

rules::SecretSource RuleEndpoints::secret_source() {
  if (!has_secrets_) return {};
  return [this](Shard& shard, rules::SecretQuestion question) { return secrets_.read(shard, std::move(question)); };
}

void RuleEndpoints::close_connections() {
  kafka_.close();
  web_.reset();
}

void RuleEndpoints::add_operations(gateway::Service& service) {
  services::iot::add_destination_operations(service, operations_);
}

}  // namespace croft::app
