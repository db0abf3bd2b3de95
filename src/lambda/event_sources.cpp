#include "lambda/event_sources.h"

#include <algorithm>

#include "lambda/errors.h"
#include "lambda/function_name.h"
#include "lambda/limits.h"
#include "observe/log.h"
#include "sqs/queue_settings.h"
#include "text/digest.h"

namespace croft::lambda {

namespace {

constexpr std::string_view rows_begin = "event-source/";
constexpr std::string_view rows_end = "event-source0";  // '0' follows '/'

std::string row_key(std::string_view uuid) {
  return std::string(rows_begin).append(uuid);
}

Error no_such_source() {
  return {"ResourceNotFoundException", "The resource you requested does not exist.", 404};
}

// Source: Lambda's answer for a queue that it cannot read.
Error no_such_queue() {
  return invalid_parameter(
      "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error "
      "Message: The "
      "specified queue does not exist for this wsdl version.");
}

}  // namespace

EventSources::EventSources(Shard& shard, Functions& functions, Invoker& invoker, sqs::Queues& queues)
    : shard_(shard), store_(functions.store()), functions_(functions), invoker_(invoker), queues_(queues) {
  store_.visit(Family::registry, rows_begin, rows_end, false, [this](std::string_view key, std::string_view row) {
    std::string uuid(key.substr(rows_begin.size()));
    auto source = EventSource::from_row(uuid, row);
    if (!source) {
      log::error("lambda", "the row of event source mapping " + uuid + " cannot be read; it is left out");
      return true;
    }
    receivers_.emplace(std::move(uuid),
                       std::make_shared<Receiver>(Receiver{.source = std::move(*source), .room = nullptr}));
    return true;
  });
}

void EventSources::start() {
  is_started_ = true;
  for (const auto& [uuid, receiver] : receivers_) begin(receiver);
}

void EventSources::stop() {
  is_started_ = false;
  for (const auto& [uuid, receiver] : receivers_) receiver->is_stopped = true;
}

void EventSources::begin(const ReceiverPtr& receiver) {
  if (!is_started_ || !receiver->source.is_enabled) return;
  if (receiver->source.stream) return begin_lanes(receiver);
  shard_.spawn(run(receiver));
}

void EventSources::save(const EventSource& source) {
  Batch batch;
  batch.put(Family::registry, row_key(source.uuid), source.to_row());
  store_.write(std::move(batch));
}

Result<void> EventSources::set_function(EventSource& source, const json::object& input) const {
  auto reference = parse_reference(json::string_or(input, "FunctionName", ""), instance());
  if (!reference) return reference.error();
  const std::string& qualifier = reference->qualifier;
  if (!qualifier.empty() && qualifier != "$LATEST")
    return function_not_found(function_arn(instance(), reference->name) + ":" + qualifier);
  auto function = functions_.find(reference->name);
  if (!function) return function.error();
  source.function = std::move(reference->name);
  return {};
}

// The queue must hide a message for as long as the function may work on it. Source: Lambda's answer otherwise.
Result<void> EventSources::check(const EventSource& source) const {
  if (source.stream) {
    if (stream_of(source)) return {};
    return invalid_parameter("Stream not found: " + source.arn(instance()));
  }
  const sqs::QueueDefinition* queue = queues_.find(source.queue);
  if (!queue) return no_such_queue();
  const std::int64_t visibility_s = queue->settings().visibility_s;
  auto function = functions_.find(source.function);
  if (!function) return function.error();
  if (visibility_s >= function->timeout_s) return {};
  return invalid_parameter("Queue visibility timeout: " + std::to_string(visibility_s) +
                           " seconds is less than Function timeout: " + std::to_string(function->timeout_s) +
                           " seconds");
}

Result<void> EventSources::name_source(EventSource& source, const std::string& arn) const {
  source.queue = sqs::queue_in_arn(arn, instance());
  if (!source.queue.empty()) return {};
  if (arn.find(":sqs:") != std::string::npos) return no_such_queue();
  source.stream = StreamSource::named(arn, instance());
  source.batch_size = limits::stream_batch_size;
  if (source.stream && !tables_) return not_supported("An event source mapping of a table that is elsewhere");
  if (source.stream) return {};
  if (arn.find(":dynamodb:") != std::string::npos) return invalid_parameter("Stream not found: " + arn);
  return invalid_parameter("Unrecognized event source, croft takes sqs and dynamodb. Unsupported source arn: " + arn);
}

Task<Result<EventSources::Shown>> EventSources::create(json::object input) {
  EventSource source;
  const std::string arn(json::string_or(input, "EventSourceArn", ""));
  if (auto named = name_source(source, arn); !named) co_return named.error();
  if (auto named = set_function(source, input); !named) co_return named.error();
  if (auto set = set_members(source, input, instance()); !set) co_return set.error();
  if (auto checked = check(source); !checked) co_return checked.error();
  for (const Shown& existing : list(source.arn(instance()), source.function, "", 1)) {
    const std::string which = "arn (\" " + arn + " \") and function (\" " + source.function + " \") ";
    const std::string text = source.stream ? "The event source " + which + "provided mapping already exists"
                                           : "An event source mapping with SQS " + which + "already exists";
    co_return Error{"ResourceConflictException",
                    text + ". Please update or delete the existing mapping with UUID " + existing.source.uuid, 409};
  }
  if (receivers_.size() >= limits::event_sources_max) co_return too_many_requests();
  source.uuid = json::string_or(input, "UUID", "");  // a deployment knows it before
  if (source.uuid.empty()) source.uuid = text::random_uuid();
  source.modified_ms = Timestamp::now().ms;
  save(source);
  auto receiver = std::make_shared<Receiver>(Receiver{.source = source, .room = nullptr});
  receivers_.emplace(source.uuid, receiver);
  if (source.stream) {
    save_positions(source.uuid, {source.stream->starting_position == "LATEST" ? tables_->streams().next() : 0});
  }
  co_await store_.durable();
  begin(receiver);
  co_return Shown{source, receiver->last_result};
}

Result<EventSources::Shown> EventSources::find(std::string_view uuid) const {
  const auto found = receivers_.find(uuid);
  if (found == receivers_.end()) return no_such_source();
  return Shown{found->second->source, found->second->last_result};
}

std::vector<EventSources::Shown> EventSources::list(std::string_view source_arn, std::string_view function,
                                                    std::string_view after, std::size_t limit) const {
  std::vector<Shown> found;
  for (auto it = receivers_.upper_bound(after); it != receivers_.end() && found.size() < limit; ++it) {
    const EventSource& source = it->second->source;
    if ((source_arn.empty() || source.arn(instance()) == source_arn) && (function.empty() || source.function == function))
      found.push_back({source, it->second->last_result});
  }
  return found;
}

Task<Result<EventSources::Shown>> EventSources::update(std::string uuid, json::object input) {
  const auto found = receivers_.find(uuid);
  if (found == receivers_.end()) co_return no_such_source();
  EventSource source = found->second->source;
  if (json::find(input, "FunctionName")) {
    if (auto named = set_function(source, input); !named) co_return named.error();
  }
  if (auto set = set_members(source, input, instance()); !set) co_return set.error();
  if (auto checked = check(source); !checked) co_return checked.error();
  source.modified_ms = Timestamp::now().ms;
  save(source);
  found->second->is_stopped = true;
  auto receiver = std::make_shared<Receiver>(Receiver{.source = source, .room = nullptr});
  // One that has not begun yet still waits for the one before it.
  if (source.stream) receiver->before = found->second->before ? found->second->before : found->second;
  found->second = receiver;
  begin(receiver);
  co_await store_.durable();
  co_return Shown{source, receiver->last_result};
}

Task<Result<EventSources::Shown>> EventSources::erase(std::string uuid) {
  const auto found = receivers_.find(uuid);
  if (found == receivers_.end()) co_return no_such_source();
  const ReceiverPtr receiver = found->second;
  receiver->is_stopped = true;
  receivers_.erase(found);
  Batch batch;
  batch.erase(Family::registry, row_key(uuid));
  if (receiver->source.stream) erase_position(batch, uuid);
  store_.write(std::move(batch));
  co_await store_.durable();
  co_return Shown{receiver->source, receiver->last_result};
}

std::size_t EventSources::batches_running() const {
  std::size_t running = 0;
  for (const auto& [uuid, receiver] : receivers_) running += receiver->running;
  return running;
}

}  // namespace croft::lambda
