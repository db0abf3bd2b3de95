// One connection of a shard, between its transport and the core. Private to ShardBroker.
#pragma once

#include "broker/shard_broker.h"

namespace croft::broker {

struct ShardBroker::Link final : Outlet, net::Transport::Reader {
  Link(ConnectionId id, net::Transport transport) : id(id), transport(std::move(transport)) {}

  ConnectionId id;
  net::Transport transport;
  ShardBroker* home = nullptr;  // since it was adopted
  Way way{};
  bool counted = false;  // among the open ones
  bool closing = false;  // the core is done with it
  bool greeted = false;  // its CONNECT is whole; only the accepting shard looks, before and after it hands the link over
  std::int64_t connect_us = 0;  // when its CONNECT was whole, until CONNACK
  std::unique_ptr<ConnectionTrace> trace;  // null: nobody watches

  // What could not leave with its turn, in order.
  struct Held {
    std::uint64_t turn;
    bool receipts;  // else releases
    std::string bytes;
  };
  struct HeldBack {
    std::vector<Held> lanes;
    std::size_t receipt_bytes = 0;
  };
  std::unique_ptr<HeldBack> held;  // null: nothing ever was
  bool holds() const { return held && !held->lanes.empty(); }

  void live_on(ShardBroker& broker) {
    home = &broker;
    join(broker.turn_);
  }
  // What arrives, from the transport.
  bool received(std::span<const char> bytes) override { return home->received(*this, bytes); }
  void ended() override { home->ended(*this); }

  std::size_t unsent() const override { return gathered_bytes() + transport.unsent(); }
  std::function<void()> on_unblocked() override {
    std::weak_ptr<Outlet> self = weak_from_this();
    return [self, home = home] {
      home->shard_.post([self, home] {
        if (const auto link = self.lock()) home->release(static_cast<Link&>(*link));
      });
    };
  }
  void publishes_as(SourcePtr its_source) override { source = std::move(its_source); }
  bool is_blocked() const { return source && source->is_blocked(); }
  SourcePtr source;

  LanesPtr make_lanes() override {
    if (home->spare_lanes_.empty()) return std::make_unique<Lanes>();
    LanesPtr spare = std::move(home->spare_lanes_.back());
    home->spare_lanes_.pop_back();
    return spare;
  }
  std::shared_ptr<Link> self() { return std::static_pointer_cast<Link>(shared_from_this()); }
  friend class ShardBroker;
};

}  // namespace croft::broker
