// HTTP/1.1 as values.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/peer.h"

namespace croft::net {

class Transport;

using Headers = std::vector<std::pair<std::string, std::string>>;  // names in lower case, in the order of arrival

// The value of the first header of that (lower-case) name; nullptr when there is none.
const std::string* header(const Headers& headers, std::string_view name);

struct HttpRequest {
  std::string method;
  std::string path;   // as sent: still percent-encoded, without the query
  std::string query;  // as sent, without '?'
  Headers headers;
  std::string body;
  Peer peer;
  // Whether the client has gone: for handlers that wait. Only while the handler runs; empty when there is no connection.
  std::function<bool()> is_abandoned{};

  const std::string* header(std::string_view name) const { return net::header(headers, name); }
};

struct HttpResponse {
  int status = 200;
  Headers headers;
  std::string body;
  // Gets the connection once the answer is sent, and what was received behind the request: of a 101 for its protocol, of
  // any other status for a body that goes on until the connection ends.
  std::function<void(Transport, std::string)> take_over{};

  const std::string* header(std::string_view name) const { return net::header(headers, name); }
};

}  // namespace croft::net
