#pragma once

#include "app/device_side.h"
#include "app/refusals.h"
#include "gateway/gateway.h"
#include "things/iot_log.h"
#include "things/registry.h"

namespace croft::app {

// The pages beside AWS's APIs: /health, and below /_croft/ what croft's own tools show. All references outlive the
// gateway.
void add_pages(gateway::Gateway& gateway, DeviceSide& devices);

// GET /_croft/refusals/CLIENT_ID: why that client was refused, and the certificates of the thing of that name; a
// certificate id is taken too. GET /_croft/refusals: who was refused lately, newest first, each with its last refusal.
void add_refusals_page(gateway::Gateway& gateway, const RefusalBooks& refusals, const things::Registry& registry);

// GET /_croft/trace/CLIENT_ID?after=SEQUENCE&wait=MILLISECONDS&payload=1: what that client and the broker say to each other
// from the first such request on, until nobody asks for a minute.
void add_trace_page(gateway::Gateway& gateway, DeviceSide& devices, Shard& shard);

// GET /_croft/log?after=BYTE: whole lines of the IoT log, from its end when `after` is not given.
void add_log_page(gateway::Gateway& gateway, const things::IotLog& log);

}  // namespace croft::app
