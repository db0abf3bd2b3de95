// Receiving, deleting, and the visibility of what was received.
#include <algorithm>

#include "sqs/errors.h"
#include "sqs/queue.h"
#include "types/assert.h"

namespace croft::sqs {

namespace {

Error handle_has_expired(const std::string& handle) {
  return invalid_value(handle, "ReceiptHandle", "The receipt handle has expired.");
}

Error not_available(const std::string& handle) {
  return invalid_value(handle, "ReceiptHandle",
                       "Message does not exist or is not available for visibility timeout change.");
}

}  // namespace

// --- receiving ---

// A dead letter keeps its number and with it the time it was sent; in a FIFO queue it is the newest.
// Source: developer guide, "Using dead-letter queues", on the retention of messages.
void Queue::bury(Batch& batch, const Found& found, Queue& dead_letters, std::int64_t now_ms) {
  auto letter = message(found.place.sequence);
  CROFT_ASSERT(letter);
  drop(batch, found);
  letter->source = definition_.name;
  letter->first_visible_ms = now_ms;
  const Sequence sequence = dead_letters.settings_.fifo ? sequences_.next(now_ms) : found.place.sequence;
  const State state{.receives = found.state.receives,
                    .receives_here = 0,
                    .first_received_ms = found.state.first_received_ms,
                    .visible_ms = now_ms,
                    .group_id = found.state.group_id};
  dead_letters.insert(batch, *letter, sequence, state);
}

// One message that is ready: handed out, or else gone because it is too old, or a dead letter.
std::optional<Delivery> Queue::take(Batch& batch, const Found& found, const Taking& taking) {
  const Sequence sequence = found.place.sequence;
  if (is_over(sequence, taking.now_ms)) {
    drop(batch, found);
    return std::nullopt;
  }
  const bool is_dead = settings_.redrive && found.state.receives_here >= settings_.redrive->receives_max;
  if (taking.dead_letters && is_dead) {
    bury(batch, found, *taking.dead_letters, taking.now_ms);
    return std::nullopt;
  }
  auto content = message(sequence);
  CROFT_ASSERT(content);
  State state = found.state;
  ++state.receives;
  ++state.receives_here;
  state.received_ms = taking.now_ms;
  if (state.first_received_ms == 0) state.first_received_ms = taking.now_ms;
  state.visible_ms = taking.now_ms + taking.visibility_s * 1'000;
  return Delivery{std::move(*content), state, sequence, Receipt{definition_.id, sequence, state.receives}.handle()};
}

Result<std::vector<Delivery>> Queue::receive(const Receive& wanted, Queue* dead_letters, std::int64_t now_ms) {
  settle(now_ms);
  if (auto again = repeated(wanted, now_ms)) return std::move(*again);
  const std::size_t in_flight_max = settings_.fifo ? bounds_.in_flight_max_fifo : bounds_.in_flight_max;
  const Taking taking{dead_letters, wanted.visibility_s, now_ms};
  std::vector<Delivery> deliveries;
  std::vector<Line::Standing> received;  // in the line again only at the end, or one not hidden would come twice
  Batch batch;
  while (deliveries.size() < wanted.count) {
    const std::size_t room = in_flight_max - std::min(in_flight_max, in_flight_.size() + received.size());
    const std::size_t count = std::min(wanted.count - deliveries.size(), std::max<std::size_t>(room, 1));
    const auto ready = line_->ready(now_ms, count);
    if (ready.empty()) break;
    if (room == 0) {
      if (settings_.fifo || !deliveries.empty()) break;
      return over_limit("Too many messages are in flight: the limit of " + std::to_string(in_flight_max) + " is reached.");
    }
    for (const Line::Standing& standing : ready) {
      const Found found{standing.place, standing.state};
      auto delivery = take(batch, found, taking);
      if (!delivery) continue;
      received.push_back(restate(batch, found, delivery->state));
      deliveries.push_back(std::move(*delivery));
    }
  }
  store_.write(std::move(batch));
  for (const Line::Standing& standing : received) put_back(standing, now_ms);
  remember_attempt(wanted, deliveries, now_ms);
  return deliveries;
}

// What the same attempt got less than five minutes ago, when all of it is still in flight; hidden anew.
// Source: API reference, ReceiveMessage, ReceiveRequestAttemptId.
std::optional<std::vector<Delivery>> Queue::repeated(const Receive& wanted, std::int64_t now_ms) {
  const auto attempt = attempts_.find(wanted.attempt_id);
  if (wanted.attempt_id.empty() || attempt == attempts_.end() || attempt->second.expires_ms <= now_ms)
    return std::nullopt;
  std::vector<Found> all;
  for (const auto& [sequence, receives] : attempt->second.messages) {
    auto found = find(sequence);
    if (!found || found->state.receives != receives || !found->state.is_hidden(now_ms)) return std::nullopt;
    all.push_back(std::move(*found));
  }
  std::vector<Delivery> deliveries;
  Batch batch;
  for (const Found& found : all) {
    State state = found.state;
    state.visible_ms = now_ms + wanted.visibility_s * 1'000;
    put_back(restate(batch, found, state), now_ms);
    auto content = message(found.place.sequence);
    CROFT_ASSERT(content);
    deliveries.push_back({std::move(*content), state, found.place.sequence,
                          Receipt{definition_.id, found.place.sequence, state.receives}.handle()});
  }
  store_.write(std::move(batch));
  return deliveries;
}

void Queue::remember_attempt(const Receive& wanted, const std::vector<Delivery>& deliveries, std::int64_t now_ms) {
  if (wanted.attempt_id.empty() || !settings_.fifo || deliveries.empty()) return;
  Attempt attempt{.expires_ms = now_ms + limits::deduplication_ms, .messages = {}};
  for (const Delivery& delivery : deliveries)
    attempt.messages.emplace_back(delivery.sequence, delivery.state.receives);
  if (attempts_.insert_or_assign(wanted.attempt_id, std::move(attempt)).second)
    attempt_order_.push_back(wanted.attempt_id);
  if (attempt_order_.size() <= limits::attempts_max) return;
  attempts_.erase(attempt_order_.front());
  attempt_order_.pop_front();
}

// --- handles ---

Result<Receipt> Queue::receipt(const std::string& handle) const {
  auto receipt = Receipt::parse(handle);
  if (!receipt || receipt->queue_id != definition_.id) return receipt_handle_is_invalid(handle);
  return *receipt;
}

Result<void> Queue::erase_one(Batch& batch, const std::string& handle, std::int64_t now_ms) {
  const auto receipt = this->receipt(handle);
  if (!receipt) return receipt.error();
  const auto found = find(receipt->sequence);
  if (!found) return {};  // deleted before, which is no fault
  const bool is_over = !receipt->is_of_peek && !found->state.is_hidden(now_ms);
  if (settings_.fifo && (found->state.receives != receipt->receives || is_over)) return handle_has_expired(handle);
  if (found->state.receives != receipt->receives) return {};
  drop(batch, *found);
  return {};
}

std::vector<Result<void>> Queue::erase(const std::vector<std::string>& handles, std::int64_t now_ms) {
  settle(now_ms);
  std::vector<Result<void>> results;
  std::vector<std::string> seen;
  Batch batch;
  for (const std::string& handle : handles) {
    // The rows of one that was deleted above are still there.
    const bool is_repeated = std::find(seen.begin(), seen.end(), handle) != seen.end();
    results.push_back(is_repeated ? Result<void>() : erase_one(batch, handle, now_ms));
    seen.push_back(handle);
  }
  store_.write(std::move(batch));
  return results;
}

Result<Line::Standing> Queue::change_one(Batch& batch, const Visibility& change, std::int64_t now_ms) {
  const auto receipt = this->receipt(change.handle);
  if (!receipt) return receipt.error();
  const auto found = find(receipt->sequence);
  if (!found || receipt->is_of_peek || found->state.receives != receipt->receives) return not_available(change.handle);
  if (settings_.fifo && !found->state.is_hidden(now_ms)) return not_available(change.handle);
  const std::int64_t until_ms = now_ms + change.seconds * 1'000;
  if (until_ms - found->state.received_ms > limits::visibility_s_max * 1'000)
    return invalid_value(std::to_string(change.seconds), "VisibilityTimeout",
                         "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]");
  State state = found->state;
  state.visible_ms = until_ms;
  return restate(batch, *found, state);
}

std::vector<Result<void>> Queue::change_visibility(const std::vector<Visibility>& changes, std::int64_t now_ms) {
  settle(now_ms);
  std::vector<Result<void>> results;
  for (const Visibility& change : changes) {
    Batch batch;  // one each: a later change may be of the same message
    auto changed = change_one(batch, change, now_ms);
    if (!changed) {
      results.push_back(changed.error());
      continue;
    }
    store_.write(std::move(batch));
    put_back(*changed, now_ms);
    results.push_back({});
  }
  return results;
}

}  // namespace croft::sqs
