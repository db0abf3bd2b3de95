#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "identity/credentials.h"
#include "types/instance.h"
#include "types/result.h"

namespace croft::remote {

// How a service that croft does not run is reached.
struct ServiceSettings {
  std::string endpoint;      // scheme://host[:port]
  std::string signing_name;  // in the signature's scope
  std::string region;
  std::string account_id;  // in ARNs that are made for it
  identity::Credentials credentials;
  std::chrono::milliseconds timeout{};  // of one try
  std::size_t connections = 0;          // kept open to it, of each thread
  std::size_t answer_bytes_max = 0;
  std::string streams_endpoint{};       // of DynamoDB Streams; tables only
  std::chrono::seconds patience{};      // how long rules wait for tables that do not answer; tables only
};

// The name of DynamoDB among the services, for tables that are elsewhere.
inline constexpr std::string_view tables_service = "dynamodb";

struct Settings {
  std::map<std::string, ServiceSettings, std::less<>> services;  // by the AWS CLI's name: "sns", "stepfunctions", "es"
  std::string trust_anchors_file{};                              // PEM; "" = the system's authorities. Not one of these tables
};

// The tables [services.NAME] of the configuration as they were written; [services.default] holds for all.
//
//   endpoint                       https://sns.eu-west-1.amazonaws.com: the service is there
//   region, account-id             else those of this croft; the region of AWS_REGION or AWS_DEFAULT_REGION before
//   access-key-id, secret-access-key-file, session-token-file
//                                  else AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN of the environment
//   timeout-ms                     of one try (5000)
//   connections                    kept open to the service, of each thread (64)
//
// Tables have a table of their own, [tables], with the same members and
//
//   streams-endpoint               of DynamoDB Streams; else streams.dynamodb.REGION at AWS, `endpoint` elsewhere
//   patience-s                     how long rules wait for tables that do not answer (21600)
class WrittenSettings {
 public:
  // `name` is what follows "services.": "sns.endpoint". InvalidConfiguration for a service or member that is not known.
  Result<void> set(std::string_view name, std::string_view value);
  // `member` is what follows "tables.": "endpoint".
  Result<void> set_tables(std::string_view member, std::string_view value);

  using Environment = std::function<std::optional<std::string>(const char* name)>;
  // Files are read here, once. InvalidConfiguration, naming what is missing; never a secret.
  Result<Settings> resolve(const Instance& instance, const Environment& environment) const;
  // Those of [services.default] or the environment, for what signs requests to others than these services.
  std::optional<identity::Credentials> default_credentials(const Environment& environment) const;

 private:
  using Members = std::map<std::string, std::string, std::less<>>;
  std::optional<std::string> find(const std::string& service, std::string_view member) const;
  Result<ServiceSettings> resolve_one(const std::string& service, const Instance& instance, const Environment& environment) const;
  Result<identity::Credentials> credentials(const std::string& service, const Environment& environment) const;
  Result<void> resolve_tables(ServiceSettings& settings) const;

  std::map<std::string, Members, std::less<>> services_;
};

// The names that [services.NAME] may have.
std::string known_services();

}  // namespace croft::remote
