#include "broker/shared_groups.h"

#include <algorithm>

#include "types/assert.h"

namespace croft::broker {

std::vector<SharedGroups::Waiting> SharedGroups::set(std::string_view filter, std::string_view client_id, ShardIndex shard,
                                                     Membership membership, Keeping keeping) {
  const auto shared = mqtt::parse_shared(filter);
  CROFT_ASSERT(shared);
  std::vector<Waiting> orphans;
  std::unique_lock lock(mutex_);
  auto found = groups_.find(filter);
  if (found == groups_.end()) {
    if (membership == Membership::none) return orphans;
    found = groups_.emplace(std::string(filter), std::make_unique<Group>()).first;
    found->second->filter = std::string(filter);
    by_filter_.insert(shared->filter, Entry{found->second.get()});
  }
  Group& group = *found->second;
  std::erase_if(group.members, [&](const Member& member) { return member.client_id == client_id; });
  if (membership != Membership::none)
    group.members.push_back({std::string(client_id), shard, membership == Membership::here, keeping});
  if (!is_anyone_here(group)) unblock(group);
  if (group.members.empty()) {
    for (Waiting& waiting : group.waiting) {
      forget(waiting);
      orphans.push_back(std::move(waiting));
    }
    by_filter_.erase(shared->filter, Entry{&group});
    groups_.erase(found);
  }
  const std::size_t before = size_.exchange(groups_.size(), std::memory_order_acq_rel);
  if (before != groups_.size()) version_.fetch_add(1, std::memory_order_release);
  return orphans;
}

void SharedGroups::forget(const Waiting& waiting) {
  waiting_.fetch_sub(1, std::memory_order_acq_rel);
  waiting_bytes_.fetch_sub(waiting.message->bytes(), std::memory_order_relaxed);
}

void SharedGroups::unblock(Group& group) {
  if (group.blocking == 0) return;
  for (Waiting& waiting : group.waiting)
    if (std::exchange(waiting.blocking, false)) waiting.message->source()->unblock();
  group.blocking = 0;
}

bool SharedGroups::is_anyone_here(const Group& group) {
  return std::any_of(group.members.begin(), group.members.end(), [](const Member& member) { return member.here; });
}

bool SharedGroups::keeps(const Group& group, Keeping least) {
  return std::any_of(group.members.begin(), group.members.end(), [=](const Member& member) { return member.keeping >= least; });
}

const SharedGroups::Member* SharedGroups::next_here(const Group& group) {
  const std::size_t count = group.members.size();
  const std::size_t turn = group.turn.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < count; ++i) {
    const Member& member = group.members[(turn + i) % count];
    if (member.here) return &member;
  }
  return nullptr;
}

bool SharedGroups::matches_any(std::string_view topic, mqtt::ParentMatch parent) const {
  if (size_.load(std::memory_order_acquire) == 0) return false;
  bool found = false;
  std::shared_lock lock(mutex_);
  by_filter_.match(topic, parent, [&](const Entry&) { found = true; });
  return found;
}

std::vector<SharedGroups::Pick> SharedGroups::pick(std::string_view topic, mqtt::QoS qos, mqtt::ParentMatch parent) const {
  std::vector<Pick> picks;
  if (size_.load(std::memory_order_acquire) == 0) return picks;
  const bool may_wait = qos != mqtt::QoS::at_most_once;
  std::shared_lock lock(mutex_);
  by_filter_.match(topic, parent, [&](const Entry& entry) {
    const Group& group = *entry.group;
    const Member* member = may_wait && !group.waiting.empty() ? nullptr : next_here(group);
    const bool needs_row =
        may_wait && member && member->keeping == Keeping::while_connected && keeps(group, Keeping::lasting);
    if (member && !needs_row) picks.push_back(pick_of(group, *member));
    else if (may_wait && keeps(group)) picks.push_back({0, "", group.filter});
  });
  return picks;
}

std::vector<SharedGroups::Pick> SharedGroups::pick_again(std::string_view filter) const {
  std::shared_lock lock(mutex_);
  const auto found = groups_.find(filter);
  const Member* member = found == groups_.end() ? nullptr : next_here(*found->second);
  if (!member) return {};
  return {pick_of(*found->second, *member)};
}

SharedGroups::Offered SharedGroups::offer(std::string_view filter, Waiting waiting) {
  using enum Offered::Outcome;
  std::unique_lock lock(mutex_);
  const auto found = groups_.find(filter);
  if (found == groups_.end()) return {is_gone};
  Group& group = *found->second;
  const Member* member = next_here(group);
  if (member && (group.waiting.empty() || !keeps(group))) return {given, pick_of(group, *member)};
  if (!keeps(group)) return {is_gone};
  const std::size_t bytes = waiting.message->bytes();
  if (group.waiting.size() >= settings_.group_messages_max || waiting_bytes() + bytes > settings_.queued_total_bytes_max)
    return {is_full};
  if (member && !group.is_stalled && group.waiting.size() >= settings_.blocking_messages) {
    waiting.blocking = true;
    waiting.message->source()->block();
    ++group.blocking;
  }
  group.waiting.push_back(std::move(waiting));
  waiting_.fetch_add(1, std::memory_order_acq_rel);
  waiting_bytes_.fetch_add(bytes, std::memory_order_relaxed);
  return {waits};
}

std::vector<SharedGroups::Waiting> SharedGroups::take(std::string_view filter, std::size_t most) {
  std::vector<Waiting> taken;
  if (!has_waiting(filter)) return taken;
  std::unique_lock lock(mutex_);
  const auto found = groups_.find(filter);
  if (found == groups_.end()) return taken;
  Group& group = *found->second;
  while (taken.size() < most && !group.waiting.empty()) {
    Waiting& first = group.waiting.front();
    if (std::exchange(first.blocking, false)) {
      first.message->source()->unblock();
      --group.blocking;
    }
    forget(first);
    taken.push_back(std::move(first));
    group.waiting.pop_front();
  }
  if (!taken.empty()) ++group.takes;
  group.is_stalled = false;
  return taken;
}

// Members ask often, mostly in vain: that needs no lock of their own.
bool SharedGroups::has_waiting(std::string_view filter) const {
  std::shared_lock lock(mutex_);
  const auto found = groups_.find(filter);
  return found != groups_.end() && !found->second->waiting.empty();
}

bool SharedGroups::has_members(std::string_view filter) const {
  std::shared_lock lock(mutex_);
  return groups_.contains(filter);
}

void SharedGroups::release_stalled(MonoTime now) {
  if (!any_waiting()) return;
  std::unique_lock lock(mutex_);
  for (const auto& [filter, group] : groups_) {
    if (group->blocking == 0 || group->takes != group->takes_seen || group->taken_at.ms < 0) {
      group->takes_seen = group->takes;
      group->taken_at = now;
    } else if (now.ms - group->taken_at.ms >= std::int64_t{settings_.stalled_after_s} * 1000) {
      unblock(*group);
      group->is_stalled = true;
    }
  }
}

}  // namespace croft::broker
