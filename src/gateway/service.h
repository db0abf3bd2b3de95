// How an AWS operation is declared: one row of a Service. The protocols below turn wire forms into these values.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "identity/policy.h"
#include "net/http.h"
#include "observe/traces.h"
#include "shard/task.h"
#include "text/json.h"
#include "types/result.h"

namespace croft::gateway {

// Who signed the request. Anonymous when signatures are not enforced and none came.
struct Caller {
  std::string access_key_id;
  std::string arn;      // arn:aws:iam::123456789012:user/x, or of an assumed role
  std::string user_id;  // AIDA…, or AROA…:session
  std::string certificate_id{};  // of a TLS connection's client certificate; then nobody signed and the others are ""
  // All that a caller whom Service::judge let in may do; then user_id is the principal and nobody signed. Null for others.
  std::shared_ptr<const identity::PolicySet> policies{};
  bool only_reads = false;  // is refused what changes something (reading.h)
  bool is_function = false;  // signed with a session that croft gave to a function
};

// One request on its way through its operation.
struct Call {
  Caller caller;
  std::string request_id;  // UUID, also in the answer's x-amzn-requestid
  // Labels of the route, query and body merged into one object of the operation's input members; a label wins over a
  // query parameter, and that over a member of the body. Header members are read from `http`.
  // rest_json: members of the JSON body, route labels by their name in braces, query parameters by their wire name.
  // query: form members, `X.member.N` and `X.N` as arrays, `X.entry.N.key` as an array of {key, value}. All query and
  // form values are strings; a query parameter that came several times is an array of them.
  json::object input;
  net::HttpRequest http;  // raw: headers, body (for payloads that are not documents)
  trace::Context step{};  // this call, when a function made it on the way of a lifecycle event; empty otherwise
  trace::End told{};      // what its operation adds to that: a detail, another kind
};

struct Reply {
  json::object output;              // the output shape; encoded by the protocol (rest_xml: always `body`)
  std::optional<std::string> body;  // instead of `output`: sent as it is
  std::string content_type;         // only with `body`
  net::Headers headers;             // added to the answer
  int status = 200;
};

// A service operation: parses its input, calls the domain, shapes the reply. Refuses by throwing ApiError
// (Result::value()); the gateway turns that into the protocol's error document.
using Handler = std::function<Task<Reply>(Call&)>;

struct Operation {
  std::string name;  // "CreateThing"
  // rest protocols: "POST /things/{thingName}"; {label+} takes slashes; "?a&b=c" behind the path asks for parameters
  // of these names (and values), and of several that fit the one that asks for most is taken. "" otherwise.
  std::string route;
  Handler handler;
  // rest_json, JSON: the body is a payload (Invoke, Publish, a shadow) or goes on as it is, never parsed into `input`.
  bool raw_body = false;
};

// A list or map of a service that speaks JSON, as its query protocol spells it: repeated members without a wrapper,
// `AttributeName.1=x`, `Attribute.1.Name=n&Attribute.1.Value=v`.
struct FlatMember {
  std::string member;   // in JSON's shapes: "AttributeNames"
  std::string wire;     // "AttributeName"; a * at the front stands for the operation's name
  std::string key, value;  // what a map's entries call their two parts; "" for a list
};

// What the query protocol calls an error of such a service.
struct QueryError {
  std::string code;        // JSON's
  std::string query_code;
  std::string message{};   // "": the same
};

enum class Protocol { json_1_0, json_1_1, rest_json, rest_xml, query };

struct Service {
  std::string name;                        // "dynamodb"
  std::vector<std::string> signing_names;  // names in the credential scope
  Protocol protocol;
  std::string target_prefix;  // json: "DynamoDB_20120810"; query: the API version "2010-05-15"
  std::string xml_namespace;  // query and rest_xml
  std::vector<Operation> operations;
  // Whether a client certificate is taken in place of a signature; the operations ask what its policies allow.
  bool takes_certificates = false;
  // Then also asked about a request with neither; empty: such a request is refused. Its errors are the answer.
  std::function<Task<Result<Caller>>(const net::HttpRequest&)> judge{};
  // Of a service that speaks JSON and the query protocol. It is two services with the same operations, which know JSON's
  // shapes only; in_query_form() makes the second. JSON answers tell the query protocol's error codes in x-amzn-query-error.
  // Source: AWS's "awsQuery compatible" trait of JSON services.
  std::vector<FlatMember> flat_inputs, flat_outputs;
  std::vector<QueryError> query_errors;
  // JSON: no operation keeps or moves away a part of Call::input, so it may lie in memory of its own (json::parse_to_read).
  bool only_reads_input = false;

  const QueryError* query_error(std::string_view code) const;
};

// A JSON service as its query protocol: the same operations, by the API `version`.
Service in_query_form(Service json_service, std::string version, std::string xml_namespace);

}  // namespace croft::gateway
