#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/json.h"
#include "types/instance.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::lambda {

// One function as its owner configured it, with its resource policy and tags. A value: what workers run is a copy.
struct Function {
  std::string name;
  std::string runtime;  // "python3.12"
  std::string role;
  std::string handler;
  std::string description;
  std::int64_t timeout_s = 3;
  std::int64_t memory_mb = 128;
  std::int64_t storage_mb = 512;
  std::string architecture = "x86_64";
  std::string tracing = "PassThrough";
  json::object environment;  // variable -> string
  // Settings that croft stores and shows but does not act upon: VpcConfig, DeadLetterConfig, KMSKeyArn,
  // FileSystemConfigs, LoggingConfig.
  json::object shown;

  std::string code_sha256;  // base64, as CodeSha256
  std::int64_t code_bytes = 0;
  Timestamp last_modified;
  std::string revision_id;      // changes with every change of code, configuration or policy
  std::int64_t generation = 0;  // grows with every change of code or configuration: workers of an older one retire

  std::optional<std::int64_t> reserved_concurrency;  // PutFunctionConcurrency; 0 = no invocation runs
  json::object tags;       // key -> string
  json::array statements;  // of the resource policy, in the order they were added

  friend bool operator==(const Function&, const Function&) = default;
};

// The FunctionConfiguration shape, State Active. `qualified`: FunctionArn ends in :$LATEST, as version lists show it.
json::object configuration(const Function& function, const Instance& instance, bool qualified = false);

// The row of Family::registry and back. A row of an unknown version or form is an Error (StoreFormat).
std::string to_row(const Function& function);
Result<Function> from_row(std::string_view row);

// The resource policy document as JSON text; "" without statements.
std::string policy_document(const Function& function);

}  // namespace croft::lambda
