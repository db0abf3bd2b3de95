// Moving messages of a dead-letter queue to where they came from, or elsewhere.
#include <algorithm>

#include "sqs/errors.h"
#include "sqs/queues.h"
#include "text/digest.h"

namespace croft::sqs {

namespace {

constexpr std::size_t moves_between_syncs = 100;

}  // namespace

Result<std::string> Queues::start_move(const std::string& source, const std::string& destination,
                                       std::int64_t per_second_max) {
  const OpenPtr from = open(source);
  if (!from) return resource_not_found("The resource that you specified for the SourceArn parameter doesn't exist.");
  if (dead_letter_sources(source, "", 1).empty())
    return invalid_parameter("Source queue must be configured as a Dead Letter Queue.");
  if (!destination.empty() && !open(destination))
    return resource_not_found("The resource that you specified for the DestinationArn parameter doesn't exist.");
  if (destination == source)
    return invalid_parameter("Source queue arn and destination queue arn cannot be the same.");
  auto& tasks = moves_[source];
  if (!tasks.empty() && tasks.front()->status == "RUNNING")
    return invalid_parameter(
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time.");
  if (moving_ >= limits::move_tasks_running_max) return over_limit("Too many message movement tasks are running.");
  const std::int64_t now_ms = Timestamp::now().ms;
  auto task = std::make_shared<MoveTask>(MoveTask{.id = text::random_uuid(),
                                                  .source = source,
                                                  .destination = destination,
                                                  .per_second_max = per_second_max,
                                                  .to_move = from->queue->counts(now_ms).visible,
                                                  .started_ms = now_ms,
                                                  .failure = {}});
  tasks.push_front(task);
  if (tasks.size() > limits::move_tasks_kept) tasks.pop_back();
  ++moving_;
  shard_.spawn(run_move(task));
  return task->id;
}

bool Queues::move_one(MoveTask& task) {
  const auto fail = [&](const char* reason) {
    task.status = "FAILED";
    task.failure = reason;
    return false;
  };
  const std::int64_t now_ms = Timestamp::now().ms;
  const OpenPtr from = open(task.source);
  if (!from) return fail("AWS.SimpleQueueService.NonExistentQueue");
  auto moved = from->queue->first_visible(now_ms);
  if (!moved) {
    task.status = "COMPLETED";
    return false;
  }
  const std::string name = task.destination.empty() ? moved->message.source : task.destination;
  if (name.empty()) return fail("CouldNotDetermineMessageSource");
  const OpenPtr to = open(name);
  if (!to) return fail("AWS.SimpleQueueService.NonExistentQueue");
  from->queue->move(std::move(*moved), *to->queue, now_ms);
  ++task.moved;
  wake(*to);
  return true;
}

Task<void> Queues::run_move(std::shared_ptr<MoveTask> task) {
  while (!stopping_ && task->status == "RUNNING" && move_one(*task)) {
    if (task->per_second_max > 0)
      co_await sleep_for(std::chrono::milliseconds(1'000 / task->per_second_max));
    else if (task->moved % moves_between_syncs == 0)
      co_await sleep_for(std::chrono::milliseconds(1));
  }
  if (task->status == "CANCELLING") task->status = "CANCELLED";
  --moving_;
}

std::vector<Queues::MoveTask> Queues::move_tasks(std::string_view source, std::size_t limit) const {
  std::vector<MoveTask> found;
  const auto tasks = moves_.find(source);
  if (tasks == moves_.end()) return found;
  for (const auto& task : tasks->second)
    if (found.size() < limit) found.push_back(*task);
  return found;
}

Result<std::uint64_t> Queues::cancel_move(std::string_view source, std::string_view id) {
  const auto tasks = moves_.find(source);
  if (!open(source))
    return resource_not_found("The resource that you specified for the SourceArn parameter doesn't exist.");
  if (tasks != moves_.end()) {
    for (const auto& task : tasks->second) {
      if (task->id != id) continue;
      if (task->status != "RUNNING") return invalid_parameter("Only active tasks can be cancelled.");
      task->status = "CANCELLING";
      return task->moved;
    }
  }
  return resource_not_found("Task does not exist.");
}

}  // namespace croft::sqs
