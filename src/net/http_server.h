#pragma once

#include <functional>
#include <memory>

#include "net/http.h"
#include "net/listener.h"
#include "net/transport.h"
#include "shard/task.h"

namespace croft::net {

// Answers one request; runs on the shard of its connection. Must not throw.
using HttpHandler = std::function<Task<HttpResponse>(HttpRequest)>;

// Serves HTTP/1.1 on one connection until either side closes: keep-alive, pipelining in order, chunked and
// Content-Length bodies, Expect: 100-continue. What breaks the grammar or limits gets a bare 400, 413, 431 or 408 and
// the connection is closed. `handler` outlives the task.
Task<void> serve_http(Transport transport, const HttpHandler& handler);

}  // namespace croft::net
