#pragma once

#include "rules/actions/action_types.h"
#include "rules/destination_checks.h"
#include "rules/destinations.h"
#include "rules/web.h"

namespace croft::rules {

// What influxDB actions work with; the references outlive the types.
struct InfluxDbParts {
  Destinations& destinations;
  Web& web;
  SecretSource secrets;
};

// influxDB: writes each object of the outgoing payload as a point. Source: AWS IoT developer guide, "InfluxDB".
void add_influxdb_action(ActionTypes& types, InfluxDbParts parts);

}  // namespace croft::rules
