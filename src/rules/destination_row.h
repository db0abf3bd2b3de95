#pragma once

#include "rules/destinations.h"

namespace croft::rules {

// A destination as its row holds it.
json::object row_of(const Destination& destination);
// Nothing when the row is not one.
std::optional<Destination> destination_from(const json::object& row);

}  // namespace croft::rules
