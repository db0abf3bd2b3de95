#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "broker/core.h"
#include "broker/doorstep.h"
#include "broker/hub.h"
#include "broker/message_observer.h"
#include "net/transport.h"

namespace croft::broker {

// What the clocks of the machine say.
Now system_time();

// The broker of one shard: gives the protocol core its sockets and carries messages between shards.
//
// Threads: its shard's, but for what says otherwise.
class ShardBroker final : private Outputs {
 public:
  // The references outlive it.
  ShardBroker(Shard& shard, const Settings& settings, const Authority& authority, Hub& hub,
              std::function<Now()> clock = system_time);
  ~ShardBroker() override;

  // The upward connections, before the first connection.
  void connect_to(Recorder& recorder, MessageObserver& observer);

  // A new connection: it waits on the doorstep, then moves to the shard of its client id.
  void accept(net::Transport transport);
  // What the recorder made durable.
  void recorded(ConnectionId id);
  // A message of the service itself to its subscribers (the recorder brings it to the rules).
  void publish_event(const MessagePtr& message);
  // A message of a client or a rule: subscribers, retained store, rules. `finished` as in MessageObserver.
  void publish(const MessagePtr& message, std::function<void()> finished);
  // From another shard. Threads: any.
  void post(MessagePtr message);
  void post(MessagePtr message, SharedGroups::Pick pick);
  // Of messages from other shards that wait here. Threads: any.
  std::size_t mail_bytes() const { return mail_bytes_.load(std::memory_order_relaxed); }

  void restore(ClientState state);
  bool disconnect(std::string_view client_id, const Core::Ending& ending);
  void tick();
  // Ends every connection and accepts no further one.
  void stop();

  Core& core() { return core_; }
  Shard& shard() { return shard_; }
  std::uint64_t messages_received() const { return messages_received_; }
  std::uint64_t messages_delivered() const { return messages_delivered_; }

 private:
  struct Link;
  using LinkPtr = std::shared_ptr<Link>;

  void send(ConnectionId to, std::string_view bytes) override;
  void send(ConnectionId to, const mqtt::PublishWire& wire, std::uint16_t packet_id, bool dup) override;
  std::size_t unsent(ConnectionId to) const override;
  void close(ConnectionId connection) override;
  void record(Record record) override;
  void publish(MessagePtr message) override;
  void interest(std::string_view filter, bool wanted) override;
  void membership(std::string_view filter, std::string_view client_id, Membership membership) override;

  Task<void> greet(LinkPtr link);
  Task<void> serve(LinkPtr link);
  // A connection whose CONNECT is whole and judged, on its way to the shard of its client id.
  struct Arrival {
    LinkPtr link;
    Doorstep::Decision decision;
    Authority::Verdict verdict;
  };
  Task<void> admit(Arrival arrival);
  void adopt(Arrival arrival);
  void route(const MessagePtr& message);
  struct Mail {
    MessagePtr message;
    std::optional<SharedGroups::Pick> pick;  // for one member of a group; none: for every subscriber here
  };
  void put(Mail mail);
  void deliver(const Mail& mail, Now now);
  void hand_out(const MessagePtr& message, std::vector<SharedGroups::Pick> picks);
  void take_mail();
  void settle();
  void flush();
  void touch(const LinkPtr& link);
  Link* link_of(ConnectionId id) const;

  Shard& shard_;
  const Settings& settings_;
  const Authority& authority_;
  Hub& hub_;
  std::function<Now()> clock_;
  Recorder* recorder_ = nullptr;
  MessageObserver* observer_ = nullptr;
  Core core_;
  std::unordered_map<ConnectionId, LinkPtr> links_;
  std::deque<std::pair<MonoTime, std::weak_ptr<Link>>> doorstep_;  // with its deadline, in order
  std::vector<LinkPtr> dirty_;
  std::vector<Mail> local_;
  bool stopping_ = false;
  std::uint64_t messages_received_ = 0;
  std::uint64_t messages_delivered_ = 0;

  std::mutex mail_mutex_;
  std::vector<Mail> mail_;
  std::atomic<std::size_t> mail_bytes_ = 0;
};

}  // namespace croft::broker
