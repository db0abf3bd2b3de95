#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "console/limits.h"
#include "gateway/served_call.h"

namespace croft::console {

// What the latest calls asked for and what failed ones were told, for who looks at one of them. Inputs that can hold a secret are
// not kept, nor is what signs a call.
//
// Threads: any. Memory: at most 12 KB a call, of as many as there are places.
class CallInputs {
 public:
  static constexpr std::size_t places = limits::calls_max + limits::own_calls_max;

  // `number` is the next one: 1, 2, …. It takes the place of an older one.
  void add(std::size_t place, std::uint64_t number, const gateway::ServedCall& call);
  // {"number", "input": {…}, "headers": {…}, "payload", "message" (of an error), "leftOut": "secret" | "long" | "none" (there was
  // none to read)}, each but the number where there is one; "" of a call that is not among the latest.
  std::string describe(std::uint64_t number) const;

 private:
  struct Kept {
    std::uint64_t number = 0;
    std::string document, payload, message;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string_view left_out;
  };

  mutable std::mutex mutex_;
  std::vector<Kept> kept_ = std::vector<Kept>(places);
};

// An operation whose input AWS's models call sensitive in more than its payload and headers, or may hold what people keep secret.
bool has_secrets(std::string_view service, std::string_view operation);

}  // namespace croft::console
