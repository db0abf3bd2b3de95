#include "sqs/queues.h"

#include <algorithm>

#include "observe/log.h"
#include "sqs/errors.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::sqs {

namespace {

constexpr std::string_view rows_begin = "queue/";
constexpr std::string_view rows_end = "queue0";  // '0' follows '/'

std::string row_key(std::string_view name) {
  return std::string(rows_begin).append(name);
}

Result<void> check_tags(const Attributes& tags) {
  if (tags.size() > limits::tags_max)
    return invalid_parameter("Too many tags added for queue. The maximum is " + std::to_string(limits::tags_max) +
                             ".");
  for (const auto& [key, value] : tags) {
    if (key.empty() || key.size() > limits::tag_key_characters_max)
      return invalid_parameter("Tag keys must be between 1 and 128 characters in length.");
    if (value.size() > limits::tag_value_characters_max)
      return invalid_parameter("Tag values must be between 0 and 256 characters in length.");
  }
  return {};
}

}  // namespace

Queues::Queues(Shard& shard, Store& store, Instance instance)
    : shard_(shard),
      store_(store),
      instance_(std::move(instance)),
      find_([this](std::string_view name) { return find(name); }),
      alarms_(shard) {
  const std::int64_t now_ms = Timestamp::now().ms;
  store_.visit(Family::registry, rows_begin, rows_end, false, [&](std::string_view key, std::string_view row) {
    std::string name(key.substr(rows_begin.size()));
    auto definition = QueueDefinition::from_row(name, row);
    if (!definition) {
      log::error("sqs", "the row of queue " + name + " cannot be read; the queue is left out");
      return true;
    }
    auto open = std::make_shared<Open>();
    open->queue = std::make_unique<Queue>(store_, sequences_, std::move(*definition), now_ms, Queue::Bounds{});
    queues_.emplace(std::move(name), std::move(open));
    return true;
  });
}

Queues::~Queues() = default;

void Queues::start() {
  shard_.spawn(sweep_forever());
}

Task<void> Queues::sweep_forever() {
  while (!stopping_) {
    co_await sleep_for(std::chrono::milliseconds(limits::sweep_ms));
    std::vector<OpenPtr> all;
    for (const auto& [name, open] : queues_) all.push_back(open);
    for (const OpenPtr& open : all) {
      while (!stopping_ && open->queue->sweep(Timestamp::now().ms, limits::sweep_messages))
        co_await sleep_for(std::chrono::milliseconds(1));
    }
  }
}

Queues::OpenPtr Queues::open(std::string_view name) const {
  const auto found = queues_.find(name);
  return found == queues_.end() ? nullptr : found->second;
}

const QueueDefinition* Queues::find(std::string_view name) const {
  const OpenPtr found = open(name);
  return found ? &found->queue->definition() : nullptr;
}

AttributeChange Queues::change(bool is_creation) const {
  return {instance_, find_, is_creation};
}

void Queues::save(const QueueDefinition& definition) {
  Batch batch;
  batch.put(Family::registry, row_key(definition.name), definition.to_row());
  store_.write(std::move(batch));
}

std::uint32_t Queues::free_number() const {
  std::uint32_t number = 0;
  for (const auto& [name, open] : queues_) number = std::max(number, open->queue->definition().number);
  return number + 1;
}

Task<Result<void>> Queues::create(std::string name, Attributes attributes, Attributes tags) {
  const auto fifo = attributes.find("FifoQueue");
  if (auto fits = check_queue_name(name, fifo != attributes.end() && fifo->second == "true"); !fits)
    co_return fits.error();
  if (const QueueDefinition* existing = find(name)) co_return check_same(*existing, attributes, change(true));
  if (queues_.size() >= limits::queues_max) co_return over_limit("There are too many queues.");
  if (auto checked = check_tags(tags); !checked) co_return checked.error();
  QueueDefinition definition;
  definition.name = name;
  if (auto set = sqs::set_attributes(definition, attributes, change(true)); !set) co_return set.error();
  const std::int64_t now_ms = Timestamp::now().ms;
  definition.number = free_number();
  definition.id = text::hex(text::random_bytes(8));
  definition.created_ms = definition.modified_ms = now_ms;
  definition.tags = std::move(tags);
  save(definition);
  auto open = std::make_shared<Open>();
  open->queue = std::make_unique<Queue>(store_, sequences_, std::move(definition), now_ms, Queue::Bounds{});
  queues_.emplace(name, std::move(open));
  co_await store_.durable();
  co_return Result<void>();
}

