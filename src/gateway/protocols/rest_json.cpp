// REST with JSON documents: IoT, its data plane, Lambda.
#include "gateway/protocols/codec.h"

namespace croft::gateway {

namespace {

// Lambda's wording; the other services answer with the framework's.
Error unreadable_document(const Service& service, const std::string& why) {
  if (service.name == "lambda") {
    return {"InvalidRequestContentException", "Could not parse request body into json: " + why, 400};
  }
  return {"SerializationException", why, 400};
}

void read_query(const RequestLine& line, json::object& input) {
  json::object parameters;
  for (const identity::QueryParameter& parameter : line.query) {
    const auto [at, is_new] = parameters.emplace(parameter.name, parameter.value);
    if (is_new) continue;
    if (!at->value().is_array()) at->value() = json::array{at->value()};
    at->value().get_array().push_back(json::value(parameter.value));
  }
  for (auto& [name, value] : parameters) input[name] = std::move(value);
}

Result<const Operation*> decode(const HostedService& hosted, Call& call) {
  const RequestLine line = RequestLine::read(call.http);
  if (!line.is_utf8()) return Error{"SerializationException", "The path or query is not well-formed UTF-8.", 400};
  const auto routed = hosted.routed(line);
  if (!routed)
    return Error{"UnknownOperationException", "Unknown operation " + call.http.method + ' ' + call.http.path, 404};
  if (!routed->operation->raw_body && !call.http.body.empty()) {
    auto parsed = json::parse(call.http.body);
    if (!parsed) return unreadable_document(hosted.service(), parsed.error().message);
    if (!parsed->is_object()) return unreadable_document(hosted.service(), "a JSON object is expected");
    call.input = std::move(parsed->get_object());
  }
  read_query(line, call.input);
  routed->route->read_labels(line, call.input);
  return routed->operation;
}

net::HttpResponse encode(const HostedService&, const Operation&, const Call&, Reply reply) {
  if (reply.body) return answer_with_body(std::move(reply));
  if (reply.status == 204) return {204, std::move(reply.headers), ""};
  net::HttpResponse response{reply.status, std::move(reply.headers),
                             json::dump(json::value(std::move(reply.output)))};
  response.headers.emplace_back("content-type", "application/json");
  return response;
}

// The name is in a header; Lambda adds who is at fault and writes Message with a capital.
net::HttpResponse encode_error(const HostedService& hosted, const Call&, const Error& error) {
  json::object body;
  if (hosted.service().name == "lambda") {
    body["Type"] = error.http_status >= 500 ? "Service" : "User";
    body["Message"] = error.message;
  } else {
    body["message"] = error.message;
  }
  for (auto& [name, value] : details_of(error)) body[name] = value;
  return {error.http_status,
          {{"x-amzn-errortype", error.code}, {"content-type", "application/json"}},
          json::dump(json::value(std::move(body)))};
}

}  // namespace

const Codec rest_json_codec = {decode, encode, encode_error};

}  // namespace croft::gateway
