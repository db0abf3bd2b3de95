#include "rules/local_services.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "dynamo/attribute_json.h"
#include "rules/actions/dynamodb.h"
#include "rules/actions/lambda.h"
#include "rules/limits.h"
#include "sql/limits.h"

namespace croft::rules {

namespace {

namespace asio = boost::asio;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;

template <class T>
Task<void> settle(Promise<T> promise, Task<T> task) {
  try {
    T value = co_await std::move(task);
    promise.fulfil(std::move(value));
  } catch (...) {
    promise.fail(std::current_exception());
  }
}

// The task's value, or `late` after so long; the task itself goes on.
template <class T>
Task<T> within(std::chrono::milliseconds patience, Task<T> task, T late) {
  const Executor executor = co_await asio::this_coro::executor;
  const Promise<T> promise;
  asio::co_spawn(executor, settle<T>(promise, std::move(task)), asio::detached);
  Timer timer(executor, patience);
  timer.async_wait([promise, late = std::move(late)](const boost::system::error_code& ended) {
    if (!ended) promise.fulfil(late);
  });
  T value = co_await promise.wait();
  co_return value;  // the timer goes
}

Error failure(std::string message) { return {"RuleExecutionFailure", std::move(message), 500}; }

Result<Answer> from_json(std::string_view text, const char* what) {
  if (text.size() > limits::external_answer_bytes_max) return failure(std::string(what) + " is larger than 1 MB");
  std::optional<sql::Value> value = sql::read_json(text);
  if (!value) return failure(std::string(what) + " is not JSON");
  return Answer(std::move(*value));
}

}  // namespace

LocalServices::LocalServices(Sources sources)
    : sources_(std::move(sources)), schemas_(limits::kept_schemas_max), secrets_(limits::kept_secrets_max) {}

Task<Result<Answer>> LocalServices::ask(Question question, Asker asker) const {
  Task<Result<Answer>> task = std::visit([&](auto& asked) { return answer(std::move(asked), std::move(asker)); }, question);
  Result<Answer> said = co_await std::move(task);
  co_return said;
}

// Source: AWS IoT developer guide, "aws_lambda": the function has 2,000 ms, and its resource policy must let the rule in.
Task<Result<Answer>> LocalServices::answer(InvokeFunction question, Asker asker) const {
  if (auto allowed = check_lambda_permission(sources_.functions, question.function_arn, asker.rule_name); !allowed)
    co_return allowed.error();
  lambda::Invocation invocation{
      .function = question.function_arn, .payload = std::move(question.event), .source = "rule " + asker.rule_name};
  Result<lambda::Outcome> late = failure("the function " + question.function_arn + " did not answer within 2000 ms");
  Task<Result<lambda::Outcome>> invoked = sources_.invoker.invoke(std::move(invocation));
  auto outcome = co_await within(limits::function_answer_time_max, std::move(invoked), std::move(late));
  if (!outcome) co_return outcome.error();
  if (!outcome->function_error.empty())
    co_return failure("the function " + question.function_arn +
                      " failed: " + outcome->payload.substr(0, limits::told_bytes_max));
  co_return from_json(outcome->payload, "the answer of the function");
}

Task<Result<Answer>> LocalServices::answer(ReadItem question, Asker asker) const {
  if (!asker.shard) co_return failure("there are no tables");
  dynamo::Item key;
  auto partition = attribute_from(question.key.partition_value);
  if (!partition) co_return partition.error();
  key.set(question.key.partition_name, std::move(*partition));
  if (question.key.sort_name) {
    auto sort = attribute_from(question.key.sort_value);
    if (!sort) co_return sort.error();
    key.set(*question.key.sort_name, std::move(*sort));
  }
  auto found = co_await sources_.tables.get(*asker.shard, question.key.table, std::move(key));
  if (!found) co_return found.error();
  if (!*found) co_return failure("the table " + question.key.table + " has no such item");
  std::string text;
  dynamo::append_json(text, **found);
  co_return from_json(text, "the item");
}

Task<Result<Answer>> LocalServices::answer(ReadShadow question, Asker) const {
  auto document = sources_.shadows.document({question.thing, question.name});
  if (!document) co_return document.error();
  co_return from_json(*document, "the shadow");
}

Task<Result<Answer>> LocalServices::answer(ReadRegistry question, Asker) const {
  auto reply = co_await sources_.registry(question.operation, question.thing);
  if (!reply) co_return reply.error();
  co_return from_json(json::dump(*reply), "the answer of the registry");
}

// Kept for a while: AWS does so for up to 15 minutes. Source: AWS IoT developer guide, "get_secret".
Task<Result<Answer>> LocalServices::answer(ReadSecret question, Asker asker) const {
  {
    std::lock_guard lock(mutex_);
    const KeptSecret* kept = secrets_.find(question.id);
    if (kept && MonoTime::now() < kept->until) co_return Answer(kept->secret);
  }
  if (!sources_.secret || !asker.shard) co_return failure("there is no Secrets Manager");
  auto secret = co_await sources_.secret(*asker.shard, question.id);
  if (!secret) co_return secret.error();
  std::lock_guard lock(mutex_);
  secrets_.put(question.id, {MonoTime{MonoTime::now().ms + limits::secret_kept.count()}, *secret});
  co_return Answer(std::move(*secret));
}

// Of one version of an object the types are read once.
Result<LocalServices::SchemaPtr> LocalServices::schema(const ReadSchema& wanted) const {
  auto object = sources_.object(wanted.bucket, wanted.key);
  if (!object) return object.error();
  const std::string place = wanted.bucket + "/" + wanted.key;
  {
    std::lock_guard lock(mutex_);
    const KeptSchema* kept = schemas_.find(place);
    if (kept && kept->version == object->version) return kept->schema;
  }
  if (object->bytes > sql::limits::protobuf_schema_bytes_max)
    return failure("the descriptor set " + place + " is larger than 32 KB");
  auto bytes = object->read();
  if (!bytes) return bytes.error();
  auto schema = sql::ProtobufSchema::read(*bytes);
  if (!schema) return schema.error();
  std::lock_guard lock(mutex_);
  schemas_.put(place, {object->version, *schema});
  return *schema;
}

Task<Result<Answer>> LocalServices::answer(ReadSchema question, Asker) const {
  auto found = schema(question);
  if (!found) co_return found.error();
  co_return Answer(std::move(*found));
}

}  // namespace croft::rules
