// Message movement tasks: dead letters back to where they came from.
#include "services/sqs/input.h"
#include "services/sqs/operations.h"
#include "sqs/errors.h"
#include "sqs/limits.h"
#include "text/encoding.h"

namespace croft::services::sqs {

using namespace croft::sqs;

namespace {

Error no_such_resource(const std::string& member) {
  return resource_not_found("The resource that you specified for the " + member + " parameter doesn't exist.");
}

std::string queue_of(const json::object& input, const std::string& member, const Instance& instance) {
  const std::string arn = required_text(input, member);
  std::string name = queue_in_arn(arn, instance);
  if (name.empty()) refuse(no_such_resource(member));
  return name;
}

std::string task_handle(const Queues::MoveTask& task, const Instance& instance) {
  return text::base64(json::dump(json::object{{"taskId", task.id}, {"sourceArn", instance.arn("sqs", task.source)}}));
}

struct TaskName {
  std::string id, source_arn;
};

TaskName read_handle(const std::string& handle) {
  const auto bytes = text::from_base64(handle);
  const auto parsed = bytes ? json::parse(*bytes) : Result<json::value>(Error{});
  if (parsed && parsed->is_object()) {
    const json::object& o = parsed->get_object();
    TaskName name{std::string(json::string_or(o, "taskId", "")), std::string(json::string_or(o, "sourceArn", ""))};
    if (!name.id.empty() && name.source_arn.starts_with("arn:")) return name;
  }
  refuse(invalid_parameter("Value for parameter TaskHandle is invalid."));
}

json::object shown(const Queues::MoveTask& task, const Instance& instance) {
  json::object out = {{"Status", task.status},
                      {"SourceArn", instance.arn("sqs", task.source)},
                      {"ApproximateNumberOfMessagesMoved", task.moved},
                      {"ApproximateNumberOfMessagesToMove", task.to_move},
                      {"StartedTimestamp", task.started_ms}};
  if (task.status == "RUNNING") out["TaskHandle"] = task_handle(task, instance);
  if (!task.destination.empty()) out["DestinationArn"] = instance.arn("sqs", task.destination);
  if (task.per_second_max > 0) out["MaxNumberOfMessagesPerSecond"] = task.per_second_max;
  if (!task.failure.empty()) out["FailureReason"] = task.failure;
  return out;
}

}  // namespace

Task<gateway::Reply> Operations::start_message_move_task(Call& call) {
  const std::string source = queue_of(call.input, "SourceArn", instance());
  const std::string destination = text_member(call.input, "DestinationArn").empty()
                                      ? std::string()
                                      : queue_of(call.input, "DestinationArn", instance());
  const auto rate = bounded_integer(call.input, "MaxNumberOfMessagesPerSecond", 1, limits::moves_per_second_max,
                                    "MaxNumberOfMessagesPerSecond must be an integer between 1 and 500.");
  const std::string id = queues_.start_move(source, destination, rate.value_or(0)).value();
  Reply reply;
  reply.output["TaskHandle"] =
      task_handle({.id = id, .source = source, .destination = {}, .failure = {}}, instance());
  co_return reply;
}

Task<gateway::Reply> Operations::list_message_move_tasks(Call& call) {
  const std::string source = queue_of(call.input, "SourceArn", instance());
  if (!queues_.find(source)) refuse(no_such_resource("SourceArn"));
  const auto limit = bounded_integer(call.input, "MaxResults", 1, limits::move_tasks_kept,
                                     "MaxResults must be an integer between 1 and 10.");
  json::array results;
  for (const Queues::MoveTask& task : queues_.move_tasks(source, static_cast<std::size_t>(limit.value_or(1))))
    results.push_back(shown(task, instance()));
  Reply reply;
  if (!results.empty()) reply.output["Results"] = std::move(results);
  co_return reply;
}

Task<gateway::Reply> Operations::cancel_message_move_task(Call& call) {
  const TaskName task = read_handle(required_text(call.input, "TaskHandle"));
  const std::string source = queue_in_arn(task.source_arn, instance());
  if (source.empty()) refuse(no_such_resource("SourceArn"));
  Reply reply;
  reply.output["ApproximateNumberOfMessagesMoved"] = queues_.cancel_move(source, task.id).value();
  co_return reply;
}

}  // namespace croft::services::sqs
