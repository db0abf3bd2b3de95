#pragma once

#include <cstdint>

namespace croft::metrics {

// What the system says of this process.
struct ProcessFigures {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t descriptors = 0;
  std::uint64_t descriptors_max = 0;
  double started_s = 0;  // since 1970
};

// Reads /proc. Cost: some system calls, and before Linux 6.2 one directory entry for each descriptor.
ProcessFigures process_figures();

}  // namespace croft::metrics
