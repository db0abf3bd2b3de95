#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "net/http.h"
#include "net/limits.h"
#include "shard/shard.h"
#include "types/result.h"

namespace croft::net {

// One request to wherever `url` leads: http or https, with its path and query percent-encoded.
struct HttpCall {
  std::string method, url;
  Headers headers;
  std::string body;
};

// Asks HTTP/1.1 servers, with connections that are kept and used again. TLS is 1.2 or 1.3, with the server's name sent
// (SNI) and checked against its certificate. Redirects are answers like others; cookies and proxies are not known.
//
// A kept connection that its server closed before it answered anything is tried once more on a fresh one when the method
// may be repeated (GET, HEAD, OPTIONS, PUT, DELETE); a POST is not, the server may have done it.
//
// Threads: its shard's; destroyed there too, or when its shard has stopped. Requests that still run end with ClientStopped.
class HttpClient {
 public:
  struct Options {
    std::size_t connections_per_origin = limits::client_connections_max;
    std::size_t waiting_per_origin = limits::client_waiting_max;  // for a connection, all others being busy
    std::chrono::milliseconds idle = limits::client_idle_max;     // a connection without a request is closed then
    std::size_t body_bytes_max = limits::client_body_bytes_max;   // of an answer
    std::size_t header_bytes_max = limits::client_header_bytes_max;
    std::string trust_anchors_file;  // PEM: the only authorities that are trusted. "": the system's (/etc/ssl/certs)
  };

  HttpClient(Shard& shard, Options options);
  ~HttpClient();

  // The whole answer, whatever its status. `timeout` counts from here to the last byte, waiting included; 0 is for ever.
  // Errors: InvalidUrl, InvalidHeader; ConnectionFailed, ConnectionLost; TlsFailure (a certificate that is not trusted, or
  // of another name), TlsConfiguration; RequestTimeout; InvalidResponse, ResponseTooLarge; ClientBusy (the waiting line is
  // full); ClientStopped. Their texts name the origin and never the rest of the URL.
  Task<Result<HttpResponse>> request(HttpCall call, std::chrono::milliseconds timeout);

  struct Figures {
    std::size_t connections = 0, idle = 0, waiting = 0;
  };
  Figures figures() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// For a program without a shard (the command line): one request on a connection of its own. Blocks. The authorities that are
// trusted are those of the PEM file, "" for the system's.
Result<HttpResponse> http_request_blocking(std::string method, std::string url, Headers headers, std::string body,
                                           std::chrono::milliseconds timeout, std::string trust_anchors_file = {});

}  // namespace croft::net
