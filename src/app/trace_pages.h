#pragma once

#include "app/device_side.h"
#include "app/refusals.h"
#include "gateway/gateway.h"
#include "lambda/function_logs.h"
#include "observe/timelines.h"
#include "observe/traces.h"

namespace croft::app {

// What the pages read; all of it outlives the gateway.
struct EventTraceSources {
  const trace::Traces& traces;
  const trace::Timelines& timelines;
  DeviceSide& devices;
  const lambda::FunctionLogs& logs;
  const Refusals& refusals;  // of clients
};

// GET /_croft/traces?client=ID&limit=N: the latest traces, newest first; without a client those of all.
// GET /_croft/traces/TRACE_ID: one with its steps.
// GET /_croft/timeline/CLIENT_ID: what happened to a client, newest first.
// As trace_document.h says; 404 for what is not known.
void add_event_trace_pages(gateway::Gateway& gateway, const EventTraceSources& sources);

}  // namespace croft::app
