#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "broker/message.h"
#include "broker/settings.h"
#include "broker/topic_trie.h"
#include "mqtt/packets.h"
#include "shard/shard.h"

namespace croft::broker {

// Whether a client is in a group of shared subscriptions: with a connection, as a session that is away, or no more.
enum class Membership : std::uint8_t { none, away, here };
// What a member keeps of QoS 1 and 2 messages: nothing at QoS 0; what its connection has; what its lasting session has.
enum class Keeping : std::uint8_t { nothing, while_connected, lasting };

// The groups of shared subscriptions ("$share/NAME/FILTER") of all shards: each message goes to one member of every
// group whose filter matches. Members take turns. What comes while nobody is here waits for the group, and so does what
// comes behind it: a member that is here takes from the front as fast as it acknowledges.
// Source: MQTT 5.0, 4.8.2; AWS IoT developer guide, "Shared subscriptions".
//
// Threads: any. Cost: one atomic load while there is no group.
class SharedGroups {
 public:
  explicit SharedGroups(const Settings& settings = {}) : settings_(settings) {}

  struct Pick {
    ShardIndex shard;
    std::string client_id;  // "": for nobody yet, see offer()
    std::string filter;     // the whole "$share/NAME/FILTER"
  };
  // A message for some member of a group.
  struct Waiting {
    MessagePtr message;
    std::uint64_t row = 0;  // of group_rows; 0 = none
    bool blocking = false;  // counted in its source
  };
  struct Offered {
    enum class Outcome : std::uint8_t {
      given,    // to the member of `pick`
      waits,
      is_full,  // too many wait: what waits longest stays. Source: the same, "Message queuing"
      is_gone,  // the group has no member for whom something is kept
    } outcome;
    Pick pick{};
  };

  // Changes, upwards, whenever there is a group more or less.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  // Whether a message on `topic` concerns a group.
  bool matches_any(std::string_view topic, mqtt::ParentMatch parent) const;

  // Returns what waited for a group that ended by this.
  std::vector<Waiting> set(std::string_view filter, std::string_view client_id, ShardIndex shard, Membership membership,
                           Keeping keeping);
  // One member of each group for a message on `topic`, or nobody yet: nobody is here, others wait, or it needs a row
  // because it would go to a member that loses it with its connection, and the group has lasting ones.
  std::vector<Pick> pick(std::string_view topic, mqtt::QoS qos, mqtt::ParentMatch parent) const;
  // A member of one group that is here; nothing when none is. For QoS 0, of which nothing waits.
  std::vector<Pick> pick_again(std::string_view filter) const;

  // A QoS 1 or 2 message for the first member that can take it. Its row, if it has one, is on its way to the disk.
  Offered offer(std::string_view filter, Waiting waiting);
  // The first of those that wait; they are for a member that is here.
  std::vector<Waiting> take(std::string_view filter, std::size_t most);
  bool has_members(std::string_view filter) const;
  // Whether anything waits for any group.
  bool any_waiting() const { return waiting_.load(std::memory_order_acquire) > 0; }
  std::size_t waiting_bytes() const { return waiting_bytes_.load(std::memory_order_relaxed); }
  // Lets go on who is slowed down by groups whose members take nothing. At least once a second.
  void release_stalled(MonoTime now);

 private:
  struct Member {
    std::string client_id;
    ShardIndex shard;
    bool here;
    Keeping keeping;
  };
  struct Group {
    std::string filter;
    std::vector<Member> members;
    std::deque<Waiting> waiting;
    std::size_t blocking = 0;      // of those that wait
    bool is_stalled = false;       // nobody is to be slowed down by it
    std::uint64_t takes = 0;
    std::uint64_t takes_seen = 0;  // at taken_at, a tick
    MonoTime taken_at{-1};
    mutable std::atomic<std::size_t> turn{0};
  };
  struct Entry {
    const Group* group;
    friend bool same_owner(const Entry& a, const Entry& b) { return a.group == b.group; }
  };
  static bool is_anyone_here(const Group& group);
  static bool keeps(const Group& group, Keeping least = Keeping::while_connected);
  static const Member* next_here(const Group& group);
  static Pick pick_of(const Group& group, const Member& member) { return {member.shard, member.client_id, group.filter}; }
  static void unblock(Group& group);
  bool has_waiting(std::string_view filter) const;
  void forget(const Waiting& waiting);

  const Settings settings_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, std::unique_ptr<Group>, std::less<>> groups_;
  TopicTrie<Entry> by_filter_;
  std::atomic<std::size_t> size_{0};
  std::atomic<std::uint64_t> version_{1};
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::size_t> waiting_bytes_{0};
};

}  // namespace croft::broker
