#pragma once

#include "rules/firing.h"
#include "things/iot_log.h"
#include "types/instance.h"

namespace croft::rules {

// What rules do, as AWS IoT tells it in its log. Source: AWS IoT developer guide, "AWS IoT Core log entries", rules.
//
// Threads: any.
class RuleLog {
 public:
  // The log outlives it.
  RuleLog(things::IotLog& log, const Instance& instance) : log_(log), account_id_(instance.account_id) {}

  void matched(const Firing& firing) const;
  void begins(const Firing& firing, const Action& action) const;
  void ended(const Firing& firing, const Action& action, const Result<void>& done) const;
  // The statement asked another service and got no answer.
  void function_failed(const Firing& firing, const Error& error) const;
  // There was no room for the message.
  void throttled(const Firing& firing) const;
  // Basic Ingest to a rule that is not there, or not enabled.
  void not_found(const broker::Message& message, std::string_view rule_name) const;

 private:
  bool wants(things::IotLog::Level level, const broker::Message& message) const;
  json::object entry(const Firing& firing, std::string_view event, bool success) const;

  things::IotLog& log_;
  const std::string account_id_;
};

}  // namespace croft::rules
