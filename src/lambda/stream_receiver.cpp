// How a table's stream feeds its function: one batch at a time, in the order of the changes, each until it is done with
// or given up. Several lanes do so side by side, each with the changes of other partition keys. Where they stand is a row,
// so a restart goes on there; a batch that was under way comes again.
#include <algorithm>
#include <deque>

#include "lambda/event_sources.h"
#include "lambda/function_name.h"
#include "lambda/limits.h"
#include "observe/log.h"
#include "sqs/message_rules.h"
#include "text/digest.h"

namespace croft::lambda {

namespace {

constexpr std::chrono::milliseconds trouble_pause{1'000};

std::string position_key(std::string_view uuid) { return "event-source-position/" + std::string(uuid); }

bool wants(const EventFilter& filter, const std::string& record) {
  if (filter.is_empty()) return true;
  const auto document = json::parse(record);
  return document && filter.takes(*document);
}

std::chrono::milliseconds pause_after(std::int64_t attempts) {
  const std::int64_t doubled = limits::stream_retry_first.count() << std::min<std::int64_t>(attempts - 1, 10);
  return std::min(std::chrono::milliseconds(doubled), limits::stream_retry_max);
}

}  // namespace

// Where the lanes go on. When there were more or fewer before, all begin where the last of them stood.
std::vector<dynamo::ChangeSequence> EventSources::positions(const EventSource& source) const {
  const auto count = static_cast<std::size_t>(source.stream->parallelization);
  const auto row = store_.get(Family::registry, position_key(source.uuid));
  const auto document = row ? json::parse(*row) : Result<json::value>(json::value());
  if (!document || !document->is_object()) return std::vector<dynamo::ChangeSequence>(count, 0);
  const json::object& o = document->get_object();
  std::vector<dynamo::ChangeSequence> lanes;
  const json::value* rows = json::find(o, "lanes");
  if (rows && rows->is_array()) {
    for (const json::value& from : rows->get_array()) lanes.push_back(from.to_number<dynamo::ChangeSequence>());
  }
  if (lanes.size() == count) return lanes;
  return std::vector<dynamo::ChangeSequence>(count, static_cast<dynamo::ChangeSequence>(json::int_or(o, "from", 0)));
}

void EventSources::save_positions(const std::string& uuid, const std::vector<dynamo::ChangeSequence>& lanes) {
  if (!receivers_.contains(uuid)) return;  // it was deleted meanwhile
  json::object row{{"v", 1}, {"from", *std::min_element(lanes.begin(), lanes.end())}};
  if (lanes.size() > 1) row["lanes"] = json::array(lanes.begin(), lanes.end());
  Batch batch;
  batch.put(Family::registry, position_key(uuid), json::dump(row));
  store_.write(std::move(batch));
}

void EventSources::move_on(const ReceiverPtr& receiver, std::size_t lane, dynamo::ChangeSequence from) {
  receiver->positions[lane] = from;
  save_positions(receiver->source.uuid, receiver->positions);
}

void EventSources::erase_position(Batch& batch, const std::string& uuid) {
  batch.erase(Family::registry, position_key(uuid));
}

std::optional<dynamo::Stream> EventSources::stream_of(const EventSource& source) const {
  return tables_ && source.stream ? tables_->streams().find(source.stream->table, source.stream->label) : std::nullopt;
}

// The changes of the lane that the function wants, as many as a batch may have and are there; with a window, as many as
// come in it after the first. `from` moves behind what was looked at. Nothing only when the receiver was stopped.
Task<std::vector<StreamEntry>> EventSources::gather_changes(ReceiverPtr receiver, std::size_t lane,
                                                            dynamo::ChangeSequence& from) {
  const EventSource& source = receiver->source;
  const std::string arn = source.arn(instance());
  std::vector<StreamEntry> batch;
  std::size_t bytes = 0;
  std::int64_t until_ms = 0;
  while (!receiver->is_stopped) {
    const auto stream = stream_of(source);
    if (!stream) {
      receiver->last_result = "PROBLEM: Stream not found";
      if (!batch.empty()) break;
      co_await sleep_for(trouble_pause);
      continue;
    }
    const dynamo::Streams& streams = tables_->streams();
    const dynamo::StreamShard all{.id = {}, .first = stream->first, .last = stream->last};
    const auto part = streams.read(*stream, all, std::max(from, streams.horizon()),
                                   static_cast<std::size_t>(source.batch_size) - batch.size(),
                                   limits::batch_bytes_max - std::min(bytes, limits::batch_bytes_max - 1));
    bool is_full = false;
    for (const dynamo::ItemChange& change : part.changes) {
      if (dynamo::partition_hash_in(change.row_key) % receiver->positions.size() != lane) {
        from = change.sequence + 1;
        continue;
      }
      std::string shard = dynamo::shard_id_at(*stream, change.sequence);
      StreamEntry entry{change.sequence, std::move(shard),
                        dynamo::record_text(*stream, change, instance().region, arn).json};
      const bool is_wanted = wants(source.stream->filter, entry.json);
      // A batch is of one shard, and stays below what an invocation may have.
      is_full = is_wanted && !batch.empty() &&
                (entry.shard != batch.front().shard || bytes + entry.json.size() > limits::batch_bytes_max);
      if (is_full) break;
      from = change.sequence + 1;
      if (!is_wanted) continue;
      if (batch.empty()) until_ms = MonoTime::now().ms + source.window_s * 1'000;
      bytes += entry.json.size();
      batch.push_back(std::move(entry));
    }
    if (!is_full) from = part.next;
    is_full = is_full || batch.size() >= static_cast<std::size_t>(source.batch_size);
    if (is_full || (!batch.empty() && MonoTime::now().ms >= until_ms)) break;
    if (!part.changes.empty()) {
      if (batch.empty()) move_on(receiver, lane, from);  // none was wanted
      co_await give_way();
      continue;
    }
    co_await sleep_for(limits::stream_poll);
  }
  if (!batch.empty()) co_await tables_->streams().durable();
  co_return batch;
}

// Tells the queue for failures what its function never will be told.
Task<void> EventSources::discard(ReceiverPtr receiver, std::string text) {
  const std::string queue = receiver->source.stream->failures_to;
  if (queue.empty()) co_return;
  sqs::Outgoing outgoing;
  outgoing.message.body = std::move(text);
  outgoing.message.sender_id = instance().account_id;
  const auto sent = co_await queues_.send_from_anywhere(queue, std::move(outgoing));
  if (!sent)
    log::warn("lambda",
              "a failed batch of " + receiver->source.function + " was not told to " + queue + ": " + sent.error().code);
}

// One attempt: where it came to. Nothing when the function could not be run at all.
Task<std::optional<std::size_t>> EventSources::attempt(ReceiverPtr receiver, const std::vector<StreamEntry>& batch,
                                                       StreamPiece piece, Attempt& told) {
  told.request_id = text::random_uuid();
  Invocation invocation{.function = receiver->source.function,
                        .payload = stream_event(batch, piece),
                        .request_id = told.request_id,
                        .source = receiver->source.arn(instance())};
  auto outcome = co_await invoker_.invoke(std::move(invocation));
  if (!outcome) {
    receiver->last_result = "PROBLEM: Function call failed: " + outcome.error().message;
    co_return std::nullopt;
  }
  told.function_error = outcome->function_error;
  if (!outcome->function_error.empty()) co_return piece.begin;
  if (!receiver->source.reports_failures) co_return piece.end;
  co_return first_failed(batch, piece, outcome->payload).value_or(piece.begin);
}

// Delivers a batch until all of it is done with or given up. False: stopped before.
Task<bool> EventSources::deliver(ReceiverPtr receiver, std::size_t lane, std::vector<StreamEntry> batch) {
  const StreamSource& stream = *receiver->source.stream;
  std::deque<StreamPiece> pieces{{0, batch.size(), 0}};
  Attempt told;
  const auto why = [&](std::string condition, std::int64_t invocations) {
    return DiscardedPiece{.condition = std::move(condition),
                          .function_arn = function_arn(instance(), receiver->source.function),
                          .stream_arn = receiver->source.arn(instance()),
                          .request_id = told.request_id,
                          .function_error = told.function_error,
                          .invocations = invocations};
  };
  while (!pieces.empty()) {
    if (receiver->is_stopped) co_return false;
    StreamPiece& piece = pieces.front();
    const std::size_t fresh = first_fresh(batch, piece, stream.age_max_s);
    if (fresh > piece.begin) {
      std::string text =
          discarded_text(batch, {piece.begin, fresh, 0}, why("RecordAgeExceeded", piece.attempts), Timestamp::now());
      co_await discard(receiver, std::move(text));
      piece.begin = fresh;
    } else {
      const auto reached = co_await attempt(receiver, batch, piece, told);
      if (!reached) {
        co_await sleep_for(trouble_pause);  // throttled, or there is no function: that is no attempt
        continue;
      }
      const bool has_progressed = *reached > piece.begin;
      piece.begin = *reached;
      if (piece.size() > 0) {
        receiver->last_result = has_progressed ? "PROBLEM: Function call failed for some items" : "PROBLEM: Function call failed";
        if (stream.bisects && !has_progressed && piece.size() > 1) {
          // Halves are tried anew; splitting is not an attempt. Source: API reference, BisectBatchOnFunctionError.
          const std::size_t middle = piece.begin + piece.size() / 2;
          const StreamPiece second{middle, piece.end, piece.attempts};
          piece.end = middle;
          pieces.insert(pieces.begin() + 1, second);
          continue;
        }
        piece.attempts = has_progressed ? 1 : piece.attempts + 1;
        if (stream.retries_max < 0 || piece.attempts <= stream.retries_max) {
          move_on(receiver, lane, batch[piece.begin].sequence);
          co_await sleep_for(pause_after(piece.attempts));
          continue;
        }
        std::string text = discarded_text(batch, piece, why("RetryAttemptsExhausted", piece.attempts), Timestamp::now());
        co_await discard(receiver, std::move(text));
        piece.begin = piece.end;
      } else {
        receiver->last_result = "OK";
      }
    }
    const std::size_t done = piece.begin;
    if (piece.size() == 0) pieces.pop_front();
    move_on(receiver, lane, batch[done - 1].sequence + 1);
  }
  co_return true;
}

void EventSources::begin_lanes(const ReceiverPtr& receiver) {
  for (std::int64_t lane = 0; lane < receiver->source.stream->parallelization; ++lane) {
    shard_.spawn(run_lane(receiver, static_cast<std::size_t>(lane)));
  }
}

Task<void> EventSources::run_lane(ReceiverPtr receiver, std::size_t lane) {
  // What it takes the place of may be in the middle of a batch.
  while (receiver->before && receiver->before->running > 0) co_await sleep_for(limits::stream_poll);
  receiver->before.reset();
  if (receiver->positions.empty()) receiver->positions = positions(receiver->source);
  dynamo::ChangeSequence from = receiver->positions[lane];
  while (!receiver->is_stopped) {
    std::vector<StreamEntry> batch = co_await gather_changes(receiver, lane, from);
    if (batch.empty()) continue;
    if (receiver->is_stopped) co_return;
    ++receiver->running;
    const bool is_done = co_await deliver(receiver, lane, std::move(batch));
    if (is_done) move_on(receiver, lane, from);
    --receiver->running;
  }
}

}  // namespace croft::lambda
