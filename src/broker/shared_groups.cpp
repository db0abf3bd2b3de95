#include "broker/shared_groups.h"

#include <algorithm>

#include "types/assert.h"

namespace croft::broker {

void SharedGroups::set(std::string_view filter, std::string_view client_id, ShardIndex shard, Membership membership) {
  const auto shared = mqtt::parse_shared(filter);
  CROFT_ASSERT(shared);
  std::unique_lock lock(mutex_);
  auto found = groups_.find(filter);
  if (found == groups_.end()) {
    if (membership == Membership::none) return;
    found = groups_.emplace(std::string(filter), std::make_unique<Group>()).first;
    found->second->filter = std::string(filter);
    by_filter_.insert(shared->filter, Entry{found->second.get()});
  }
  std::vector<Member>& members = found->second->members;
  std::erase_if(members, [&](const Member& member) { return member.client_id == client_id; });
  if (membership != Membership::none) members.push_back({std::string(client_id), shard, membership == Membership::here});
  if (members.empty()) {
    by_filter_.erase(shared->filter, Entry{found->second.get()});
    groups_.erase(found);
  }
  const std::size_t before = size_.exchange(groups_.size(), std::memory_order_acq_rel);
  if (before != groups_.size()) version_.fetch_add(1, std::memory_order_release);
}

const SharedGroups::Member* SharedGroups::next(const Group& group, mqtt::QoS qos) {
  const std::size_t count = group.members.size();
  const std::size_t turn = group.turn.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < count; ++i) {
    const Member& member = group.members[(turn + i) % count];
    if (member.here) return &member;
  }
  return qos == mqtt::QoS::at_most_once ? nullptr : &group.members[turn % count];
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
  std::shared_lock lock(mutex_);
  by_filter_.match(topic, parent, [&](const Entry& entry) {
    if (const Member* member = next(*entry.group, qos)) picks.push_back({member->shard, member->client_id, entry.group->filter});
  });
  return picks;
}

std::vector<SharedGroups::Pick> SharedGroups::pick_again(std::string_view filter, mqtt::QoS qos) const {
  std::shared_lock lock(mutex_);
  const auto found = groups_.find(filter);
  if (found == groups_.end()) return {};
  const Member* member = next(*found->second, qos);
  if (!member) return {};
  return {{member->shard, member->client_id, std::string(filter)}};
}

}  // namespace croft::broker
