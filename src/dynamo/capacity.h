// Capacity units as AWS counts them. Source: Developer Guide, "DynamoDB provisioned capacity mode".
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace croft::dynamo {

// What one request consumed, by table and index.
struct Capacity {
  double table = 0;
  std::vector<std::pair<std::string, double>> global_indexes{};
  std::vector<std::pair<std::string, double>> local_indexes{};

  double total() const;
  Capacity& operator+=(const Capacity& other);
};

// One for each started KiB, at least one.
double write_units(std::size_t bytes);

// One for each started 4 KiB, at least one; half of it for an eventually consistent read.
double read_units(std::size_t bytes, bool consistent);

}  // namespace croft::dynamo
