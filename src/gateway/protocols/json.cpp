// AWS JSON 1.0 and 1.1: POST / with X-Amz-Target: PREFIX.Operation.
#include <algorithm>

#include "gateway/protocols/codec.h"
#include "text/digest.h"

namespace croft::gateway {

namespace {

constexpr std::string_view coral_validate = "com.amazon.coral.validate#";
constexpr std::string_view coral_service = "com.amazon.coral.service#";
constexpr std::string_view coral_availability = "com.amazon.coral.availability#";

// The namespace of a service's own errors; the services of JSON 1.1 send the bare name.
std::string_view own_namespace(std::string_view service) {
  if (service.starts_with("dynamodb")) return "com.amazonaws.dynamodb.v20120810#";
  if (service == "sqs") return "com.amazonaws.sqs#";
  return "";
}

// DynamoDB and SQS name errors that their framework raises by the framework's namespaces.
// Source: DynamoDB Developer Guide, "Error handling", and the __type of recorded answers.
std::string_view error_namespace(std::string_view service, std::string_view code) {
  const std::string_view own = own_namespace(service);
  if (!service.starts_with("dynamodb") && service != "sqs") return own;
  if (code == "ValidationException") return coral_validate;
  if (code == "ThrottlingException") return coral_availability;
  constexpr std::string_view framework[] = {
      "SerializationException",        "UnknownOperationException", "MissingAuthenticationTokenException",
      "UnrecognizedClientException",   "InvalidSignatureException", "IncompleteSignatureException",
      "ExpiredTokenException",         "AccessDeniedException",     "InternalFailure",
      "RequestEntityTooLargeException", "InvalidParameterValueException", "MissingRequiredParameterException"};
  return std::find(std::begin(framework), std::end(framework), code) != std::end(framework) ? coral_service : own;
}

std::string_view message_member(std::string_view code) {
  return code == "SerializationException" || code == "TransactionCanceledException" ? "Message" : "message";
}

net::HttpResponse document(const Service& service, int status, std::string body) {
  net::HttpResponse response{status, {}, std::move(body)};
  response.headers.emplace_back("content-type", service.protocol == Protocol::json_1_0
                                                    ? "application/x-amz-json-1.0"
                                                    : "application/x-amz-json-1.1");
  if (service.name.starts_with("dynamodb")) {
    response.headers.emplace_back("x-amz-crc32", std::to_string(text::crc32(response.body)));
  }
  return response;
}

Result<const Operation*> decode(const HostedService& hosted, Call& call) {
  const std::string* target = call.http.header("x-amz-target");
  const std::string_view name =
      target ? std::string_view(*target).substr(target->rfind('.') + 1) : std::string_view();
  const Operation* operation = hosted.operation(name);
  if (!operation) return Error{"UnknownOperationException", "", 400};
  if (call.http.body.empty() || operation->raw_body) return operation;
  const bool is_read_only = hosted.service().only_reads_input;
  auto parsed = is_read_only ? json::parse_to_read(call.http.body) : json::parse(call.http.body);
  if (!parsed) return Error{"SerializationException", parsed.error().message, 400};
  if (!parsed->is_object())
    return Error{"SerializationException", "Start of structure or map found where not expected", 400};
  json::take_over(call.input, std::move(parsed->get_object()));
  return operation;
}

net::HttpResponse encode(const HostedService& hosted, const Operation&, const Call&, Reply reply) {
  const Service& service = hosted.service();
  std::string body = reply.body ? std::move(*reply.body) : json::dump(json::value(std::move(reply.output)));
  net::HttpResponse response = document(service, reply.status, std::move(body));
  for (auto& header : reply.headers) response.headers.push_back(std::move(header));
  return response;
}

net::HttpResponse encode_error(const HostedService& hosted, const Call&, const Error& error) {
  const Service& service = hosted.service();
  json::object body;
  body["__type"] = std::string(error_namespace(service.name, error.code)) + error.code;
  if (!error.message.empty()) body[message_member(error.code)] = error.message;
  for (auto& [name, value] : details_of(error)) body[name] = value;
  net::HttpResponse response = document(service, error.http_status, json::dump(json::value(std::move(body))));
  if (!service.query_errors.empty()) {
    const QueryError* row = service.query_error(error.code);
    response.headers.emplace_back("x-amzn-query-error", (row ? row->query_code : error.code) +
                                                            (error.http_status >= 500 ? ";Receiver" : ";Sender"));
  }
  return response;
}

}  // namespace

const Codec json_codec = {decode, encode, encode_error};

}  // namespace croft::gateway
