#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace croft::console {

using Sequence = std::uint64_t;

// The latest changes, for readers who read at their own speed. Of one subject (a client id) only its newest change is kept,
// so who is behind gets a merged state, and less of it; who is further behind than `changes_max` is told so.
//
// Threads: any. Memory: at most `changes_max` rows.
class ChangeLog {
 public:
  explicit ChangeLog(std::size_t changes_max) : changes_max_(changes_max) {}

  // `row` replaces what was told of the subject before.
  void add(std::string_view subject, std::string row);
  // The sequence of the newest change; 0 = there was none.
  Sequence newest() const;
  // The sequence of the oldest change that is kept; newest() + 1 = there is none.
  Sequence oldest() const;

  struct Page {
    std::vector<std::shared_ptr<const std::string>> rows;  // oldest first
    Sequence next = 0;                                     // what to ask for then
    bool lost = false;  // changes after what was asked for are gone: `rows` is empty and `next` the newest
  };
  // What came after `after`, at most `limit` rows.
  Page read(Sequence after, std::size_t limit) const;
  // Nobody reads: the rows go, their numbers do not come again.
  void clear();

 private:
  struct Change {
    std::string subject;
    std::shared_ptr<const std::string> row;  // null: a newer one of the same subject follows
  };

  const std::size_t changes_max_;
  mutable std::mutex mutex_;
  std::deque<Change> changes_;
  Sequence first_ = 1;  // of changes_.front()
  std::unordered_map<std::string_view, Sequence> newest_of_;  // views of changes_
};

}  // namespace croft::console
