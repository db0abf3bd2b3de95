// How a queue feeds its function: gathering batches, invoking, deleting what is done.
#include <algorithm>

#include "lambda/event_sources.h"
#include "lambda/limits.h"
#include "lambda/queue_batch.h"
#include "observe/log.h"
#include "sqs/limits.h"

namespace croft::lambda {

namespace {

constexpr std::chrono::milliseconds trouble_pause{1'000};
constexpr std::int64_t poll_ms = sqs::limits::wait_s_max * 1'000;

}  // namespace

// A batch has messages of several traces; its invocation, and what the function does in it, can be told in one: that of the
// first. The others get a step that says which.
EventSources::BatchSteps EventSources::begin_steps(const std::vector<sqs::Delivery>& batch, const std::string& queue,
                                                   Invocation& invocation) const {
  BatchSteps steps;
  for (const sqs::Delivery& delivery : batch) {
    const trace::Context sender = invoker_.step_of(delivery.message.trace_header);
    if (!sender) continue;
    const std::int64_t waited_ms = std::max<std::int64_t>(Timestamp::now().ms - sqs::sent_ms(delivery.sequence), 0);
    const std::int64_t now_us = metrics::now_us();
    trace::Detail detail;
    detail.text("queue", queue).text("messageId", delivery.message.id).number("receives", delivery.state.receives);
    detail.number("batch", static_cast<std::int64_t>(batch.size()));
    const trace::Context wait = sender.add({.kind = trace::Kind::wait,
                                            .outcome = trace::Outcome::ok,
                                            .name = "queue",
                                            .began_us = now_us - waited_ms * 1000,
                                            .ended_us = now_us,
                                            .detail = detail.take()});
    if (!invocation.step) invocation.step = wait;
    if (!wait || wait.id() == invocation.step.id()) continue;
    std::string in_trace = trace::Detail().text("inTrace", invocation.step.id().text()).take();
    steps.others.push_back(wait.open(trace::Kind::invocation, invocation.function, std::move(in_trace)));
  }
  return steps;
}

void EventSources::BatchSteps::end(const Result<Outcome>& outcome) const {
  for (const trace::Context& step : others) {
    trace::End end = trace::end_of(outcome);
    if (outcome && !outcome->function_error.empty()) end.outcome = trace::Outcome::failed;
    step.close(std::move(end));
  }
}

// False when there is no function or no queue at the moment. Waits until fewer batches run than may.
Task<bool> EventSources::may_receive(ReceiverPtr receiver) {
  const EventSource& source = receiver->source;
  const std::size_t most =
      static_cast<std::size_t>(source.concurrency_max > 0 ? source.concurrency_max : limits::source_concurrency);
  while (receiver->running >= most) {
    receiver->room = std::make_shared<OneShot>();
    const std::shared_ptr<OneShot> room = receiver->room;
    co_await room->wait();
  }
  if (!functions_.find(source.function)) {
    receiver->last_result = "PROBLEM: Function not found";
    co_return false;
  }
  if (!queues_.find(source.queue)) {
    receiver->last_result = "PROBLEM: The specified queue does not exist.";
    co_return false;
  }
  co_return true;
}

// As many messages as a batch may have and are there; with a window, as many as arrive in it after the first.
Task<Result<std::vector<sqs::Delivery>>> EventSources::gather(ReceiverPtr receiver) {
  const EventSource& source = receiver->source;
  std::vector<sqs::Delivery> batch;
  std::size_t bytes = 0;
  std::int64_t until_ms = 0;
  while (batch.size() < static_cast<std::size_t>(source.batch_size) && bytes < limits::batch_bytes_max) {
    const sqs::QueueDefinition* queue = queues_.find(source.queue);
    sqs::Receive wanted{.count = std::min<std::size_t>(static_cast<std::size_t>(source.batch_size) - batch.size(),
                                                       sqs::limits::receive_messages_max),
                        .visibility_s = queue ? queue->settings().visibility_s : 0,
                        .attempt_id = {}};
    const std::int64_t wait_ms = batch.empty() ? poll_ms : std::max<std::int64_t>(0, until_ms - MonoTime::now().ms);
    sqs::Queues::Wait wait{.ms = wait_ms, .is_over = [receiver] { return receiver->is_stopped; }};
    auto received = co_await queues_.receive(source.queue, std::move(wanted), std::move(wait));
    if (!received && batch.empty()) co_return received.error();
    if (!received || received->empty()) break;
    if (batch.empty()) until_ms = MonoTime::now().ms + source.window_s * 1'000;
    for (sqs::Delivery& delivery : *received) {
      bytes += sqs::size_of(delivery.message);
      batch.push_back(std::move(delivery));
    }
  }
  co_return batch;
}

Task<void> EventSources::process(ReceiverPtr receiver, std::vector<sqs::Delivery> batch) {
  const EventSource& source = receiver->source;
  Invocation invocation{.function = source.function,
                        .payload = queue_event(batch, instance(), instance().arn("sqs", source.queue)),
                        .source = source.arn(instance())};
  const BatchSteps steps = begin_steps(batch, source.queue, invocation);
  auto outcome = co_await invoker_.invoke(std::move(invocation));
  steps.end(outcome);
  std::vector<std::string> handles;
  if (!outcome) {
    receiver->last_result = "PROBLEM: Function call failed: " + outcome.error().message;
    log::warn("lambda", "a batch for " + source.function + " was not run: " + outcome.error().code);
  } else if (!outcome->function_error.empty()) {
    receiver->last_result = "PROBLEM: Function call failed";
  } else {
    handles = finished(batch, outcome->payload, source.reports_failures);
    receiver->last_result = handles.size() == batch.size() ? "OK" : "PROBLEM: Function call failed for some items";
  }
  if (!handles.empty()) co_await queues_.erase(source.queue, std::move(handles));
  // Throttled or without a worker: what is still in the queue does not fail the same way at once.
  if (!outcome) co_await sleep_for(trouble_pause);
  --receiver->running;
  if (receiver->room) receiver->room->raise();
}

Task<void> EventSources::run(ReceiverPtr receiver) {
  while (!receiver->is_stopped) {
    const bool may = co_await may_receive(receiver);
    if (receiver->is_stopped) co_return;
    if (!may) {
      co_await sleep_for(trouble_pause);
      continue;
    }
    const std::int64_t began_ms = MonoTime::now().ms;
    auto batch = co_await gather(receiver);
    // Nothing without waiting for it: too many wait already.
    const bool is_trouble = !batch || (batch->empty() && MonoTime::now().ms - began_ms < trouble_pause.count());
    if (is_trouble) co_await sleep_for(trouble_pause);
    if (!batch || batch->empty()) continue;
    ++receiver->running;
    shard_.spawn(process(receiver, std::move(*batch)));
  }
}

}  // namespace croft::lambda
