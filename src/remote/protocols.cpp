#include "remote/protocols.h"

#include "text/encoding.h"

namespace croft::remote {

Request json_request(std::string_view version, std::string_view target, const json::object& input) {
  Request request;
  request.headers = {{"content-type", "application/x-amz-json-" + std::string(version)}, {"x-amz-target", std::string(target)}};
  request.body = json::dump(input);
  return request;
}

// A form's values escape everything but letters, digits and - . _ ~; a blank is '+' in what botocore sends, %20 means the same.
Request query_request(std::string_view action, std::string_view version, const FormFields& fields) {
  Request request;
  request.headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}};
  request.body = "Action=" + std::string(action) + "&Version=" + std::string(version);
  for (const auto& [name, value] : fields) request.body += '&' + text::percent_encode(name) + '=' + text::percent_encode(value);
  return request;
}

Request rest_json_request(std::string method, std::string path, const json::object& input) {
  Request request{.method = std::move(method),
                  .path = std::move(path),
                  .query = {},
                  .headers = {},
                  .body = json::dump(input),
                  .endpoint = {}};
  request.headers = {{"content-type", "application/json"}};
  return request;
}

}  // namespace croft::remote
