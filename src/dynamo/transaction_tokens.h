#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "store/store.h"
#include "types/timestamp.h"

namespace croft::dynamo {

// The ClientRequestTokens of the transactions of the last ten minutes, each with the fingerprint of its request. Rows of
// the `indexes` family under table number 0, which no table has, in parts of ten minutes: a token is looked for in two
// of them, and older parts go as a whole.
//
// Threads: any; whoever looks a token up and remembers it holds lock_key()'s lock in between. Memory: none.
class TransactionTokens {
 public:
  // The fingerprint that the token was used with, if it was within ten minutes before `now`.
  std::optional<std::string> find(const Store& store, std::string_view token, Timestamp now) const;
  // In the transaction's own batch. Now and then also erases what is too old.
  void remember(Batch& batch, std::string_view token, std::string_view fingerprint, Timestamp now);

  // What to lock beside the items, with the same locks.
  static std::string lock_key(std::string_view token);

 private:
  std::atomic<std::int64_t> erased_below_{0};  // the part
};

}  // namespace croft::dynamo
