#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "types/timestamp.h"

namespace croft::console {

// How long somebody waits before the next password is looked at. Those that were not right are counted for the address they
// come from (of IPv6 for the /64) and for the name they are tried on, whether there is such a user or not.
//
// An address waits after its 5th wrong one: a second, then twice as long each time, up to five minutes. A name that was
// tried in vain 20 times from anywhere waits between guesses too, up to half a minute, but not for an address from which that
// name signed in before: so strangers who guess do not lock out whoever the name belongs to. A quarter of an hour without a
// wrong one forgets. Source: OWASP, "Blocking Brute Force Attacks" and "Slow Down Online Guessing Attacks with Device Cookies".
//
// Threads: any. Memory: limits::guessers_max rows of each kind; the one that was wrong longest ago makes room.
class Guesses {
 public:
  // Zero: the password may be looked at.
  std::chrono::milliseconds wait(std::string_view name, std::string_view address, MonoTime now) const;
  // Before it is looked at, so that many at once are counted too.
  void is_tried(std::string_view name, std::string_view address, MonoTime now);
  // It was wrong: the waits begin now.
  void was_wrong(std::string_view name, std::string_view address, MonoTime now);
  // It was right: the address's count is forgotten, and the name is at home there.
  void was_right(std::string_view name, std::string_view address, MonoTime now);

 private:
  struct Row {
    unsigned wrong = 0;
    MonoTime last;
  };
  using Rows = std::map<std::string, Row, std::less<>>;
  static void count(Rows& rows, std::string key, MonoTime now);
  static std::chrono::milliseconds wait_of(const Rows& rows, const std::string& key, unsigned free,
                                           std::chrono::milliseconds most, MonoTime now);

  mutable std::mutex mutex_;
  Rows addresses_, names_;
  Rows homes_;  // "NAME ADDRESS"
};

}  // namespace croft::console
