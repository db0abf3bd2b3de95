#include "console/change_log.h"

namespace croft::console {

void ChangeLog::add(std::string_view subject, std::string row) {
  auto shared = std::make_shared<const std::string>(std::move(row));
  std::lock_guard lock(mutex_);
  if (const auto known = newest_of_.find(subject); known != newest_of_.end()) {
    const Sequence replaced = known->second;
    newest_of_.erase(known);
    changes_.erase(replaced);
  } else if (changes_.size() == changes_max_) {
    const auto oldest = changes_.begin();
    dropped_ = oldest->first;
    newest_of_.erase(oldest->second.subject);
    changes_.erase(oldest);
  }
  const auto added = changes_.emplace_hint(changes_.end(), ++newest_, Change{std::string(subject), std::move(shared)});
  newest_of_.emplace(added->second.subject, newest_);
}

Sequence ChangeLog::newest() const {
  std::lock_guard lock(mutex_);
  return newest_;
}

ChangeLog::Page ChangeLog::read(Sequence after, std::size_t limit) const {
  std::lock_guard lock(mutex_);
  if (after < dropped_) return {.next = newest_, .lost = true};
  Page page{.next = newest_};
  for (auto change = changes_.upper_bound(after); change != changes_.end(); ++change) {
    page.rows.push_back(change->second.row);
    if (page.rows.size() < limit) continue;
    page.next = change->first;
    break;
  }
  return page;
}

ChangeLog::Rows ChangeLog::all() const {
  std::lock_guard lock(mutex_);
  Rows rows;
  for (const auto& [sequence, change] : changes_) rows.push_back(change.row);
  return rows;
}

void ChangeLog::clear() {
  std::lock_guard lock(mutex_);
  dropped_ = newest_;
  newest_of_.clear();
  changes_.clear();
}

}  // namespace croft::console
