#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "observe/traces.h"

namespace croft::lambda {

struct Invocation {
  enum class Kind : std::uint8_t { request_response, event, dry_run };

  std::string function;  // name, partial or full ARN, with or without a qualifier
  std::string payload;   // JSON text; "" stands for {}
  Kind kind = Kind::request_response;
  bool tail = false;             // want Outcome::log_tail
  std::string qualifier{};       // "", or the Qualifier parameter
  std::string client_context{};  // as sent: base64 of JSON
  std::string request_id{};      // UUID; "" = made here
  trace::Context step{};         // what it belongs to; empty when it is not traced
  std::string source{};          // who asks, for people: "rule NAME", the ARN of a queue or stream; "": the API
};

// How an invocation went. A failure of the function's code is an Outcome, not an Error.
struct Outcome {
  int status = 200;            // 202 for an accepted event, 204 for a dry run
  std::string payload;         // what the function returned, or its error document
  std::string function_error;  // "" or "Unhandled"
  std::string log_tail;        // the last 4 KB of log, plain, when asked for
  std::chrono::microseconds duration{0};
  std::optional<std::int64_t> init_ms{};  // the start of its worker, whose first invocation it was
  std::int64_t memory_used_mb = 0;
  std::string executed_version = "$LATEST";
};

}  // namespace croft::lambda
