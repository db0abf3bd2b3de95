#include "broker/delivery_queue.h"

#include "types/assert.h"

namespace croft::broker {

static constexpr std::size_t first_places = 4;

void DeliveryQueue::grow() {
  std::vector<Delivery> larger(ring_.empty() ? first_places : ring_.size() * 2);
  for (Sequence number = first_; number < end(); ++number) larger[number & (larger.size() - 1)] = std::move(at(number));
  ring_ = std::move(larger);
}

Sequence DeliveryQueue::push(Delivery delivery) {
  if (size_ == ring_.size()) grow();
  const Sequence number = end();
  bytes_ += delivery.message->bytes();
  ++size_;
  at(number) = std::move(delivery);
  return number;
}

void DeliveryQueue::restore(Sequence number, Delivery delivery) {
  if (size_ == 0) first_ = first_waiting_ = number;
  CROFT_ASSERT(number >= end());
  while (end() < number) {
    if (size_ == ring_.size()) grow();
    const Sequence gap = end();
    ++size_;
    at(gap) = {.state = Delivery::State::done};
    if (number - first_ >= ids) ++finished_waiting_;
  }
  const bool may_be_sent = number - first_ < ids;
  if (may_be_sent && delivery.state == Delivery::State::waiting) delivery.state = Delivery::State::sent;
  push(std::move(delivery));
  if (may_be_sent) first_waiting_ = end();
}

std::optional<Sequence> DeliveryQueue::in_flight(std::uint16_t packet_id) const {
  const Sequence offset = (packet_id - 1 + ids - first_ % ids) % ids;
  const Sequence number = first_ + offset;
  if (number >= first_waiting_ || at(number).state == Delivery::State::done) return std::nullopt;
  return number;
}

void DeliveryQueue::sent() {
  CROFT_ASSERT(first_waiting_ < end());
  if (at(first_waiting_).state == Delivery::State::done) --finished_waiting_;
  ++first_waiting_;
  if (at(first_).state == Delivery::State::done) finish(first_);  // it was over before its turn came
}

void DeliveryQueue::finish(Sequence number) {
  Delivery& delivery = at(number);
  if (delivery.message) bytes_ -= delivery.message->bytes();
  delivery.message.reset();
  delivery.group.reset();
  if (number >= first_waiting_ && delivery.state != Delivery::State::done) ++finished_waiting_;
  delivery.state = Delivery::State::done;
  while (size_ > 0 && first_ < first_waiting_ && at(first_).state == Delivery::State::done) {
    ++first_;
    --size_;
  }
  if (size_ == 0 && ring_.size() > 64) std::vector<Delivery>().swap(ring_);  // an idle session holds no memory
}

void DeliveryQueue::skip_finished() {
  while (first_waiting_ < end() && at(first_waiting_).state == Delivery::State::done) sent();
}

}  // namespace croft::broker
