#pragma once

#include "rules/actions/action_types.h"
#include "rules/actions/kafka_producer.h"
#include "rules/destinations.h"
#include "rules/endpoint_url.h"

namespace croft::rules {

// What kafka actions work with; the references outlive the types.
struct KafkaParts {
  Destinations& destinations;
  KafkaProducers& producers;
  EndpointPolicy policy;
};

// kafka: one record for each message, its value the outgoing payload; over when the brokers have acknowledged it as `acks`
// says. Source: AWS IoT developer guide, "Apache Kafka".
void add_kafka_action(ActionTypes& types, KafkaParts parts);

}  // namespace croft::rules
