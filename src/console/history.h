#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "console/limits.h"
#include "types/timestamp.h"

namespace croft::console {

// What is counted once a second.
struct Figures {
  std::uint64_t connected = 0, known = 0;       // clients, now
  std::uint64_t connects = 0, disconnects = 0;  // since croft started, as the others
  std::uint64_t received = 0, delivered = 0;    // messages
};

// The last hour, a second at a time: [time (ms), connected, known, connects, disconnects, received, delivered], the last
// four in that second.
//
// Threads: the API shard's. Memory: 200 KB.
class History {
 public:
  // Once a second. The row of that second.
  std::string add(Timestamp now, const Figures& figures);
  // Oldest first: a JSON array of rows.
  std::string all() const;

 private:
  struct Second {
    Timestamp time;
    Figures figures;  // counters: of this second
  };
  static std::string row(const Second& second);

  std::vector<Second> seconds_;  // a ring
  std::size_t oldest_ = 0;
  Figures before_;
  bool has_before_ = false;
};

}  // namespace croft::console
