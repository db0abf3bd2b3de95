#include "services/lambda/lambda_api.h"

#include <charconv>

#include "lambda/errors.h"
#include "lambda/function_input.h"
#include "lambda/function_name.h"
#include "lambda/limits.h"
#include "text/encoding.h"

namespace croft::services {
namespace {

constexpr std::size_t page_size_default = 50;
constexpr std::size_t page_size_max = 10'000;

[[noreturn]] void refuse(Error error) {
  throw ApiError(std::move(error));
}

std::string text_of(const json::object& input, std::string_view name) {
  return std::string(json::string_or(input, name, ""));
}

std::size_t page_size(const json::object& input) {
  std::string text = text_of(input, "MaxItems");
  std::size_t size = page_size_default;
  if (text.empty()) return size;
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (failure != std::errc() || end != text.data() + text.size() || size < 1 || size > page_size_max) {
    refuse(lambda::validation_error("maxItems", text, "Member must have value between 1 and 10000"));
  }
  return size;
}

std::string header_or(const net::HttpRequest& request, std::string_view name, std::string otherwise) {
  const std::string* value = request.header(name);
  return value ? *value : std::move(otherwise);
}

lambda::Invocation::Kind kind_of(const std::string& type) {
  if (type == "RequestResponse") return lambda::Invocation::Kind::request_response;
  if (type == "Event") return lambda::Invocation::Kind::event;
  if (type == "DryRun") return lambda::Invocation::Kind::dry_run;
  refuse(lambda::validation_error("invocationType", type,
                                  "Member must satisfy enum value set: [Event, RequestResponse, DryRun]"));
}

gateway::Reply reply_of(lambda::Outcome outcome) {
  gateway::Reply reply{.body = std::move(outcome.payload), .content_type = "application/json"};
  reply.status = outcome.status;
  if (outcome.status == 200) reply.headers.emplace_back("x-amz-executed-version", outcome.executed_version);
  if (!outcome.function_error.empty()) reply.headers.emplace_back("x-amz-function-error", outcome.function_error);
  if (!outcome.log_tail.empty()) reply.headers.emplace_back("x-amz-log-result", text::base64(outcome.log_tail));
  return reply;
}

json::object reserved(const lambda::Function& function) {
  return {{"ReservedConcurrentExecutions", *function.reserved_concurrency}};
}

}  // namespace

LambdaApi::LambdaApi(lambda::Functions& functions, lambda::Invoker& invoker, lambda::FunctionLogs& logs,
                     ObjectSource objects, CodeUrl code_url)
    : functions_(functions),
      invoker_(invoker),
      logs_(logs),
      objects_(std::move(objects)),
      code_url_(std::move(code_url)) {}

lambda::Function LambdaApi::named_function(const Call& call, const char* member) const {
  lambda::FunctionReference reference =
      lambda::parse_reference(json::string_or(call.input, member, ""), functions_.instance()).value();
  std::string qualifier = text_of(call.input, "Qualifier");
  if (qualifier.empty()) qualifier = reference.qualifier;
  if (!qualifier.empty() && qualifier != "$LATEST") {
    refuse(lambda::function_not_found(lambda::function_arn(functions_.instance(), reference.name) + ":" + qualifier));
  }
  return functions_.find(reference.name).value();
}

std::string LambdaApi::package(const json::object& code) const {
  std::string bucket = text_of(code, "S3Bucket");
  if (!bucket.empty()) {
    Result<std::string> object = objects_(bucket, text_of(code, "S3Key"));
    if (object) return std::move(*object);
    // Source: Lambda's answer for a missing object.
    refuse(lambda::invalid_parameter("Error occurred while GetObject. S3 Error Code: " + object.error().code +
                                     ". S3 Error Message: " + object.error().message));
  }
  if (!text_of(code, "ImageUri").empty()) refuse(lambda::not_supported("PackageType Image"));
  const json::value* zip = json::find(code, "ZipFile");
  if (!zip || !zip->is_string()) refuse(lambda::invalid_parameter("Please provide a source for function code."));
  std::optional<std::string> bytes = text::from_base64(std::string_view(zip->get_string()));
  if (!bytes) refuse(lambda::could_not_unzip());
  return std::move(*bytes);
}

gateway::Reply LambdaApi::configuration(const lambda::Function& function, int status) const {
  return {.output = lambda::configuration(function, functions_.instance()), .status = status};
}

Task<gateway::Reply> LambdaApi::create_function(Call& call) {
  std::string given = text_of(call.input, "FunctionName");
  lambda::FunctionReference reference = lambda::parse_reference(given, functions_.instance()).value();
  const json::value* code = json::find(call.input, "Code");
  if (!code || !code->is_object()) refuse(lambda::validation_error("code", "null", "Member must not be null"));
  if (json::bool_or(call.input, "Publish", false)) refuse(lambda::not_supported("Publishing a version"));
  if (functions_.find(reference.name)) refuse(lambda::function_exists(reference.name));
  std::string zip = package(code->get_object());
  json::object input = std::move(call.input);
  input.erase("Code");
  Result<lambda::Function> function =
      co_await functions_.create(std::move(reference.name), std::move(input), std::move(zip));
  co_return configuration(function.value(), 201);
}

Task<gateway::Reply> LambdaApi::get_function(Call& call) {
  lambda::Function function = named_function(call);
  Reply reply;
  reply.output["Configuration"] = lambda::configuration(function, functions_.instance());
  const std::string path = "/2015-03-31/functions/" + function.name + "/code";
  reply.output["Code"] = json::object{{"RepositoryType", "S3"}, {"Location", code_url_(call.http, path)}};
  if (function.reserved_concurrency) reply.output["Concurrency"] = reserved(function);
  if (!function.tags.empty()) reply.output["Tags"] = function.tags;
  co_return reply;
}

Task<gateway::Reply> LambdaApi::get_function_configuration(Call& call) {
  co_return configuration(named_function(call));
}

Task<gateway::Reply> LambdaApi::get_function_code(Call& call) {
  lambda::Function function = named_function(call);
  Result<std::string> zip = co_await functions_.archives().bytes(function.code_sha256);
  co_return Reply{.body = std::move(zip.value()), .content_type = "application/zip"};
}

Task<gateway::Reply> LambdaApi::update_function_code(Call& call) {
  lambda::Function before = named_function(call);
  if (json::bool_or(call.input, "Publish", false)) refuse(lambda::not_supported("Publishing a version"));
  bool dry_run = json::bool_or(call.input, "DryRun", false);
  lambda::Function wanted = before;
  lambda::read_architecture(call.input, wanted).value();
  std::string zip = package(call.input);
  std::string revision_id = text_of(call.input, "RevisionId");
  std::string architecture = call.input.contains("Architectures") ? wanted.architecture : "";
  Result<lambda::Function> function = co_await functions_.update_code(
      before.name, std::move(zip), std::move(revision_id), dry_run, std::move(architecture));
  if (function && !dry_run) invoker_.retire(before.name);
  co_return configuration(function.value());
}

Task<gateway::Reply> LambdaApi::update_function_configuration(Call& call) {
  lambda::Function before = named_function(call);
  json::object input = std::move(call.input);
  Result<lambda::Function> function = co_await functions_.update_configuration(before.name, std::move(input));
  if (function) invoker_.retire(before.name);
  co_return configuration(function.value());
}

Task<gateway::Reply> LambdaApi::list_functions(Call& call) {
  std::size_t limit = page_size(call.input);
  bool all_versions = json::string_or(call.input, "FunctionVersion", "") == "ALL";
  std::vector<lambda::Function> functions = functions_.list(json::string_or(call.input, "Marker", ""), limit + 1);
  Reply reply;
  if (functions.size() > limit) {
    functions.pop_back();
    reply.output["NextMarker"] = functions.back().name;
  }
  json::array out;
  for (const lambda::Function& function : functions) {
    out.push_back(lambda::configuration(function, functions_.instance(), all_versions));
  }
  reply.output["Functions"] = std::move(out);
  co_return reply;
}

Task<gateway::Reply> LambdaApi::list_versions_by_function(Call& call) {
  lambda::Function function = named_function(call);
  json::array versions;
  versions.push_back(lambda::configuration(function, functions_.instance(), true));
  co_return Reply{.output = {{"Versions", std::move(versions)}}};
}

Task<gateway::Reply> LambdaApi::list_aliases(Call& call) {
  named_function(call);
  co_return Reply{.output = {{"Aliases", json::array()}}};
}

Task<gateway::Reply> LambdaApi::refuse_versions(Call& call) {
  named_function(call);
  refuse(lambda::not_supported("Publishing versions and aliases"));
  co_return Reply();
}

Task<gateway::Reply> LambdaApi::delete_function(Call& call) {
  lambda::Function function = named_function(call);
  Result<void> erased = co_await functions_.erase(function.name);
  erased.value();
  invoker_.retire(function.name);
  logs_.erase(function.name);
  invoker_.forget(function.name);
  co_return Reply{.status = 204};
}

Task<gateway::Reply> LambdaApi::invoke(Call& call) {
  lambda::Invocation invocation{.function = text_of(call.input, "FunctionName"),
                                .payload = std::move(call.http.body),
                                .kind = kind_of(header_or(call.http, "x-amz-invocation-type", "RequestResponse")),
                                .tail = header_or(call.http, "x-amz-log-type", "None") == "Tail",
                                .qualifier = text_of(call.input, "Qualifier"),
                                .client_context = header_or(call.http, "x-amz-client-context", ""),
                                .request_id = call.request_id,
                                .step = call.step};
  Result<lambda::Outcome> outcome = co_await invoker_.invoke(std::move(invocation));
  co_return reply_of(std::move(outcome.value()));
}

Task<gateway::Reply> LambdaApi::invoke_async(Call& call) {
  lambda::Invocation invocation{.function = text_of(call.input, "FunctionName"),
                                .payload = std::move(call.http.body),
                                .kind = lambda::Invocation::Kind::event,
                                .request_id = call.request_id,
                                .step = call.step};
  Result<lambda::Outcome> outcome = co_await invoker_.invoke(std::move(invocation));
  co_return reply_of(std::move(outcome.value()));
}

Task<gateway::Reply> LambdaApi::add_permission(Call& call) {
  lambda::Function function = named_function(call);
  json::object input = std::move(call.input);
  Result<json::object> statement = co_await functions_.add_permission(function.name, std::move(input));
  co_return Reply{.output = {{"Statement", json::dump(statement.value())}}, .status = 201};
}

Task<gateway::Reply> LambdaApi::get_policy(Call& call) {
  lambda::Function function = named_function(call);
  std::string policy = lambda::policy_document(function);
  if (policy.empty()) refuse({"ResourceNotFoundException", "The resource you requested does not exist.", 404});
  co_return Reply{.output = {{"Policy", policy}, {"RevisionId", function.revision_id}}};
}

Task<gateway::Reply> LambdaApi::remove_permission(Call& call) {
  lambda::Function function = named_function(call);
  std::string statement_id = text_of(call.input, "StatementId");
  std::string revision_id = text_of(call.input, "RevisionId");
  Result<void> removed =
      co_await functions_.remove_permission(function.name, std::move(statement_id), std::move(revision_id));
  removed.value();
  co_return Reply{.status = 204};
}

Task<gateway::Reply> LambdaApi::list_tags(Call& call) {
  co_return Reply{.output = {{"Tags", named_function(call, "Resource").tags}}};
}

Task<gateway::Reply> LambdaApi::tag_resource(Call& call) {
  lambda::Function function = named_function(call, "Resource");
  const json::value* given = json::find(call.input, "Tags");
  if (!given) refuse(lambda::validation_error("tags", "null", "Member must not be null"));
  json::object tags = lambda::read_tags(*given).value();
  Result<void> added = co_await functions_.add_tags(function.name, std::move(tags));
  added.value();
  co_return Reply{.status = 204};
}

Task<gateway::Reply> LambdaApi::untag_resource(Call& call) {
  lambda::Function function = named_function(call, "Resource");
  std::vector<std::string> keys;
  const json::value* given = json::find(call.input, "tagKeys");
  if (given && given->is_string()) keys.emplace_back(given->get_string());
  if (given && given->is_array()) {
    for (const json::value& key : given->get_array()) {
      if (key.is_string()) keys.emplace_back(key.get_string());
    }
  }
  Result<void> removed = co_await functions_.remove_tags(function.name, std::move(keys));
  removed.value();
  co_return Reply{.status = 204};
}

Task<gateway::Reply> LambdaApi::get_function_code_signing_config(Call& call) {
  co_return Reply{.output = {{"FunctionName", named_function(call).name}}};
}

Task<gateway::Reply> LambdaApi::get_function_concurrency(Call& call) {
  lambda::Function function = named_function(call);
  co_return Reply{.output = function.reserved_concurrency ? reserved(function) : json::object()};
}

Task<gateway::Reply> LambdaApi::put_function_concurrency(Call& call) {
  lambda::Function function = named_function(call);
  const char* member = "ReservedConcurrentExecutions";
  const json::value* given = json::find(call.input, member);
  if (!given || !given->is_int64()) {
    refuse(lambda::validation_error("reservedConcurrentExecutions", "null", "Member must not be null"));
  }
  function.reserved_concurrency = given->get_int64();
  if (*function.reserved_concurrency < 0) {
    refuse(lambda::validation_error("reservedConcurrentExecutions", std::to_string(*function.reserved_concurrency),
                                    "Member must have value greater than or equal to 0"));
  }
  Result<void> done = co_await functions_.reserve_concurrency(function.name, function.reserved_concurrency);
  done.value();
  invoker_.retire(function.name);
  co_return Reply{.output = reserved(function)};
}

Task<gateway::Reply> LambdaApi::delete_function_concurrency(Call& call) {
  lambda::Function function = named_function(call);
  Result<void> done = co_await functions_.reserve_concurrency(function.name, std::nullopt);
  done.value();
  co_return Reply{.status = 204};
}

}  // namespace croft::services
