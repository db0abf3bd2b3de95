#include "sqs/line.h"
#include "types/assert.h"

namespace croft::sqs {

namespace {

class StandardLine final : public Line {
 public:
  StandardLine(const Store& store, const Rows& rows, std::size_t window)
      : store_(store), rows_(rows), window_max_(window) {}

  void add(const Standing& message) override {
    if (!is_whole_ && message.place > horizon_) return;
    window_.emplace(message.place, message.state);
    if (window_.size() > 2 * window_max_) shrink();
  }

  void remove(Place place) override { window_.erase(place); }

  void clear() override {
    window_.clear();
    is_whole_ = true;
  }

  std::vector<Standing> ready(std::int64_t now_ms, std::size_t count) override {
    std::vector<Standing> found;
    fill(now_ms, count);
    for (auto it = window_.begin(); it != window_.end() && found.size() < count && it->first.at_ms <= now_ms; ++it)
      found.push_back({it->first, it->second});
    return found;
  }

  std::optional<std::int64_t> next_visible_ms(std::int64_t now_ms) override {
    fill(now_ms, 1);
    const auto next = window_.upper_bound(Place{now_ms, UINT64_MAX});
    return next == window_.end() ? std::nullopt : std::optional(next->first.at_ms);
  }

 private:
  // Only as many as are asked for are counted: a long line is not walked.
  bool has_ready(std::int64_t now_ms, std::size_t count) const {
    std::size_t seen = 0;
    for (auto it = window_.begin(); it != window_.end() && seen < count; ++it, ++seen)
      if (it->first.at_ms > now_ms) return true;  // what is beyond the window is later still
    return seen == count;
  }

  void fill(std::int64_t now_ms, std::size_t count) {
    if (is_whole_ || has_ready(now_ms, count)) return;
    const std::string after = rows_.place(horizon_) + '\0';
    const std::vector<Row> rows = store_.scan(Family::messages, after, rows_.end(Rows::Kind::place), window_max_);
    for (const Row& row : rows) {
      auto state = decoded_state(row.value);
      CROFT_ASSERT(state);
      horizon_ = Rows::place_in(row.key);
      window_.emplace(horizon_, std::move(*state));
    }
    is_whole_ = rows.size() < window_max_;
  }

  void shrink() {
    while (window_.size() > window_max_) window_.erase(std::prev(window_.end()));
    horizon_ = std::prev(window_.end())->first;
    is_whole_ = false;
  }

  const Store& store_;
  const Rows rows_;
  const std::size_t window_max_;
  std::map<Place, State> window_;
  Place horizon_;          // every row up to it is in the window
  bool is_whole_ = false;  // every row there is; the horizon does not count
};

}  // namespace

std::unique_ptr<Line> Line::standard(const Store& store, const Rows& rows, std::size_t window) {
  return std::make_unique<StandardLine>(store, rows, window);
}

}  // namespace croft::sqs
