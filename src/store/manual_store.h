// For tests: a Store in memory whose commits take effect and are told when the test says so.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "store/store.h"
#include "types/assert.h"

namespace croft {

class ManualStore final : public Store {
 public:
  std::optional<std::string> get(Family family, std::string_view key) const override {
    const auto found = rows(family).find(key);
    return found == rows(family).end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<Row> scan(Family family, std::string_view from, std::string_view to, std::size_t limit,
                        bool reverse) const override {
    std::vector<Row> found;
    visit(family, from, to, reverse, [&](std::string_view key, std::string_view value) {
      if (found.size() == limit) return false;
      found.push_back({std::string(key), std::string(value)});
      return true;
    });
    return found;
  }
  void visit(Family family, std::string_view from, std::string_view to, bool reverse,
             const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    const auto& all = rows(family);
    const auto first = all.lower_bound(from), last = to.empty() ? all.end() : all.lower_bound(to);
    if (!reverse) {
      for (auto it = first; it != last; ++it)
        if (!visit(it->first, it->second)) return;
      return;
    }
    for (auto it = last; it != first;) {
      --it;
      if (!visit(it->first, it->second)) return;
    }
  }
  void write(Batch batch) override { apply(batch); }
  Task<void> durable() override { co_return; }
  void commit(Batch batch, std::function<void()> done) override {
    queued_.push_back({std::move(batch), std::move(done)});
  }
  using Store::commit;
  std::shared_ptr<const StoreView> snapshot() const override {
    auto copy = std::make_shared<ManualStore>();
    copy->families_ = families_;
    return copy;
  }
  Result<void> checkpoint(const std::string&) const override {
    return Error{"StoreFailure", "the store is in memory: there is nothing on disk to copy"};
  }
  std::uint64_t size() const override { return 0; }

  // The oldest queued batch takes effect; its committer is not told yet.
  void apply_one() {
    if (queued_.empty()) return;
    if (on_commit) on_commit(queued_.front().first);
    apply(queued_.front().first);
    applied_.push_back(std::move(queued_.front().second));
    queued_.pop_front();
  }
  // The oldest batch that took effect is told.
  void tell_one() {
    if (applied_.empty()) return;
    const auto done = std::move(applied_.front());
    applied_.pop_front();
    done();
  }
  void finish_all() {
    while (!queued_.empty()) apply_one();
    while (!applied_.empty()) tell_one();
  }
  bool is_idle() const { return queued_.empty() && applied_.empty(); }
  // What was queued is lost, and nobody is there to be told.
  void crash() {
    queued_.clear();
    applied_.clear();
  }

  std::function<void(const Batch&)> on_commit;

 private:
  using Rows = std::map<std::string, std::string, std::less<>>;
  const Rows& rows(Family family) const { return families_[static_cast<std::size_t>(family)]; }

  void apply(const Batch& batch) {
    for (const Batch::Op& op : batch.ops()) {
      Rows& family = families_[static_cast<std::size_t>(op.family)];
      switch (op.kind) {
        case Batch::Op::Kind::put:
          family[op.key] = op.value;
          break;
        case Batch::Op::Kind::erase:
          family.erase(op.key);
          break;
        case Batch::Op::Kind::erase_range:
          family.erase(family.lower_bound(op.key), family.lower_bound(op.value));
          break;
      }
    }
  }

  std::array<Rows, family_count> families_;
  std::deque<std::pair<Batch, std::function<void()>>> queued_;
  std::deque<std::function<void()>> applied_;
};

}  // namespace croft
