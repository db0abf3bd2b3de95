// Messages of queues, and those who wait for them.
#include <algorithm>

#include "sqs/errors.h"
#include "sqs/message_rules.h"
#include "sqs/queues.h"

namespace croft::sqs {

// One receiver tries; when it leaves messages it wakes the next.
void Queues::wake(Open& open) {
  if (open.waiters.empty()) return;
  open.waiters.front()->raise();
  open.waiters.pop_front();
}

void Queues::wake_all(Open& open) {
  while (!open.waiters.empty()) wake(open);
}

Task<void> Queues::stop() {
  stopping_ = true;
  for (const auto& [name, open] : queues_) wake_all(*open);
  while (waiting_ > 0) co_await sleep_for(std::chrono::milliseconds(1));
}

Task<Result<std::vector<Sent>>> Queues::send(std::string name, std::vector<Outgoing> messages) {
  const OpenPtr to = open(name);
  if (!to) co_return queue_does_not_exist();
  std::vector<Sent> sent = to->queue->send(std::move(messages), Timestamp::now().ms);
  wake(*to);
  co_await store_.durable();
  co_return sent;
}

Task<Result<Sent>> Queues::check_and_send(std::string name, Outgoing message) {
  const OpenPtr to = open(name);
  if (!to) co_return queue_does_not_exist();
  if (auto fits = check_for_queue(message.message, message.delay_s, to->queue->settings()); !fits)
    co_return fits.error();
  std::vector<Outgoing> one{std::move(message)};
  auto sent = co_await send(std::move(name), std::move(one));
  if (!sent) co_return sent.error();
  co_return sent->front();
}

Task<Result<Sent>> Queues::send_from_anywhere(std::string name, Outgoing message) {
  auto shared = std::make_shared<std::pair<std::string, Outgoing>>(std::move(name), std::move(message));
  auto sent = co_await on<Result<Sent>>(
      shard_, [this, shared] { return check_and_send(std::move(shared->first), std::move(shared->second)); });
  co_return sent;
}

Result<std::vector<Delivery>> Queues::take(Open& from, const Receive& wanted) {
  const auto& redrive = from.queue->settings().redrive;
  const OpenPtr dead = redrive ? open(redrive->target) : nullptr;
  const bool is_other = dead && dead.get() != &from;
  const std::int64_t now_ms = Timestamp::now().ms;
  auto taken = from.queue->receive(wanted, is_other ? dead->queue.get() : nullptr, now_ms);
  if (is_other && !dead->waiters.empty() && dead->queue->has_ready(now_ms)) wake(*dead);
  if (!from.waiters.empty() && from.queue->has_ready(now_ms)) wake(from);
  return taken;
}

// Until a message may be there, and no longer than to `until_ms` (monotonic).
Task<void> Queues::wait_for_message(Open& from, std::int64_t until_ms) {
  const std::int64_t now_ms = Timestamp::now().ms;
  const std::int64_t mono_ms = MonoTime::now().ms;
  std::int64_t wake_ms = std::min(until_ms, mono_ms + limits::presence_check_ms);
  if (const auto next = from.queue->next_visible_ms(now_ms))
    wake_ms = std::min(wake_ms, mono_ms + *next - now_ms + 1);
  auto waiter = std::make_shared<OneShot>();
  from.waiters.push_back(waiter);
  const Alarms::Id alarm = alarms_.set(MonoTime{wake_ms}, [waiter] { waiter->raise(); });
  ++waiting_;
  co_await waiter->wait();
  --waiting_;
  alarms_.cancel(alarm);
  std::erase(from.waiters, waiter);
}

Task<Result<std::vector<Delivery>>> Queues::receive(std::string name, Receive wanted, Wait wait) {
  const std::int64_t until_ms = MonoTime::now().ms + wait.ms;
  for (;;) {
    const OpenPtr from = open(name);
    if (!from) co_return queue_does_not_exist();
    if (wait.is_over && wait.is_over()) {
      if (from->queue->has_ready(Timestamp::now().ms)) wake(*from);
      co_return std::vector<Delivery>();
    }
    auto taken = take(*from, wanted);
    const bool is_answer = !taken || !taken->empty() || stopping_ || waiting_ >= limits::waiting_receivers_max;
    if (is_answer || MonoTime::now().ms >= until_ms) co_return taken;
    co_await wait_for_message(*from, until_ms);
  }
}

Task<Result<std::vector<Result<void>>>> Queues::erase(std::string name, std::vector<std::string> handles) {
  const OpenPtr from = open(name);
  if (!from) co_return queue_does_not_exist();
  auto results = from->queue->erase(handles, Timestamp::now().ms);
  if (from->queue->settings().fifo) wake(*from);  // the message's group may be free now
  co_await store_.durable();
  co_return results;
}

Task<Result<std::vector<Result<void>>>> Queues::change_visibility(std::string name,
                                                                  std::vector<Queue::Visibility> changes) {
  const OpenPtr of = open(name);
  if (!of) co_return queue_does_not_exist();
  auto results = of->queue->change_visibility(changes, Timestamp::now().ms);
  wake(*of);
  co_return results;
}

}  // namespace croft::sqs
