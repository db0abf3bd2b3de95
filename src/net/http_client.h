#pragma once

#include <chrono>
#include <string>

#include "net/http.h"
#include "shard/shard.h"
#include "types/result.h"

namespace croft::net {

// One request on a connection of its own to http://host:port, for croft's own tools and tests on loopback.
// `url` holds scheme, authority, path and query. Errors: ConnectionFailed, RequestTimeout, InvalidResponse, each
// naming the address. `timeout` 0 waits for ever. Runs on `shard`, the caller's own.
Task<Result<HttpResponse>> http_request(Shard& shard, std::string method, std::string url, Headers headers,
                                        std::string body, std::chrono::milliseconds timeout);

// The same for a program without a shard (the command line): blocks.
Result<HttpResponse> http_request_blocking(std::string method, std::string url, Headers headers, std::string body,
                                           std::chrono::milliseconds timeout);

}  // namespace croft::net
