#pragma once

#include "app/device_side.h"
#include "gateway/gateway.h"
#include "lambda/invoker.h"
#include "remote/remote_services.h"
#include "rules/engine.h"

namespace croft::app {

// Everything that croft counts, for GET /metrics. Label sets are bounded: no client id, topic or rule name is a
// label.
//
// Threads: the API shard's. Cost of a page: a hop to each device shard, which copies its counters.
class Metrics {
 public:
  // What is counted elsewhere; all of it outlives the object.
  struct Sources {
    Shard& shard;
    const Store& store;
    DeviceSide& devices;
    rules::Engine& engine;
    const lambda::Invoker& invoker;
    const gateway::Gateway& gateway;
    const gateway::Gateway& device_gateway;
    const remote::RemoteServices& remote;
  };
  explicit Metrics(Sources sources) : sources_(sources) {}

  // Measures the lag of the API shard from here on.
  void start();
  // Prometheus's text format.
  Task<net::HttpResponse> page();

 private:
  static Task<void> measure_lag(std::shared_ptr<metrics::Histogram> lag);

  Sources sources_;
  std::shared_ptr<metrics::Histogram> api_lag_ = std::make_shared<metrics::Histogram>();
};

}  // namespace croft::app
