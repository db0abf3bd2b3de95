#include <set>
#include <unordered_map>

#include "sqs/line.h"
#include "types/assert.h"

namespace croft::sqs {

namespace {

class FifoLine final : public Line {
 public:
  FifoLine(const Store& store, const Rows& rows, std::size_t window)
      : store_(store), rows_(rows), window_max_(window) {}

  void add(const Standing& message) override {
    if (!is_whole_ && message.place.sequence > horizon_) return;
    if (is_whole_ && window_.size() >= 2 * window_max_) {
      is_whole_ = false;
      horizon_ = window_.rbegin()->first;
      if (message.place.sequence > horizon_) return;
    }
    insert(message.place.sequence, message.state);
  }

  void remove(Place place) override {
    const auto found = window_.find(place.sequence);
    if (found == window_.end()) return;
    Group& group = *found->second.group;
    retire(group);
    group.messages.erase(place.sequence);
    if (const State& state = found->second.state;
        hidden_.erase({state.visible_ms, place.sequence}) && state.was_received())
      --group.in_flight;
    window_.erase(found);
    if (group.messages.empty())
      groups_.erase(group.id);
    else
      offer(group);
  }

  void clear() override {
    window_.clear();
    groups_.clear();
    free_.clear();
    hidden_.clear();
    is_whole_ = true;
  }

  std::vector<Standing> ready(std::int64_t now_ms, std::size_t count) override {
    fill();
    reveal(now_ms);
    std::vector<Standing> found;
    for (const auto& [head, group] : free_) {
      for (const Sequence sequence : group->messages) {
        const State& state = window_.at(sequence).state;
        if (found.size() == count || state.is_hidden(now_ms)) break;
        found.push_back({{0, sequence}, state});
      }
      if (found.size() == count) break;
    }
    return found;
  }

  std::optional<std::int64_t> next_visible_ms(std::int64_t now_ms) override {
    fill();
    reveal(now_ms);
    return hidden_.empty() ? std::nullopt : std::optional(hidden_.begin()->first);
  }

 private:
  struct Group {
    std::string id;
    std::set<Sequence> messages;
    std::size_t in_flight = 0;
  };
  struct Waiting {
    State state;
    Group* group;
  };

  void insert(Sequence sequence, const State& state) {
    auto& group = groups_[state.group_id];
    if (!group) group = std::make_unique<Group>(Group{.id = state.group_id, .messages = {}, .in_flight = 0});
    retire(*group);
    window_.emplace(sequence, Waiting{state, group.get()});
    group->messages.insert(sequence);
    if (state.is_hidden(now_ms_)) {
      hidden_.emplace(state.visible_ms, sequence);
      if (state.was_received()) ++group->in_flight;
    }
    offer(*group);
  }

  // A group is free while nothing of it is in flight and its first message is visible.
  void offer(Group& group) {
    const Sequence head = *group.messages.begin();
    if (group.in_flight == 0 && !window_.at(head).state.is_hidden(now_ms_)) free_.emplace(head, &group);
  }
  void retire(Group& group) {
    if (!group.messages.empty()) free_.erase(*group.messages.begin());
  }

  void reveal(std::int64_t now_ms) {
    now_ms_ = std::max(now_ms_, now_ms);
    while (!hidden_.empty() && hidden_.begin()->first <= now_ms) {
      const Waiting& message = window_.at(hidden_.begin()->second);
      if (message.state.was_received()) --message.group->in_flight;
      hidden_.erase(hidden_.begin());
      offer(*message.group);
    }
  }

  void fill() {
    if (is_whole_ || window_.size() >= window_max_) return;
    const std::string after = rows_.place({0, horizon_}) + '\0';
    const std::vector<Row> rows = store_.scan(Family::messages, after, rows_.end(Rows::Kind::place), window_max_);
    for (const Row& row : rows) {
      auto state = decoded_state(row.value);
      CROFT_ASSERT(state);
      horizon_ = Rows::place_in(row.key).sequence;
      insert(horizon_, *state);
    }
    is_whole_ = rows.size() < window_max_;
  }

  const Store& store_;
  const Rows rows_;
  const std::size_t window_max_;
  std::map<Sequence, Waiting> window_;
  std::unordered_map<std::string, std::unique_ptr<Group>> groups_;
  std::map<Sequence, Group*> free_;                     // by their first message
  std::set<std::pair<std::int64_t, Sequence>> hidden_;  // in flight or delayed, by when that ends
  std::int64_t now_ms_ = 0;                             // what is hidden at this time is in hidden_
  Sequence horizon_ = 0;
  bool is_whole_ = false;
};

}  // namespace

std::unique_ptr<Line> Line::fifo(const Store& store, const Rows& rows, std::size_t window) {
  return std::make_unique<FifoLine>(store, rows, window);
}

}  // namespace croft::sqs
