#include "cli/aws_api.h"

#include "identity/sigv4.h"
#include "net/http_client.h"
#include "text/encoding.h"

namespace croft::cli {

namespace {

// "com.amazon.coral#ThrottlingException" and "ThrottlingException:http://…" are ThrottlingException.
std::string bare_code(std::string_view type) {
  type = type.substr(0, type.find(':'));
  const std::size_t mark = type.rfind('#');
  return std::string(mark == std::string_view::npos ? type : type.substr(mark + 1));
}

Error xml_error(const net::HttpResponse& response) {
  auto root = read_xml(response.body);
  const std::string fallback = "HTTP status " + std::to_string(response.status);
  if (!root) return {"HttpError", fallback, response.status};
  const XmlElement* error = root->name == "Error" ? &*root : root->child("Error");
  if (!error) return {"HttpError", fallback, response.status};
  return {error->at("Code"), error->at("Message"), response.status};
}

Result<json::object> document_of(const net::HttpResponse& response) {
  if (text::trim(response.body).empty()) return json::object{};
  auto parsed = json::parse(response.body);
  if (!parsed) return Error{"InvalidResponse", "the answer is not JSON: " + parsed.error().message};
  if (!parsed->is_object()) return Error{"InvalidResponse", "the answer is not a JSON object"};
  return std::move(parsed->get_object());
}

std::string authority_of(std::string_view url) {
  url.remove_prefix(std::min(url.size(), url.find("://") == std::string_view::npos ? 0 : url.find("://") + 3));
  return std::string(url.substr(0, url.find('/')));
}

}  // namespace

Error error_of(const net::HttpResponse& response) {
  const std::string_view body = text::trim(response.body);
  if (body.starts_with('<')) return xml_error(response);
  std::string code, message;
  if (auto parsed = json::parse(body); parsed && parsed->is_object()) {
    const json::object& o = parsed->get_object();
    for (const char* name : {"__type", "code", "Code"}) {
      if (code.empty()) code = bare_code(json::string_or(o, name, ""));
    }
    for (const char* name : {"message", "Message"}) {
      if (message.empty()) message = json::string_or(o, name, "");
    }
  }
  if (const std::string* type = response.header("x-amzn-errortype")) code = bare_code(*type);
  if (code.empty()) code = response.status == 404 ? "NotFound" : "HttpError";
  if (message.empty()) message = "HTTP status " + std::to_string(response.status);
  return {code, message, response.status};
}

Result<net::HttpResponse> AwsApi::send(const RestCall& call, net::Headers headers) const {
  const std::string url = place_.gateway + call.path + (call.query.empty() ? "" : "?" + call.query);
  auto response = net::http_request_blocking(call.method, url, std::move(headers), call.body, call.timeout, place_.authorities);
  if (!response && response.error().code == "ConnectionFailed") {
    return Error{"ConnectionFailed", response.error().message + "; is croft running there? (croft serve)"};
  }
  if (!response && response.error().code == "TlsFailure") {
    return Error{"TlsFailure", response.error().message +
                                   "; AWS_CA_BUNDLE names the file of trusted authorities (croft's own is DATA/ca/ca.pem)"};
  }
  if (response && response->status >= 300) return error_of(*response);
  return response;
}

Result<net::HttpResponse> AwsApi::rest(const RestCall& call) const {
  net::HttpRequest request{call.method, call.path, call.query, call.headers, call.body, {}};
  request.headers.emplace_back("host", authority_of(place_.gateway));
  const identity::Signing signing{place_.credentials, place_.region, call.service, Timestamp::now()};
  for (auto& header : identity::sign(request, signing)) request.headers.push_back(std::move(header));
  return send(call, std::move(request.headers));
}

Result<json::object> AwsApi::page(const std::string& path, const std::string& query) const {
  auto response = rest({.service = "croft", .method = "GET", .path = path, .query = query});
  if (!response) return response.error();
  return document_of(*response);
}

Result<json::object> AwsApi::rest_json(RestCall call) const {
  if (!call.body.empty()) call.headers.emplace_back("content-type", "application/json");
  auto response = rest(call);
  if (!response) return response.error();
  return document_of(*response);
}

Result<json::object> AwsApi::json(std::string_view service, std::string_view target,
                                  const json::object& input) const {
  RestCall call{.service = std::string(service), .method = "POST", .path = "/", .body = json::dump(input)};
  call.headers = {{"content-type", "application/x-amz-json-1.0"}, {"x-amz-target", std::string(target)}};
  auto response = rest(call);
  if (!response) return response.error();
  return document_of(*response);
}

Result<XmlElement> AwsApi::query(std::string_view service, std::string_view version, std::string_view action,
                                 const Parameters& parameters) const {
  std::string form = "Action=" + std::string(action) + "&Version=" + std::string(version);
  for (const auto& [name, value] : parameters)
    form += '&' + text::percent_encode(name) + '=' + text::percent_encode(value);
  RestCall call{.service = std::string(service), .method = "POST", .path = "/", .body = std::move(form)};
  call.headers = {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}};
  auto response = rest(call);
  if (!response) return response.error();
  auto root = read_xml(response->body);
  if (!root) return root.error();
  const XmlElement* result = root->child(std::string(action) + "Result");
  return result ? *result : XmlElement{};
}

}  // namespace croft::cli
