// The external functions of IoT SQL: what a statement or a template asks of other services while it is evaluated.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "rules/firing.h"
#include "sql/protobuf.h"

namespace croft::rules {

// The questions, and what answers each.
struct InvokeFunction {  // aws_lambda: a sql::Value
  std::string function_arn;
  std::string event;  // JSON
};
struct ReadItem {  // get_dynamodb: a sql::Value, the item in DynamoDB JSON
  sql::External::ItemKey key;
};
struct ReadShadow {  // get_thing_shadow: a sql::Value
  std::string thing;
  std::string name;  // "" for the classic one
};
struct ReadRegistry {  // get_registry_data: a sql::Value
  std::string operation;
  std::string thing;
};
struct ReadSecret {  // get_secret: a sql::External::Secret
  std::string id;
};
struct ReadSchema {  // decode with 'proto': a schema
  std::string bucket;
  std::string key;
};
using Question = std::variant<InvokeFunction, ReadItem, ReadShadow, ReadRegistry, ReadSecret, ReadSchema>;
using Answer = std::variant<sql::Value, sql::External::Secret, std::shared_ptr<const sql::ProtobufSchema>>;

struct Asker {
  std::string rule_name;
  Shard* shard = nullptr;  // where the answer is awaited; null in tests alone
};

// Who answers. Threads: any shard.
class ExternalServices {
 public:
  virtual ~ExternalServices() = default;
  // Whether rules may call this function of SQL, "get_secret".
  virtual bool has(std::string_view function) const = 0;
  // Why it cannot, ": the configuration ...", or "".
  virtual std::string lack(std::string_view) const { return {}; }
  virtual Task<Result<Answer>> ask(Question question, Asker asker) const = 0;
};

// The statement's result for the firing's message. It is evaluated from its start after each answer, so an evaluation
// waits without holding anything; random values stay what they were. What fails, and what takes too many questions or too
// long (limits.h), is an Error that aborts the rule, unless get_or_default catches it. Borrows all three until it is done.
Task<Result<std::optional<sql::Output>>> evaluate(const sql::Query& query, const Firing& firing,
                                                  const ExternalServices& services);

// Templates that call external functions, rendered before the action that they belong to runs: by the address of their
// text, which copies of a template share.
using RenderedTemplates = std::unordered_map<const std::string*, Result<std::string>>;

Task<RenderedTemplates> render_all(const std::vector<sql::Template>& templates, const Firing& firing,
                                   const ExternalServices& services);

}  // namespace croft::rules
