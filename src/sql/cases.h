#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "types/result.h"

namespace croft::sql {

// What became of one case: a statement, a message and what should come of it.
struct CaseResult {
  std::string id, sql, expected, actual;
  bool passed = false;
};

// The cases of a JSON list as tests/sql/iot-sql-cases.json is one. Each has
//   id, sql, sql_version (2016-03-23), topic, payload (JSON) or payload_base64 (the exact bytes), and
//   expect: the result of SELECT; {"no_match": true} when no action may run; {"error": true} when the rule is
//   refused; context, of which all is optional: client_id, account_id, principal, source_ip, trace_id, timestamp
//   (ms), rule_name (the
//     topic is a Basic Ingest topic then), mqtt5 {content_type, format_indicator, response_topic, correlation_data in
//     base64}, user_properties [[key, value]], fixtures {lambda, dynamodb, shadows, registry, secrets; see
//     fixtures.h}.
// Results are compared without regard to the order of members; numbers with a fraction within 1e-12 of their size,
// whole ones exactly. Error: InvalidCases for a text that is no such list.
Result<std::vector<CaseResult>> run_cases(std::string_view text);

}  // namespace croft::sql
