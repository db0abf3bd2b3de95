#include "dynamo/capacity.h"

#include <algorithm>

namespace croft::dynamo {

namespace {

using IndexUnits = std::vector<std::pair<std::string, double>>;

void add(IndexUnits& to, const IndexUnits& from) {
  for (const auto& unit : from) {
    const auto same = [&](const auto& known) { return known.first == unit.first; };
    const auto found = std::find_if(to.begin(), to.end(), same);
    if (found == to.end()) to.push_back(unit);
    else found->second += unit.second;
  }
}

double started(std::size_t bytes, std::size_t block) {
  return static_cast<double>(std::max<std::size_t>(1, (bytes + block - 1) / block));
}

}  // namespace

double Capacity::total() const {
  double units = table;
  for (const auto& [name, of_index] : global_indexes) units += of_index;
  for (const auto& [name, of_index] : local_indexes) units += of_index;
  return units;
}

Capacity& Capacity::operator+=(const Capacity& other) {
  table += other.table;
  add(global_indexes, other.global_indexes);
  add(local_indexes, other.local_indexes);
  return *this;
}

double write_units(std::size_t bytes) { return started(bytes, 1024); }

double read_units(std::size_t bytes, bool consistent) { return started(bytes, 4096) / (consistent ? 1 : 2); }

}  // namespace croft::dynamo
