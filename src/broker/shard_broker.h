#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "broker/core.h"
#include "broker/doorstep.h"
#include "broker/figures.h"
#include "broker/hub.h"
#include "broker/message_observer.h"
#include "broker/receipts.h"
#include "broker/rule_rows.h"
#include "net/transport.h"
#include "observe/timelines.h"

namespace croft::broker {

// What the clocks of the machine say.
Now system_time();

// The broker of one shard: gives the protocol core its sockets and carries messages between shards.
//
// What the core does in one turn of the shard's loop is written once for each connection, at the turn's end; receipts
// and releases wait there for the disk and for other shards (see Receipts).
//
// Threads: its shard's, but for what says otherwise.
class ShardBroker final : private Outputs {
 public:
  // The references outlive it. `store` nullptr: sessions do not outlive the process.
  ShardBroker(Shard& shard, const Settings& settings, const Authority& authority, Hub& hub, Store* store,
              std::function<Now()> clock = system_time);
  ~ShardBroker() override;

  // The upward connections, before the first connection; without timelines nobody is told how much clients publish.
  void connect_to(Recorder& recorder, MessageObserver& observer, trace::Timelines* timelines = nullptr);

  // A new connection: it waits on the doorstep, then moves to the shard of its client id.
  void accept(net::Transport transport);
  // What the recorder made durable.
  void recorded(ConnectionId id);
  // A message of the service itself to its subscribers (the recorder brings it to the rules).
  void publish_event(const MessagePtr& message);
  // A message of a client or a rule: subscribers, retained store, rules. `kept` (may be empty) is called on the shard when
  // all that it left behind is durable, for QoS 0 at once.
  void publish(const MessagePtr& message, std::function<void()> kept);
  // A message that an earlier process left to the rules.
  void resume(const rule_rows::Row& row);
  // From another shard. Threads: any.
  void post(MessagePtr message);
  // Of messages from other shards that wait here. Threads: any.
  std::size_t mail_bytes() const { return mail_bytes_.load(std::memory_order_relaxed); }
  std::size_t mail_count();  // as mail_bytes()

  void restore(StoredClient stored);
  bool disconnect(std::string_view client_id, const Core::Ending& ending);
  void tick();
  // From here on what that client's connection carries is told to `trace`; see Hub::traces().
  void begin_trace(const std::string& client_id, const PacketTracePtr& trace);
  // Ends every connection and accepts no further one.
  void stop();
  const Figures& figures() const { return figures_; }

  Core& core() { return core_; }
  Shard& shard() { return shard_; }

 private:
  struct Link;
  using LinkPtr = std::shared_ptr<Link>;
  // What a turn gave to other shards, which let go of it when they have stored what they must: then the ids of the QoS 2
  // messages are stored too, and then the turn's wait is over.
  struct Abroad {
    Store* store;
    Receipts::TicketPtr ticket;
    Batch received;
    ~Abroad();
  };
  using AbroadPtr = std::shared_ptr<Abroad>;
  struct Mail {
    MessagePtr message;
    std::optional<SharedGroups::Pick> pick;  // for one member of a group; none: for every subscriber here
    AbroadPtr abroad;                        // of the sender's turn; may be null
    std::uint64_t group_row = 0;             // of the message, see group_rows
  };
  // A message for a group that had nobody for it.
  struct Parked {
    std::string filter;
    SharedGroups::Waiting waiting;
  };

  void close(Outlet& outlet) override;
  void record(Record record) override;
  void published(std::string_view client_id, std::uint64_t messages, Timestamp since, Timestamp until) override;
  Batch& turn_rows() override { return rows_; }
  Batch& received_rows() override { return received_rows_; }
  Reach reach(std::string_view topic) const override;
  std::uint64_t reach_version() const override;
  void publish_further(const MessagePtr& message, const Reach& reach) override;
  void wait_for_disk() override { keeps_ = true; }
  void handed_out(std::size_t bytes) override;
  void interest(std::string_view filter, bool wanted) override;
  void membership(std::string_view filter, std::string_view client_id, Membership membership, Keeping keeping) override;
  bool hand_on(std::string_view filter, const MessagePtr& message, std::uint64_t group_row) override;
  bool groups_wait() const override { return hub_.shared().any_waiting(); }
  std::vector<SharedGroups::Waiting> take_waiting(std::string_view filter, std::size_t most) override;

