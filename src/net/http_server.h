#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "net/http.h"
#include "net/limits.h"
#include "net/listener.h"
#include "net/transport.h"
#include "shard/task.h"

namespace croft::net {

// Answers one request; runs on the shard of its connection. Must not throw.
using HttpHandler = std::function<Task<HttpResponse>(HttpRequest)>;

// Serves HTTP/1.1 on one connection until either side closes: keep-alive, pipelining in order, chunked and
// Content-Length bodies, Expect: 100-continue. What breaks the grammar or limits gets a bare 400, 413 or 431 and
// the connection is closed. It is also closed when a request takes longer than `patience` to arrive, or its answer to
// be read (0: never); handlers take as long as they like. `handler` outlives the task. An answer with take_over gives
// the connection away and ends the task.
Task<void> serve_http(Transport transport, const HttpHandler& handler,
                      std::chrono::milliseconds patience = limits::http_idle_max,
                      std::size_t body_bytes_max = limits::http_body_bytes_max);

}  // namespace croft::net
