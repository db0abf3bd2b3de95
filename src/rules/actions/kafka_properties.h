#pragma once

#include <string>
#include <vector>

#include "rules/actions/action_types.h"
#include "rules/actions/kafka_producer.h"
#include "rules/endpoint_url.h"

namespace croft::rules {

// The clientProperties of a kafka action, as AWS names and checks them: those of Java's producer. Compiled once; the secrets
// among them may be templates. Source: AWS IoT developer guide, "Apache Kafka".
class KafkaProperties {
 public:
  // InvalidRequestException for a name or value that AWS does not have, and for what is not supported here: Kerberos.
  // Without TLS the brokers have to be on this machine, and the policy has to allow it.
  static Result<KafkaProperties> compile(const json::object& properties, const ActionContext& context,
                                         const EndpointPolicy& policy);

  // With the secrets of this firing.
  Result<KafkaSettings> settings(const Firing& firing) const;

 private:
  struct Secret {
    std::string name;
    sql::Template value;
  };
  KafkaSettings fixed_;
  std::vector<Secret> secrets_;
};

// All properties in librdkafka's names and forms: stores become PEM. InvalidRequestException. Takes long: for the Pool.
Result<std::map<std::string, std::string>> with_secrets(const KafkaSettings& settings);

}  // namespace croft::rules
