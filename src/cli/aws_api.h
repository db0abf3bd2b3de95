#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/limits.h"
#include "cli/place.h"
#include "cli/xml_reader.h"
#include "net/http.h"
#include "text/json.h"

namespace croft::cli {

struct RestCall {
  std::string service;  // name in the signature: "iot", "lambda", "s3"
  std::string method;
  std::string path;  // percent-encoded
  std::string query{};
  std::string body{};
  net::Headers headers{};
  std::chrono::milliseconds timeout = limits::call_max;
};

using Parameters = std::vector<std::pair<std::string, std::string>>;

// The AWS APIs of one croft, signed. Blocks. Errors carry the service's own code, message and status; a connection
// that cannot be made is ConnectionFailed and says what to do.
class AwsApi {
 public:
  explicit AwsApi(Place place) : place_(std::move(place)) {}

  // AWS JSON: `target` is "DynamoDB_20120810.Scan".
  Result<json::object> json(std::string_view service, std::string_view target, const json::object& input) const;
  // REST-JSON with a document as its answer (an empty one for an empty body).
  Result<json::object> rest_json(RestCall call) const;
  // Any status below 300; the body as it is.
  Result<net::HttpResponse> rest(const RestCall& call) const;
  // AWS Query; the answer is the element ACTIONResult, or an empty element.
  Result<XmlElement> query(std::string_view service, std::string_view version, std::string_view action,
                           const Parameters& parameters) const;

  // One of croft's own pages, "/_croft/devices", signed as the service croft: beyond loopback it is asked for.
  Result<json::object> page(const std::string& path, const std::string& query = {}) const;

  const Place& place() const { return place_; }

 private:
  Result<net::HttpResponse> send(const RestCall& call, net::Headers headers) const;

  Place place_;
};

// The AWS error in an answer of status 300 and above.
Error error_of(const net::HttpResponse& response);

}  // namespace croft::cli
