#include "console/change_log.h"

namespace croft::console {

void ChangeLog::add(std::string_view subject, std::string row) {
  auto shared = std::make_shared<const std::string>(std::move(row));
  std::lock_guard lock(mutex_);
  if (const auto known = newest_of_.find(subject); known != newest_of_.end()) {
    changes_[known->second - first_].row = nullptr;
    newest_of_.erase(known);
  }
  if (changes_.size() == changes_max_) {
    const Change& oldest = changes_.front();
    if (oldest.row) newest_of_.erase(oldest.subject);
    changes_.pop_front();
    ++first_;
  }
  const Change& added = changes_.emplace_back(Change{std::string(subject), std::move(shared)});
  newest_of_.emplace(added.subject, first_ + changes_.size() - 1);
}

Sequence ChangeLog::newest() const {
  std::lock_guard lock(mutex_);
  return first_ + changes_.size() - 1;
}

Sequence ChangeLog::oldest() const {
  std::lock_guard lock(mutex_);
  return first_;
}

ChangeLog::Page ChangeLog::read(Sequence after, std::size_t limit) const {
  std::lock_guard lock(mutex_);
  Page page{.next = after};
  if (after + 1 < first_) return {.next = first_ + changes_.size() - 1, .lost = true};
  while (page.next < first_ + changes_.size() - 1 && page.rows.size() < limit) {
    ++page.next;
    if (const auto& row = changes_[page.next - first_].row) page.rows.push_back(row);
  }
  return page;
}

void ChangeLog::clear() {
  std::lock_guard lock(mutex_);
  first_ += changes_.size();
  newest_of_.clear();
  changes_.clear();
}

}  // namespace croft::console
