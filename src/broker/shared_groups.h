#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "broker/topic_trie.h"
#include "mqtt/packets.h"
#include "shard/shard.h"

namespace croft::broker {

// Whether a client is in a group of shared subscriptions: with a connection, as a session that is away, or no more.
enum class Membership : std::uint8_t { none, away, here };

// The groups of shared subscriptions ("$share/NAME/FILTER") of all shards: each message goes to one member of every
// group whose filter matches. Members take turns; those that are away only when nobody is here, for what a session can
// store. Source: MQTT 5.0, 4.8.2; AWS IoT developer guide, "Shared subscriptions".
//
// Threads: any. Cost: one atomic load while there is no group.
class SharedGroups {
 public:
  struct Pick {
    ShardIndex shard;
    std::string client_id;
    std::string filter;  // the whole "$share/NAME/FILTER"
  };

  // Changes, upwards, whenever there is a group more or less.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  // Whether a message on `topic` concerns a group.
  bool matches_any(std::string_view topic, mqtt::ParentMatch parent) const;

  void set(std::string_view filter, std::string_view client_id, ShardIndex shard, Membership membership);
  // One member of each group for a message on `topic`.
  std::vector<Pick> pick(std::string_view topic, mqtt::QoS qos, mqtt::ParentMatch parent) const;
  // Another member of one group, when the picked one has gone meanwhile; nothing when none is left.
  std::vector<Pick> pick_again(std::string_view filter, mqtt::QoS qos) const;

 private:
  struct Member {
    std::string client_id;
    ShardIndex shard;
    bool here;
  };
  struct Group {
    std::string filter;
    std::vector<Member> members;
    mutable std::atomic<std::size_t> turn{0};
  };
  struct Entry {
    const Group* group;
    friend bool same_owner(const Entry& a, const Entry& b) { return a.group == b.group; }
  };
  static const Member* next(const Group& group, mqtt::QoS qos);

  mutable std::shared_mutex mutex_;
  std::map<std::string, std::unique_ptr<Group>, std::less<>> groups_;
  TopicTrie<Entry> by_filter_;
  std::atomic<std::size_t> size_{0};
  std::atomic<std::uint64_t> version_{1};
};

}  // namespace croft::broker
