#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/message.h"
#include "mqtt/packets.h"

namespace croft::broker {

using Sequence = std::uint64_t;

// The group by which a message came, and the message's row of group_rows while no session has one of it.
struct GroupPlace {
  std::string filter;     // the whole "$share/NAME/FILTER"
  std::uint64_t row = 0;  // 0 = none
};

// A QoS 1 or 2 message on its way to one session.
struct Delivery {
  enum class State : std::uint8_t {
    waiting,   // for a place in flight, or for its client
    sent,      // PUBLISH went out
    released,  // QoS 2: PUBREC came, PUBREL went out
    done,
  };
  MessagePtr message;  // null when done
  std::uint32_t identifier = 0;
  mqtt::QoS qos = mqtt::QoS::at_least_once;
  State state = State::waiting;
  bool retain = false;
  bool on_wire = false;   // went out on the connection that is open now
  bool blocking = false;  // counted in its source
  std::unique_ptr<GroupPlace> group{};  // by a shared subscription: the right to it was judged when it came; may be null
};

// What one session has to deliver, in order: those in flight first, those that wait behind them. The packet id of a
// message follows from its number, so that it is the same after a restart; MQTT 5.0, 4.4 demands that.
class DeliveryQueue {
 public:
  static std::uint16_t packet_id_of(Sequence number) { return static_cast<std::uint16_t>(number % ids + 1); }

  Sequence push(Delivery delivery);
  // A stored message with the number that it had; numbers rise. What lies between counts as done. Whether it had been
  // sent is not known, so it is taken as sent, as far as packet ids reach.
  void restore(Sequence number, Delivery delivery);

  Sequence first() const { return first_; }
  Sequence end() const { return first_ + size_; }
  // The first that waits; end() when none does.
  Sequence first_waiting() const { return first_waiting_; }
  Delivery& at(Sequence number) { return ring_[number & (ring_.size() - 1)]; }
  const Delivery& at(Sequence number) const { return ring_[number & (ring_.size() - 1)]; }
  // The message in flight with that packet id.
  std::optional<Sequence> in_flight(std::uint16_t packet_id) const;
  // Whether one more may be in flight without two having one packet id.
  bool has_free_packet_id() const { return first_waiting_ - first_ < ids; }

  // The first that waits went out, or will never.
  void sent();
  // Over, whether it was sent or not.
  void finish(Sequence number);
  // Passes over what was finished before its turn came, as far as nothing else waits before it.
  void skip_finished();

  std::size_t size() const { return static_cast<std::size_t>(size_); }  // with those done in the midst of others
  std::size_t waiting() const { return static_cast<std::size_t>(end() - first_waiting_) - finished_waiting_; }
  std::size_t bytes() const { return bytes_; }  // of the messages held

 private:
  static constexpr Sequence ids = 65'535;
  void grow();

  std::vector<Delivery> ring_;  // a power of two, or empty; number n lies at n modulo its size
  Sequence first_ = 0;
  Sequence size_ = 0;
  Sequence first_waiting_ = 0;
  std::size_t finished_waiting_ = 0;  // behind first_waiting_, finished before their turn
  std::size_t bytes_ = 0;
};

}  // namespace croft::broker
