#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "broker/message.h"
#include "observe/traces.h"
#include "shard/shard.h"
#include "sql/query.h"
#include "sql/template.h"
#include "text/json.h"
#include "types/result.h"

namespace croft::rules {

// One message that a rule's statement let through, on its way to the rule's actions. Shared by the actions of all
// rules that the message fires; immutable but for the lane that owns it.
struct Firing {
  std::string rule_name;
  broker::MessagePtr message;
  sql::Message original;          // what templates see
  sql::Output output;             // what the action sends
  std::string topic;              // without the prefix of Basic Ingest
  std::string account_id;
  std::string trace_id;
  Timestamp at;                   // value of timestamp()
  bool is_error_action = false;   // the output is the document of a failure
  // An action's templates that call external functions, by the address of their text; null when it has none.
  std::shared_ptr<const std::unordered_map<const std::string*, Result<std::string>>> rendered{};
  Shard* shard = nullptr;         // where the rule runs
  // Publishes on the shard where the rule runs; `kept` as in ShardBroker::publish().
  using Publish = std::function<void(const broker::MessagePtr&, std::function<void()> kept)>;
  Publish publish;

  // The step that this firing is: the rule's, and for an action its own. Empty for what is not traced.
  trace::Context step{};

  // The statement's and templates' view of the message; borrows from this.
  sql::Context context() const;
};

// What a rule does with a message: one object in a rule's `actions`, compiled. Immutable.
class Action {
 public:
  virtual ~Action() = default;
  // The name in logs and in the error action's document: "LambdaAction".
  virtual std::string name() const = 0;
  // What it acts upon, for the error action's document: a function's ARN, a table, a topic.
  virtual std::string resource() const = 0;
  // The same for the IoT log, whose member names differ from action to action.
  virtual json::object resources(const Firing&) const { return {{"Resource", resource()}}; }
  // Runs on the lane's shard and ends when the effect is there, its own retries included.
  virtual Task<Result<void>> run(const Firing& firing) const = 0;
};

}  // namespace croft::rules
