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

// How much memory the bodies of many connections may take together, where anybody can connect: none of them is known before its
// request is whole. Small bodies are not counted, so that who sends large ones keeps nobody else out.
//
// Threads: those of the connections, which are on one shard.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  BodyBudget(const BodyBudget&) = delete;

  // Of one connection, given back with it.
  class Share {
   public:
    explicit Share(BodyBudget* budget) : budget_(budget) {}
    Share(const Share&) = delete;
    ~Share() { static_cast<void>(hold(0)); }
    // From here on so many bytes. False: there are not so many left, and it holds what it held.
    bool hold(std::size_t bytes);

   private:
    BodyBudget* const budget_;  // null: any number
    std::size_t held_ = 0;
  };
  std::size_t held() const { return held_; }

 private:
  const std::size_t bytes_max_;
  std::size_t held_ = 0;
};

// Serves HTTP/1.1 on one connection until either side closes: keep-alive, pipelining in order, chunked and
// Content-Length bodies, Expect: 100-continue. What breaks the grammar or limits gets a bare 400, 413 or 431 and
// the connection is closed; so is one whose body no longer fits into `budget`, with a bare 503. It is also closed when a
// request takes longer than `patience` to arrive, or its answer to be read (0: never); handlers take as long as they like.
// `handler` and `budget` outlive the task. An answer with take_over gives the connection away and ends the task.
Task<void> serve_http(Transport transport, const HttpHandler& handler,
                      std::chrono::milliseconds patience = limits::http_idle_max,
                      std::size_t body_bytes_max = limits::http_body_bytes_max, BodyBudget* budget = nullptr);

}  // namespace croft::net
