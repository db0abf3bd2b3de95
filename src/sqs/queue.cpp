#include "sqs/queue.h"

#include "observe/log.h"
#include "text/digest.h"
#include "types/assert.h"

namespace croft::sqs {

namespace {

std::int64_t second_after(std::int64_t ms) {
  return (ms + 999) / 1'000;
}

}  // namespace

Queue::Queue(Store& store, Sequences& sequences, QueueDefinition definition, std::int64_t now_ms,
             const Bounds& bounds)
    : store_(store),
      sequences_(sequences),
      definition_(std::move(definition)),
      settings_(definition_.settings()),
      rows_(definition_.number),
      bounds_(bounds),
      line_(settings_.fifo ? Line::fifo(store, rows_, bounds.window_fifo)
                           : Line::standard(store, rows_, bounds.window)) {
  count_rows(now_ms);
}

void Queue::redefine(QueueDefinition definition) {
  definition_ = std::move(definition);
  settings_ = definition_.settings();
}

void Queue::count_rows(std::int64_t now_ms) {
  const auto count = [&](std::string_view key, std::string_view value) {
    const auto state = decoded_state(value);
    CROFT_ASSERT(state);
    ++total_;
    hide(Rows::place_in(key).sequence, *state, now_ms);
    return true;
  };
  store_.visit(Family::messages, rows_.begin(Rows::Kind::place), rows_.end(Rows::Kind::place), false, count);
  for (const bool last : {false, true}) {
    const auto found =
        store_.scan(Family::messages, rows_.begin(Rows::Kind::message), rows_.end(Rows::Kind::message), 1, last);
    if (found.empty()) continue;
    const Sequence sequence = Rows::sequence_in_message_key(found.front().key);
    if (last)
      sequences_.start_after(sequence);
    else
      oldest_ = sequence;
  }
}

Place Queue::place_of(Sequence sequence, std::int64_t visible_ms) const {
  return {settings_.fifo ? 0 : visible_ms, sequence};
}

std::optional<Message> Queue::message(Sequence sequence) const {
  const auto row = store_.get(Family::messages, rows_.message(sequence));
  if (!row) return std::nullopt;
  auto message = decoded_message(*row);
  CROFT_ASSERT(message);
  return message;
}

std::optional<Queue::Found> Queue::find(Sequence sequence) const {
  Place place{0, sequence};
  if (!settings_.fifo) {
    const auto row = store_.get(Family::messages, rows_.received(sequence));
    const auto received = row ? decoded_received(*row) : std::nullopt;
    if (received) {
      place.at_ms = received->at_ms;
    } else {
      const auto never_received = message(sequence);
      if (!never_received) return std::nullopt;
      place.at_ms = never_received->first_visible_ms;
    }
  }
  const auto row = store_.get(Family::messages, rows_.place(place));
  if (!row) return std::nullopt;
  auto state = decoded_state(*row);
  CROFT_ASSERT(state);
  return Found{place, std::move(*state)};
}

// --- what is hidden ---

void Queue::hide(Sequence sequence, const State& state, std::int64_t now_ms) {
  if (!state.is_hidden(now_ms)) return;
  if (state.was_received())
    in_flight_.emplace(state.visible_ms, sequence);
  else
    ++delayed_[second_after(state.visible_ms)];
}

void Queue::unhide(Sequence sequence, const State& state) {
  if (state.was_received()) {
    in_flight_.erase({state.visible_ms, sequence});
    return;
  }
  const auto second = delayed_.find(second_after(state.visible_ms));
  if (second != delayed_.end() && --second->second == 0) delayed_.erase(second);
}

void Queue::settle(std::int64_t now_ms) {
  while (!in_flight_.empty() && in_flight_.begin()->first <= now_ms) in_flight_.erase(in_flight_.begin());
  while (!delayed_.empty() && delayed_.begin()->first * 1'000 <= now_ms) delayed_.erase(delayed_.begin());
}

Counts Queue::counts(std::int64_t now_ms) {
  settle(now_ms);
  Counts counts{.visible = 0, .in_flight = in_flight_.size(), .delayed = 0};
  for (const auto& [second, count] : delayed_) counts.delayed += count;
  counts.visible = total_ - std::min(total_, counts.in_flight + counts.delayed);
  return counts;
}

// --- looking without receiving ---

Peek Queue::peek(const std::optional<Place>& after, std::size_t count, std::int64_t now_ms) const {
  Peek seen;
  std::size_t bytes = 0;
  Place last;
  const auto look = [&](std::string_view key, std::string_view value) {
    const Place place = Rows::place_in(key);
    if (seen.messages.size() == count || bytes >= limits::peek_bytes_max) {
      seen.next = last;
      return false;
    }
    last = place;
    auto content = message(place.sequence);
    auto state = decoded_state(value);
    CROFT_ASSERT(content && state);
    if (is_over(place.sequence, now_ms)) return true;
    bytes += size_of(*content);
    std::string handle = Receipt{definition_.id, place.sequence, state->receives, true}.handle();
    seen.messages.push_back({std::move(*content), std::move(*state), place.sequence, std::move(handle)});
    return true;
  };
  const std::string from = after ? rows_.place(*after) + '\0' : rows_.begin(Rows::Kind::place);
  store_.visit(Family::messages, from, rows_.end(Rows::Kind::place), false, look);
  return seen;
}

std::optional<std::int64_t> Queue::oldest_sent_ms() {
  if (total_ == 0) return std::nullopt;
  const auto first = store_.scan(Family::messages, rows_.message(oldest_), rows_.end(Rows::Kind::message), 1);
  CROFT_ASSERT(!first.empty());
  oldest_ = Rows::sequence_in_message_key(first.front().key);
  return sent_ms(oldest_);
}

// --- rows and line together ---

void Queue::insert(Batch& batch, const Message& message, Sequence sequence, const State& state) {
  const Place place = place_of(sequence, state.visible_ms);
  batch.put(Family::messages, rows_.message(sequence), encoded(message));
  batch.put(Family::messages, rows_.place(place), encoded(state));
  line_->add({place, state});
  oldest_ = total_ == 0 ? sequence : std::min(oldest_, sequence);
  ++total_;
}

void Queue::drop(Batch& batch, const Found& found) {
  const Sequence sequence = found.place.sequence;
  batch.erase(Family::messages, rows_.message(sequence));
  batch.erase(Family::messages, rows_.place(found.place));
  if (!settings_.fifo && found.state.was_received()) batch.erase(Family::messages, rows_.received(sequence));
  line_->remove(found.place);
  unhide(sequence, found.state);
  --total_;
}

Line::Standing Queue::restate(Batch& batch, const Found& found, State state) {
  const Sequence sequence = found.place.sequence;
  const Place place = place_of(sequence, state.visible_ms);
  if (place != found.place) batch.erase(Family::messages, rows_.place(found.place));
  batch.put(Family::messages, rows_.place(place), encoded(state));
  if (!settings_.fifo && state.was_received())
    batch.put(Family::messages, rows_.received(sequence), encoded(ReceivedAt{place.at_ms, state.receives}));
  line_->remove(found.place);
  unhide(sequence, found.state);
  return {place, std::move(state)};
}

void Queue::put_back(const Line::Standing& standing, std::int64_t now_ms) {
  line_->add(standing);
  hide(standing.place.sequence, standing.state, now_ms);
}

// --- sending ---

std::string Queue::duplicate_id(const Message& message) const {
  // A group's id has no byte 0.
  return settings_.deduplicates_in_group ? message.group_id + '\0' + message.deduplication_id
                                         : message.deduplication_id;
}

std::optional<Sent> Queue::sent_before(const Message& message, const std::map<std::string, Duplicate>& fresh,
                                       std::int64_t now_ms) const {
  const std::string id = duplicate_id(message);
  std::optional<Duplicate> known;
  if (const auto found = fresh.find(id); found != fresh.end())
    known = found->second;
  else if (const auto row = store_.get(Family::messages, rows_.duplicate(id)))
    known = decoded_duplicate(*row);
  if (!known || known->expires_ms <= now_ms) return std::nullopt;
  return Sent{known->message_id, known->sequence};
}

void Queue::remember(Batch& batch, const Message& message, Sequence sequence, std::map<std::string, Duplicate>& fresh,
                     std::int64_t now_ms) {
  const std::string id = duplicate_id(message);
  const Duplicate duplicate{now_ms + limits::deduplication_ms, sequence, message.id};
  batch.put(Family::messages, rows_.duplicate(id), encoded(duplicate));
  batch.put(Family::messages, rows_.expiry(duplicate.expires_ms, id), "");
  fresh.insert_or_assign(id, duplicate);
}

std::vector<Sent> Queue::send(std::vector<Outgoing> messages, std::int64_t now_ms) {
  std::vector<Sent> sent;
  std::map<std::string, Duplicate> fresh;
  Batch batch;
  for (Outgoing& outgoing : messages) {
    Message& message = outgoing.message;
    if (settings_.fifo) {
      if (const auto before = sent_before(message, fresh, now_ms)) {
        sent.push_back(*before);
        continue;
      }
    }
    const Sequence sequence = sequences_.next(now_ms);
    message.id = text::random_uuid();
    message.first_visible_ms =
        now_ms + 1'000 * (settings_.fifo ? settings_.delay_s : outgoing.delay_s.value_or(settings_.delay_s));
    State state{.visible_ms = message.first_visible_ms,
                .group_id = settings_.fifo ? message.group_id : std::string()};
    if (settings_.fifo) remember(batch, message, sequence, fresh, now_ms);
    insert(batch, message, sequence, state);
    hide(sequence, state, now_ms);
    sent.push_back({message.id, sequence});
  }
  store_.write(std::move(batch));
  return sent;
}

// --- moving between queues ---

std::optional<Queue::Moved> Queue::first_visible(std::int64_t now_ms) {
  const auto ready = line_->ready(now_ms, 1);
  if (ready.empty()) return std::nullopt;
  const Sequence sequence = ready.front().place.sequence;
  auto found = message(sequence);
  CROFT_ASSERT(found);
  return Moved{sequence, std::move(*found)};
}

void Queue::move(Moved moved, Queue& target, std::int64_t now_ms) {
  const auto found = find(moved.sequence);
  if (!found) return;
  Batch batch;
  drop(batch, *found);
  moved.message.source.clear();
  moved.message.first_visible_ms = now_ms;
  State state{.receives = found->state.receives,
              .first_received_ms = found->state.first_received_ms,
              .visible_ms = now_ms,
              .group_id = target.settings_.fifo ? moved.message.group_id : std::string()};
  // A message that is moved back begins anew. Source: developer guide, "Dead-letter queue redrive": it gets a new
  // enqueue time.
  target.insert(batch, moved.message, sequences_.next(now_ms), state);
  store_.write(std::move(batch));
}

// --- the end of messages ---

void Queue::purge() {
  Batch batch;
  for (const Rows::Kind kind : {Rows::Kind::message, Rows::Kind::place, Rows::Kind::received})
    batch.erase_range(Family::messages, rows_.begin(kind), rows_.end(kind));
  store_.write(std::move(batch));
  line_->clear();
  in_flight_.clear();
  delayed_.clear();
  attempts_.clear();
  attempt_order_.clear();
  total_ = 0;
}

void Queue::erase_rows(Batch& batch) const {
  batch.erase_range(Family::messages, rows_.begin(), rows_.end());
}

bool Queue::is_over(Sequence sequence, std::int64_t now_ms) const {
  return sent_ms(sequence) + settings_.retention_s * 1'000 <= now_ms;
}

bool Queue::sweep_messages(std::int64_t now_ms, std::size_t count) {
  if (total_ == 0 || !is_over(oldest_, now_ms)) return false;
  std::vector<Sequence> over;
  const auto collect = [&](std::string_view key, std::string_view) {
    oldest_ = Rows::sequence_in_message_key(key);
    if (!is_over(oldest_, now_ms) || over.size() == count) return false;
    over.push_back(oldest_);
    return true;
  };
  store_.visit(Family::messages, rows_.message(oldest_), rows_.end(Rows::Kind::message), false, collect);
  Batch batch;
  for (const Sequence sequence : over) {
    const auto found = find(sequence);
    CROFT_ASSERT(found);
    drop(batch, *found);
  }
  store_.write(std::move(batch));
  return over.size() == count;
}

bool Queue::sweep_duplicates(std::int64_t now_ms, std::size_t count) {
  if (!settings_.fifo || next_expiry_ms_ > now_ms) return false;
  Batch batch;
  std::size_t seen = 0;
  next_expiry_ms_ = now_ms + limits::deduplication_ms;  // of one that is sent now
  const auto collect = [&](std::string_view key, std::string_view) {
    if (Rows::time_in(key) > now_ms || seen == count) {
      next_expiry_ms_ = Rows::time_in(key);
      return false;
    }
    const std::string id(Rows::id_in(key));
    const auto row = store_.get(Family::messages, rows_.duplicate(id));
    const auto known = row ? decoded_duplicate(*row) : std::nullopt;
    if (known && known->expires_ms <= now_ms) batch.erase(Family::messages, rows_.duplicate(id));
    batch.erase(Family::messages, key);
    ++seen;
    return true;
  };
  store_.visit(Family::messages, rows_.begin(Rows::Kind::expiry), rows_.end(Rows::Kind::expiry), false, collect);
  store_.write(std::move(batch));
  return seen == count;
}

bool Queue::sweep(std::int64_t now_ms, std::size_t count) {
  const bool more_messages = sweep_messages(now_ms, count);
  const bool more_duplicates = sweep_duplicates(now_ms, count);
  return more_messages || more_duplicates;
}

}  // namespace croft::sqs
