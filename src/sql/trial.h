#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sql/query.h"
#include "sql/trace.h"
#include "text/json.h"

namespace croft::sql {

// One statement and one message, without a broker: `croft rules test` and the page /_croft/rules/test.
struct Trial {
  std::string sql;
  std::string sql_version = "2016-03-23";  // what AWS recommends and its console fills in
  std::string topic;                       // as published; $aws/rules/NAME/rest for Basic Ingest
  std::string payload;
  std::string account_id;
  std::optional<std::string> client_id, principal, source_ip, trace_id;
  std::optional<Timestamp> timestamp;  // of timestamp(); now
  std::vector<std::pair<std::string, std::string>> user_properties;
  std::string rule_name;
  bool explain = false;

  // {"sql", "sqlVersion", "topic", "payload" (JSON) or "payloadText" or "payloadBase64", "clientId", "principal",
  // "sourceIp", "traceId", "accountId", "timestamp", "userProperties": [[key, value]], "explain"}.
  // InvalidRequestException for what is missing, of a wrong type or unknown.
  static Result<Trial> from_json(const json::object& request);
};

struct TrialOutcome {
  enum class Kind : std::uint8_t {
    result,       // an action would get `payload`
    not_true,     // WHERE is not true
    other_topic,  // FROM is for other topics
    refused,      // the rule cannot be made: `error`
    failed        // the evaluation was aborted: `error`
  };
  Kind kind = Kind::result;
  SharedBytes payload;
  Error error;
  std::optional<Position> position;  // of a SqlParseException
  std::string topic_filter;
  std::vector<Trace::Step> steps;
  bool steps_are_cut = false;

  // {"outcome": "RESULT", "NOT_TRUE", "OTHER_TOPIC", "REFUSED" or "FAILED", "payloadText" or, for bytes that are no
  // text, "payloadBase64", "code", "message", "line", "column", "topicFilter", "steps": [{"depth", "clause",
  // "expression", "value"}], "stepsAreCut"}
  json::object to_json() const;
};

// External functions are not there and fail.
TrialOutcome run(const Trial& trial);

}  // namespace croft::sql