  Task<void> greet(LinkPtr link);
  bool received(Link& link, std::span<const char> bytes);
  void ended(Link& link);
  bool must_wait(const Link& link) const;
  Task<void> have_patience(LinkPtr link);
  // A connection whose CONNECT is whole and judged, on its way to the shard of its client id.
  struct Arrival {
    LinkPtr link;
    Doorstep::Decision decision;
    Authority::Verdict verdict;
  };
  Task<void> admit(Arrival arrival);
  void adopt(Arrival arrival);
  void trace_arrival(Link& link, const Doorstep::Decision& decision);
  void drop(Link& link);
  Link* link_of(Outlet* outlet) const;
  void count_refusal(std::string_view answer);
  Now input_time();

  void forward(const MessagePtr& message, const Reach& reach);
  void hand_to_rules(const MessagePtr& message);
  void hand_out(const MessagePtr& message, std::vector<SharedGroups::Pick> picks);
  AbroadPtr abroad_for(const Message& message, const ShardBroker& receiver);
  void put(Mail mail);
  void deliver(const Mail& mail, Now now);
  void take_mail();
  void park(std::string filter, const MessagePtr& message, std::uint64_t group_row);
  void offer_parked();
  void offer(Parked parked);

  void end_turn_soon();
  void end_turn();
  Receipts::TicketPtr write_turn();
  Receipts::TicketPtr keep();
  void send(Link& link, std::uint64_t turn);
  void hold(Link& link, std::uint64_t turn, std::string& lane, bool receipts);
  void release(Link& link);
  void end_wait(std::uint64_t turn);
  void give_back(LanesPtr lanes);
  void trace_sent(Link& link, std::string_view bytes);

  Shard& shard_;
  const Settings& settings_;
  const Authority& authority_;
  Hub& hub_;
  Store* store_;
  std::function<Now()> clock_;
  Recorder* recorder_ = nullptr;
  MessageObserver* observer_ = nullptr;
  trace::Timelines* timelines_ = nullptr;

  // What this turn did.
  Turn turn_;
  Batch rows_;
  bool keeps_ = false;                            // a retained message was written, or rows went with a record
  bool ends_soon_ = false;
  std::size_t turn_bytes_ = 0;
  Batch received_rows_;
  Receipts::TicketPtr turn_ticket_;               // null: nothing of this turn waits for anything
  AbroadPtr abroad_;                              // null: no other shard has anything to store of this turn
  std::vector<AbroadPtr> theirs_;                 // of messages from other shards
  std::uint64_t carried_ = 0;                       // the turn that ended early, in the midst of an input
  Batch over_rows_;                                 // erased: rules are done with them; nobody waits for it
  std::vector<std::function<void()>> kept_;         // who waits for the turn beside the connections
  std::vector<LanesPtr> spare_lanes_;
  std::vector<Parked> parked_;                      // of this turn
  std::vector<Parked> offers_;                      // of turns whose rows are on their way to the disk

  Receipts receipts_;
  // What each turn holds up.
  struct Waiting {
    std::vector<std::weak_ptr<Outlet>> links;
    std::vector<std::function<void()>> kept;
  };
  std::map<std::uint64_t, Waiting> waiting_;
  Core core_;
  Figures figures_;
  std::int64_t turn_began_us_ = 0;   // at its first input
  std::uint64_t timed_ = 0;          // messages received whose time is in figures_
  std::deque<std::pair<MonoTime, std::weak_ptr<Link>>> doorstep_;  // with its deadline, in order
  std::shared_ptr<std::size_t> at_door_ = std::make_shared<std::size_t>(0);  // without a CONNECT yet
  bool stopping_ = false;
  std::atomic<std::size_t> stored_sessions_{0};

  std::mutex mail_mutex_;
  std::vector<Mail> mail_;
  std::atomic<std::size_t> mail_bytes_ = 0;
};

}  // namespace croft::broker
