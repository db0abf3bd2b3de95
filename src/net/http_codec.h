#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "net/http.h"
#include "net/limits.h"

namespace croft::net {

// What is wrong with an HTTP message, as the status to answer with: 400, 413 or 431.
struct HttpFault {
  int status;
};

// Reads HTTP/1.1 messages from a stream of bytes; no socket. Bodies are whole in memory, within the limits.
class HttpDecoder {
 public:
  enum class Side { server, client };
  // A body beyond `body_bytes_max` is a 413, a start line and headers beyond `header_bytes_max` a 431.
  explicit HttpDecoder(Side side, std::size_t body_bytes_max = limits::http_body_bytes_max,
                       std::size_t header_bytes_max = limits::http_header_bytes_max);
  ~HttpDecoder();

  // Takes bytes until a message is complete or they are used up; returns how many were taken.
  std::size_t feed(std::span<const char> bytes);
  // client side: the answer to a HEAD has no body, whatever its headers say.
  void expect_no_body();
  // client side: the stream ended (a body without length ends here).
  void end_of_stream();

  std::optional<HttpFault> fault() const;
  bool is_complete() const;
  // True once for a request that waits for "100 Continue" before it sends its body.
  bool wants_continue();
  // The peer will not send another message after this one, or must not.
  bool closes() const;
  // So much of a body is in memory.
  std::size_t body_bytes() const;
  // True before the first byte of a message.
  bool is_idle() const;

  // The complete message; the decoder is ready for the next one.
  HttpRequest take_request();
  HttpResponse take_response();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  Side side_;
};

// Status line, headers (Content-Length added where a body may be) and body. HEAD answers keep their length and send no body.
std::string encode_response(const HttpResponse& response, bool keep_alive, bool head);
std::string encode_request(const HttpRequest& request, std::string_view host);

}  // namespace croft::net
