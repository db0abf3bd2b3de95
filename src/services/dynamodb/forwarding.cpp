#include "services/dynamodb/forwarding.h"

#include <algorithm>

#include "remote/answer.h"
#include "services/dynamodb/handlers.h"

namespace croft::services::dynamodb {

namespace {

// Every operation of the API, also those that croft's own tables do not have. Source: API Reference, "Actions".
constexpr std::string_view operations[] = {"BatchExecuteStatement",
                                           "BatchGetItem",
                                           "BatchWriteItem",
                                           "CreateBackup",
                                           "CreateGlobalTable",
                                           "CreateTable",
                                           "DeleteBackup",
                                           "DeleteItem",
                                           "DeleteResourcePolicy",
                                           "DeleteTable",
                                           "DescribeBackup",
                                           "DescribeContinuousBackups",
                                           "DescribeContributorInsights",
                                           "DescribeExport",
                                           "DescribeGlobalTable",
                                           "DescribeGlobalTableSettings",
                                           "DescribeImport",
                                           "DescribeKinesisStreamingDestination",
                                           "DescribeLimits",
                                           "DescribeTable",
                                           "DescribeTableReplicaAutoScaling",
                                           "DescribeTimeToLive",
                                           "DisableKinesisStreamingDestination",
                                           "EnableKinesisStreamingDestination",
                                           "ExecuteStatement",
                                           "ExecuteTransaction",
                                           "ExportTableToPointInTime",
                                           "GetItem",
                                           "GetResourcePolicy",
                                           "ImportTable",
                                           "ListBackups",
                                           "ListContributorInsights",
                                           "ListExports",
                                           "ListGlobalTables",
                                           "ListImports",
                                           "ListTables",
                                           "ListTagsOfResource",
                                           "PutItem",
                                           "PutResourcePolicy",
                                           "Query",
                                           "RestoreTableFromBackup",
                                           "RestoreTableToPointInTime",
                                           "Scan",
                                           "TagResource",
                                           "TransactGetItems",
                                           "TransactWriteItems",
                                           "UntagResource",
                                           "UpdateContinuousBackups",
                                           "UpdateContributorInsights",
                                           "UpdateGlobalTable",
                                           "UpdateGlobalTableSettings",
                                           "UpdateItem",
                                           "UpdateKinesisStreamingDestination",
                                           "UpdateTable",
                                           "UpdateTableReplicaAutoScaling",
                                           "UpdateTimeToLive"};
constexpr std::string_view stream_operations[] = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"};

// Where the operations of one service go.
struct Way {
  remote::RemoteServices& services;
  Shard& shard;
  std::string endpoint;       // "" = that of [tables]
  std::string target_prefix;  // "DynamoDB_20120810"
};

// What changes something may have been done although its answer got lost; only what reads is asked again then.
remote::Repeat repeat_of(std::string_view operation) {
  constexpr std::string_view reading[] = {"BatchGet", "Describe", "Get", "List", "Query", "Scan", "TransactGet"};
  const bool reads = std::any_of(std::begin(reading), std::end(reading),
                                 [&](std::string_view prefix) { return operation.starts_with(prefix); });
  return reads ? remote::Repeat::freely : remote::Repeat::carefully;
}

bool is_signed_by_sdks(std::string_view name) {
  return name == "content-type" || name == "x-amz-target" || name == "x-amz-api-version";
}

// For the service's own logs, or what forms its answer takes.
bool is_passed_on(std::string_view name) {
  return name == "accept" || name == "accept-encoding" || name == "x-amzn-trace-id" || name.starts_with("amz-sdk-");
}

remote::Request passed_on(net::HttpRequest& http) {
  remote::Request request;
  request.path = http.path;
  request.query = http.query;
  for (auto& header : http.headers) {
    if (is_signed_by_sdks(header.first)) request.headers.push_back(header);
    else if (is_passed_on(header.first)) request.unsigned_headers.push_back(header);
  }
  request.body = std::move(http.body);
  return request;
}

// The gateway itself sends content-type, x-amzn-requestid and x-amz-crc32 of the same bytes, which were checked to be what
// the service summed up.
gateway::Reply passed_back(gateway::Call& call, net::HttpResponse answer) {
  gateway::Reply reply;
  reply.status = answer.status;
  reply.body = std::move(answer.body);
  if (const std::string* id = answer.header("x-amzn-requestid")) call.request_id = *id;
  if (const std::string* encoding = answer.header("content-encoding")) reply.headers.emplace_back("content-encoding", *encoding);
  return reply;
}

// There was no answer. DynamoDB's words for that; why is in croft's log and metrics. Source: DynamoDB Developer Guide,
// "Error handling with DynamoDB": ServiceUnavailable (HTTP 503).
Error unavailable(const Error& cause) {
  return {"ServiceUnavailable", "The tables are elsewhere and do not answer: " + cause.message, 503};
}

Task<gateway::Reply> forward(const Way& way, std::string operation, gateway::Call& call) {
  remote::Request request = passed_on(call.http);
  request.endpoint = way.endpoint;
  const remote::Repeat repeat = repeat_of(operation);
  auto answer = co_await way.services.forward(way.shard, std::string(remote::tables_service), std::move(request), repeat);
  if (!answer) throw ApiError(unavailable(answer.error()));
  co_return passed_back(call, std::move(*answer));
}

// A deployment asks in process. It has no tries of its own.
Task<gateway::Reply> ask(const Way& way, std::string operation, gateway::Call& call) {
  remote::Request request = remote::json_request("1.0", way.target_prefix + "." + operation, call.input);
  request.endpoint = way.endpoint;
  const remote::Repeat repeat = repeat_of(operation);
  auto answer = co_await way.services.call(way.shard, std::string(remote::tables_service), std::move(request), repeat);
  auto document = json::parse(answer.value().body);
  gateway::Reply reply;
  reply.output = document.value().as_object();
  co_return reply;
}

Task<gateway::Reply> answer(const Way& way, std::string operation, gateway::Call& call) {
  const bool is_in_process = call.http.method.empty();
  auto reply = co_await (is_in_process ? ask : forward)(way, std::move(operation), call);
  co_return reply;
}

template <std::size_t Count>
void add_operations(gateway::Service& service, const std::string_view (&names)[Count], std::shared_ptr<const Way> way) {
  for (const std::string_view name : names)
    service.operations.push_back({.name = std::string(name),
                                  .route = "",
                                  .handler = [way, operation = std::string(name)](
                                                 gateway::Call& call) { return answer(*way, operation, call); },
                                  .raw_body = true});
}

gateway::Service service_named(std::string name, std::string target_prefix) {
  gateway::Service service;
  service.name = std::move(name);
  service.signing_names = {"dynamodb"};
  service.protocol = gateway::Protocol::json_1_0;
  service.target_prefix = std::move(target_prefix);
  return service;
}

}  // namespace

gateway::Service forwarded_dynamodb_service(remote::RemoteServices& services, Shard& shard, const Instance& instance) {
  gateway::Service service = service_named("dynamodb", "DynamoDB_20120810");
  add_operations(service, operations, std::make_shared<const Way>(Way{services, shard, "", service.target_prefix}));
  service.operations.push_back({"DescribeEndpoints", "",
                                [region = instance.region](gateway::Call& call) { return describe_endpoints(region, call); }});
  return service;
}

gateway::Service forwarded_streams_service(remote::RemoteServices& services, Shard& shard) {
  gateway::Service service = service_named("dynamodbstreams", "DynamoDBStreams_20120810");
  const std::string& endpoint = services.find(remote::tables_service)->streams_endpoint;
  add_operations(service, stream_operations, std::make_shared<const Way>(Way{services, shard, endpoint, service.target_prefix}));
  return service;
}

}  // namespace croft::services::dynamodb
