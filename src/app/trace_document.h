// Traces and timelines as JSON.
#pragma once

#include "app/refusals.h"
#include "lambda/function_logs.h"
#include "observe/timelines.h"
#include "observe/traces.h"
#include "text/json.h"

namespace croft::app {

// {"traceId","client","event","at","durationUs","outcome","rules","writes"}: `at` in ms since 1970 with its fraction, rules that
// matched, writes that were done. Of a trace that goes on the duration is until now.
json::object summary(const trace::Trace& trace);

// The summary and "steps":[{"id","parent","kind","name","beganUs","endedUs","outcome","detail"}], microseconds since the trace
// began. Details get what is not kept in them: log lines of invocations, tries of actions, why a WHERE was not true.
json::object document(const trace::Trace& trace, const lambda::FunctionLogs& logs);

// {"at","kind","text","traceId","detail"}; `is_kept`: there is such a trace.
json::object describe(const trace::TimelineEntry& entry, bool is_kept);

// The refusals of a client among its other moments. That of a connect is told once, with the reason.
std::vector<trace::TimelineEntry> merged(std::vector<trace::TimelineEntry> entries, const std::vector<Refusal>& refusals);

}  // namespace croft::app
