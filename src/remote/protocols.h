// Requests as AWS's protocols write them. Source: Smithy, "AWS Protocols"; what botocore sends.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http.h"
#include "text/json.h"

namespace croft::remote {

struct Request {
  std::string method = "POST";
  std::string path = "/";  // percent-encoded
  std::string query;
  net::Headers headers;  // names in lower case, without host
  std::string body;
  std::string endpoint;             // "" = that of the configuration
  net::Headers unsigned_headers{};  // sent too; proxies may change them
};

// The protocols awsJson1_0 and awsJson1_1; `target` is PREFIX.OPERATION.
Request json_request(std::string_view version, std::string_view target, const json::object& input);
// awsQuery: a form in the order given.
using FormFields = std::vector<std::pair<std::string, std::string>>;
Request query_request(std::string_view action, std::string_view version, const FormFields& fields);
// restJson1.
Request rest_json_request(std::string method, std::string path, const json::object& input);

}  // namespace croft::remote