std::vector<std::string> Queues::names(std::string_view prefix, std::string_view after, std::size_t limit) const {
  std::vector<std::string> found;
  for (auto it = queues_.lower_bound(prefix); it != queues_.end() && found.size() < limit; ++it) {
    if (!it->first.starts_with(prefix)) break;
    if (it->first > after) found.push_back(it->first);
  }
  return found;
}

std::vector<std::string> Queues::dead_letter_sources(std::string_view name, std::string_view after,
                                                     std::size_t limit) const {
  std::vector<std::string> found;
  for (auto it = queues_.upper_bound(after); it != queues_.end() && found.size() < limit; ++it) {
    const auto& redrive = it->second->queue->settings().redrive;
    if (redrive && redrive->target == name) found.push_back(it->first);
  }
  return found;
}

Task<Result<void>> Queues::remove(std::string name) {
  const OpenPtr removed = open(name);
  if (!removed) co_return queue_does_not_exist();
  Batch batch;
  batch.erase(Family::registry, row_key(name));
  removed->queue->erase_rows(batch);
  store_.write(std::move(batch));
  queues_.erase(name);
  wake_all(*removed);
  co_await store_.durable();
  co_return Result<void>();
}

Task<Result<void>> Queues::purge(std::string name) {
  const OpenPtr purged = open(name);
  if (!purged) co_return queue_does_not_exist();
  const std::int64_t now_ms = Timestamp::now().ms;
  if (purged->purged_ms + limits::purge_pause_ms > now_ms)
    co_return Error{"PurgeQueueInProgress",
                    "Only one PurgeQueue operation on " + name + " is allowed every 60 seconds.", 403};
  purged->purged_ms = now_ms;
  purged->queue->purge();
  co_await store_.durable();
  co_return Result<void>();
}

Task<Result<void>> Queues::set_attributes(std::string name, Attributes changes) {
  const OpenPtr changed = open(name);
  if (!changed) co_return queue_does_not_exist();
  QueueDefinition definition = changed->queue->definition();
  if (auto set = sqs::set_attributes(definition, changes, change(false)); !set) co_return set.error();
  definition.modified_ms = Timestamp::now().ms;
  save(definition);
  changed->queue->redefine(std::move(definition));
  co_await store_.durable();
  co_return Result<void>();
}

Task<Result<void>> Queues::tag(std::string name, Attributes tags) {
  const OpenPtr tagged = open(name);
  if (!tagged) co_return queue_does_not_exist();
  QueueDefinition definition = tagged->queue->definition();
  for (auto& [key, value] : tags) definition.tags.insert_or_assign(key, value);
  if (auto checked = check_tags(definition.tags); !checked) co_return checked.error();
  save(definition);
  tagged->queue->redefine(std::move(definition));
  co_await store_.durable();
  co_return Result<void>();
}

Task<Result<void>> Queues::untag(std::string name, std::vector<std::string> keys) {
  const OpenPtr tagged = open(name);
  if (!tagged) co_return queue_does_not_exist();
  QueueDefinition definition = tagged->queue->definition();
  for (const std::string& key : keys) definition.tags.erase(key);
  save(definition);
  tagged->queue->redefine(std::move(definition));
  co_await store_.durable();
  co_return Result<void>();
}

Result<Counts> Queues::counts(std::string_view name) {
  const OpenPtr counted = open(name);
  if (!counted) return queue_does_not_exist();
  return counted->queue->counts(Timestamp::now().ms);
}

Result<std::optional<std::int64_t>> Queues::oldest_sent_ms(std::string_view name) {
  const OpenPtr asked = open(name);
  if (!asked) return queue_does_not_exist();
  return asked->queue->oldest_sent_ms();
}

Result<Peek> Queues::peek(std::string_view name, const std::optional<Place>& after, std::size_t count) const {
  const OpenPtr seen = open(name);
  if (!seen) return queue_does_not_exist();
  return seen->queue->peek(after, std::min(count, limits::peek_messages_max), Timestamp::now().ms);
}

}  // namespace croft::sqs
