#pragma once

#include <cstdint>
#include <map>
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

  using Rows = std::vector<std::shared_ptr<const std::string>>;  // oldest first
  struct Page {
    Rows rows;
    Sequence next = 0;  // what to ask for then
    bool lost = false;  // subjects that changed after what was asked for are gone: `rows` is empty and `next` the newest
  };
  // What came after `after`, at most `limit` rows.
  Page read(Sequence after, std::size_t limit) const;
  Rows all() const;
  // Nobody reads: the rows go, their numbers do not come again.
  void clear();

 private:
  struct Change {
    std::string subject;
    std::shared_ptr<const std::string> row;
  };

  const std::size_t changes_max_;
  mutable std::mutex mutex_;
  std::map<Sequence, Change> changes_;  // one of each subject
  Sequence newest_ = 0;
  Sequence dropped_ = 0;  // the newest that went without a newer one of its subject
  std::unordered_map<std::string_view, Sequence> newest_of_;  // views of changes_
};

}  // namespace croft::console
