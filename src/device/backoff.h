#pragma once

#include <chrono>
#include <functional>

namespace croft::device {

// How long to wait before the next attempt: full jitter, so that a fleet that lost its broker does not come back as
// one wave. Attempt n waits a random time up to min(ceiling, 1 s * 2^n), and never less than 50 ms.
class Backoff {
 public:
  using Milliseconds = std::chrono::milliseconds;
  // Evenly distributed in [0, 1).
  using Random = std::function<double()>;

  Backoff(Milliseconds ceiling, Random random) : ceiling_(ceiling), random_(std::move(random)) {}

  Milliseconds next();
  // The refusal will not heal by itself: as if it had failed for long.
  void widen() { attempt_ = attempts_to_ceiling_max; }
  void reset() { attempt_ = 0; }

 private:
  static constexpr int attempts_to_ceiling_max = 30;

  Milliseconds ceiling_;
  Random random_;
  int attempt_ = 0;
};

}  // namespace croft::device
