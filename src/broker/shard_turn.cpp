// The end of a turn: rows to the committer, bytes to the sockets, receipts when what they promise is so.
#include <iterator>

#include "broker/link.h"

namespace croft::broker {

static constexpr std::size_t spare_lanes_max = 64;       // of a shard, between turns
static constexpr std::size_t lane_bytes_kept = 1 << 20;  // the memory of a larger lane is given back

// After everything that is ready now.
void ShardBroker::end_turn_soon() {
  if (std::exchange(ends_soon_, true)) return;
  shard_.post([this] { end_turn(); });
}

void ShardBroker::end_turn() {
  ends_soon_ = false;
  stored_sessions_.store(core_.stored_session_count(), std::memory_order_release);
  (void)write_turn();
  carried_ = 0;
  if (const std::uint64_t received = core_.counters().received.total(); received != timed_) {
    const std::int64_t took_us = turn_began_us_ == 0 ? 0 : metrics::now_us() - turn_began_us_;
    figures_.publish_time.add(took_us, received - std::exchange(timed_, received));
  }
}

// Hands the rows to the committer, then everything to the sockets but what must wait for them.
Receipts::TicketPtr ShardBroker::write_turn() {
  turn_bytes_ = 0;
  const Receipts::TicketPtr ticket = keep();
  for (const std::shared_ptr<Outlet>& outlet : std::exchange(turn_, {})) {
    Link& link = static_cast<Link&>(*outlet);
    send(link, ticket ? ticket->number : carried_);
    if (link.closing) link.transport.close();
  }
  const std::uint64_t number = ticket ? ticket->number : carried_;
  for (std::function<void()>& kept : std::exchange(kept_, {})) {
    if (receipts_.is_open(number)) waiting_[number].kept.push_back(std::move(kept));
    else kept();
  }
  if (!parked_.empty()) {
    if (offers_.empty()) shard_.post([this] { offer_parked(); });
    std::move(parked_.begin(), parked_.end(), std::back_inserter(offers_));
    parked_.clear();
  }
  return ticket;
}

// The ticket of this turn, when something waits.
Receipts::TicketPtr ShardBroker::keep() {
  Batch rows = std::exchange(rows_, {});
  const AbroadPtr abroad = std::move(abroad_);
  if (abroad) abroad->received = std::exchange(received_rows_, {});
  else rows.append(std::exchange(received_rows_, {}));
  std::vector<AbroadPtr> theirs = std::exchange(theirs_, {});
  const bool writes = std::exchange(keeps_, false) || !rows.empty();
  if (store_ && writes) {
    if (!turn_ticket_) turn_ticket_ = receipts_.open();
    store_->commit(std::move(rows), [theirs = std::move(theirs), ticket = turn_ticket_] {});
  }
  if (store_ && !over_rows_.empty()) store_->commit(std::exchange(over_rows_, {}), [] {});
  return std::exchange(turn_ticket_, nullptr);
}

void ShardBroker::send(Link& link, std::uint64_t turn) {
  LanesPtr lanes = link.take_lanes();
  if (turn != 0 || link.holds() || link.is_blocked()) {
    hold(link, turn, lanes->releases, false);
    hold(link, turn, lanes->receipts, true);
  }
  for (const std::string* lane : {&lanes->releases, &lanes->receipts, &lanes->farewell}) lanes->bytes += *lane;
  if (!lanes->bytes.empty()) link.transport.send(lanes->bytes);
  if (link.trace) trace_sent(link, lanes->bytes);
  give_back(std::move(lanes));
  if (link.holds()) release(link);
}

void ShardBroker::hold(Link& link, std::uint64_t turn, std::string& lane, bool receipts) {
  if (lane.empty()) return;
  if (!link.holds() || link.held->lanes.back().turn != turn) waiting_[turn].links.push_back(link.weak_from_this());
  if (!link.held) link.held = std::make_unique<Link::HeldBack>();
  if (receipts) link.held->receipt_bytes += lane.size();
  link.held->lanes.push_back({turn, receipts, std::exchange(lane, {})});
}

// Sends what may leave now, each lane in its order.
void ShardBroker::release(Link& link) {
  if (!link.holds()) return;
  std::string free;
  bool stuck[2] = {false, link.is_blocked()};
  std::erase_if(link.held->lanes, [&](const Link::Held& held) {
    bool& lane_stuck = stuck[held.receipts];
    lane_stuck |= receipts_.is_open(held.turn);
    if (lane_stuck) return false;
    free += held.bytes;
    if (held.receipts) link.held->receipt_bytes -= held.bytes.size();
    return true;
  });
  if (!free.empty()) link.transport.send(free);
  if (link.trace) trace_sent(link, free);
}

void ShardBroker::end_wait(std::uint64_t turn) {
  receipts_.close(turn);
  // Later turns that were over already waited for this one.
  while (!waiting_.empty() && !receipts_.is_open(waiting_.begin()->first)) {
    const Waiting over = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    for (const std::weak_ptr<Outlet>& waiting : over.links)
      if (const auto link = waiting.lock()) release(static_cast<Link&>(*link));
    for (const std::function<void()>& kept : over.kept) kept();
  }
}

void ShardBroker::give_back(LanesPtr lanes) {
  if (spare_lanes_.size() >= spare_lanes_max) return;
  for (std::string* lane : {&lanes->bytes, &lanes->releases, &lanes->receipts, &lanes->farewell}) {
    lane->clear();
    if (lane->capacity() > lane_bytes_kept) *lane = std::string();
  }
  spare_lanes_.push_back(std::move(lanes));
}

}  // namespace croft::broker
