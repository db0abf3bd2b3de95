#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "text/json.h"
#include "types/timestamp.h"

namespace croft::app {

// Why somebody was not allowed something.
struct Refusal {
  enum class Decision : std::uint8_t {
    explicit_deny,  // a statement denies it
    implicit_deny,  // no statement allows it
    refused         // before any policy was asked: see `why`
  };

  Timestamp time{};
  std::string action;     // "iot:Publish"; "TLS" for a handshake
  std::string resource;   // ARN; "" for a handshake
  std::string principal;  // "" when nobody could be identified
  std::string address;    // "" when it is not known
  Decision decision = Decision::refused;
  std::string policy{};                  // explicit_deny: its name
  std::string sid{};                     // of the statement that denies, if it has one
  std::size_t statement = 0;             // its number in the document, from 1
  std::vector<std::string> looked_at{};  // the policies that were asked
  std::string why{};                     // refused: the reason, without a secret
  std::uint64_t count = 1;               // so often in a row; `time` is the last one's

  // The decision as a sentence for the log and for people.
  std::string sentence() const;
};

json::object describe(const Refusal& refusal);

// The latest refusals of each client id, for `croft devices why`. What happens again right after itself is counted, not
// repeated. In memory only.
//
// Threads: any. Memory: about 0.5 KB a refusal, so 80 MB when ten thousand client ids have sixteen each.
class Refusals {
 public:
  explicit Refusals(std::size_t subjects_max, std::size_t each_max = 16) : subjects_max_(subjects_max), each_max_(each_max) {}

  // False when it only counts on. The subject that was refused longest ago makes room for a new one.
  bool add(std::string_view subject, Refusal refusal);
  // Oldest first.
  std::vector<Refusal> of(std::string_view subject) const;
  std::size_t subjects() const;
  // The last refusal of each of those that were refused last, newest first; how many subjects at most.
  std::vector<std::pair<std::string, Refusal>> latest(std::size_t limit) const;

 private:
  struct Entry {
    std::string subject;
    std::deque<Refusal> refusals;
  };
  using Entries = std::list<Entry>;  // the one that was refused last is at the back

  const std::size_t subjects_max_;
  const std::size_t each_max_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_subject_;
};

// Those of clients, and of certificates that never came as far as a client id.
struct RefusalBooks {
  Refusals clients{10'000};
  Refusals certificates{1'000};
};

}  // namespace croft::app
