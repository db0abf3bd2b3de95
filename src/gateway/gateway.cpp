#include "gateway/gateway.h"

#include "gateway/call_input.h"
#include "gateway/protocols/codec.h"
#include "gateway/reading.h"
#include "net/loopback.h"
#include "net/websocket_handshake.h"
#include "observe/histogram.h"
#include "observe/log.h"
#include "text/digest.h"

namespace croft::gateway {

namespace {

constexpr std::string_view folder = "gateway";
constexpr const char* pages_signing_name = "croft";

Error too_large(const HostedService& hosted) {
  if (hosted.error_family() == identity::ErrorFamily::s3) {
    return {"EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400};
  }
  return {"RequestEntityTooLargeException", "Request is too large", 413};
}

// The name of an unexpected failure differs: DynamoDB documents InternalServerError, S3 InternalError.
Error internal_failure(const HostedService& hosted) {
  const bool is_dynamodb = hosted.service().name.starts_with("dynamodb");
  const bool is_s3 = hosted.error_family() == identity::ErrorFamily::s3;
  const char* code = is_dynamodb ? "InternalServerError" : is_s3 ? "InternalError" : "InternalFailure";
  return {code, "An internal error occurred.", 500};
}

// The device gateway's own words. Source: answers of AWS's data endpoint that its users published.
// A member of the data plane's errors.
std::string trace(const std::string& request_id) { return json::dump(json::object{{"traceId", request_id}}); }

Error missing_token(const std::string& request_id) {
  return {"ForbiddenException", "Missing Authentication Token", 403, trace(request_id)};
}

// Source: IAM User Guide, "Troubleshoot access denied error messages".
Error not_for_readers(const HostedService& hosted, const Caller& caller, std::string_view operation) {
  const bool is_xml = hosted.service().protocol == Protocol::rest_xml || hosted.service().protocol == Protocol::query;
  return {is_xml ? "AccessDenied" : "AccessDeniedException",
          "User: " + caller.arn + " is not authorized to perform: " + hosted.service().name + ':' + std::string(operation) +
              " because the role read-only does not allow it",
          403};
}

void log_failure(const HostedService& hosted, const std::string& operation, const std::string& what) {
  log::error(folder, hosted.service().name + '.' + operation + " failed: " + what);
}

net::HttpResponse no_service() {
  return {404, {{"content-type", "application/json"}}, R"({"message":"No service takes this request."})"};
}

// As AWS IoT's device gateway refuses: the reason is for the log.
net::HttpResponse forbidden() {
  return {403,
          {{"content-type", "application/json"}, {"x-amzn-errortype", "ForbiddenException"}},
          R"({"message":"Forbidden","traceId":")" + text::random_uuid() + "\"}"};
}

}  // namespace

Gateway::Gateway(Instance instance, const identity::AccessKeys& keys, Settings settings)
    : authenticator_(std::move(instance), keys), settings_(settings) {}

void Gateway::add(Service service) {
  services_.push_back(std::make_unique<const HostedService>(std::move(service)));
}

void Gateway::add_page(std::string prefix, net::HttpHandler handler, PageKind kind) {
  pages_.push_back({std::move(prefix), std::move(handler), kind});
}

const Gateway::Page* Gateway::page(const net::HttpRequest& request) const {
  for (const Page& page : pages_) {
    if (!request.path.starts_with(page.prefix)) continue;
    const bool is_whole =
        request.path.size() == page.prefix.size() || page.prefix.ends_with('/') || request.path[page.prefix.size()] == '/';
    if (!is_whole) continue;
    const auto scope = identity::presented_scope(request);
    if (!scope || scope->service == pages_signing_name) return &page;  // signed otherwise it is for a bucket of that name
  }
  return nullptr;
}

// A signature is judged whatever the settings say: that anyone is the account is for AWS's APIs. One that is wrong is worth
// as much as none.
std::optional<net::HttpResponse> Gateway::refusal_of(const Page& page, net::HttpRequest& request) const {
  if (page.kind == PageKind::open) return std::nullopt;
  std::optional<Error> fault;
  if (identity::presented_scope(request)) {
    const identity::SignatureScope wanted{identity::ErrorFamily::json, {pages_signing_name}};
    const auto signer = authenticator_.authenticate(request, wanted, Timestamp::now());
    if (signer) return std::nullopt;
    fault = signer.error();
  }
  std::optional<net::HttpResponse> refusal = guard_ ? guard_(request, page.kind) : forbidden();
  if (!refusal || !fault) return refusal;
  const json::object document{{"code", fault->code}, {"message", fault->message}};
  return net::HttpResponse{403, {{"content-type", "application/json"}}, json::dump(document)};
}

Task<net::HttpResponse> Gateway::answer_page(const Page& page, net::HttpRequest request) const {
  std::optional<net::HttpResponse> refusal = refusal_of(page, request);
  if (refusal) co_return *std::move(refusal);
  net::HttpResponse response = co_await page.handler(std::move(request));
  if (page.kind != PageKind::open) {
    response.headers.emplace_back("x-content-type-options", "nosniff");
    response.headers.emplace_back("cross-origin-resource-policy", "same-origin");
  }
  co_return response;
}

void Gateway::add_websocket(WebSocketEntry entry) { websockets_.push_back(std::move(entry)); }

const WebSocketEntry* Gateway::websocket(const net::HttpRequest& request) const {
  if (!net::asks_for_websocket(request)) return nullptr;  // then it is a bucket's name
  for (const WebSocketEntry& entry : websockets_)
    if (entry.path == request.path) return &entry;
  return nullptr;
}

// Any page in a local browser may open a WebSocket here; where no signature is asked for, its Origin must be this machine.
static bool is_from_elsewhere(const net::HttpRequest& request) {
  const std::string* origin = request.header("origin");
  if (!origin) return false;
  const std::size_t scheme = origin->find("://");
  return scheme == std::string::npos || !net::is_loopback_host(std::string_view(*origin).substr(scheme + 3));
}

// Another scheme in Authorization may be what a custom authorizer looks for.
static bool is_signed(const net::HttpRequest& request) {
  const std::string* authorization = request.header("authorization");
  return (authorization && authorization->starts_with("AWS4-")) || request.query.find("X-Amz-Algorithm=") != std::string::npos;
}

net::HttpResponse Gateway::answer_websocket(const WebSocketEntry& entry, net::HttpRequest& request) const {
  if (!settings_.require_signature && is_from_elsewhere(request)) {
    log::info(folder, "refused a WebSocket connection from a page of another site");
    return forbidden();
  }
  const bool is_unsigned = entry.takes_unsigned && !is_signed(request);
  const auto principal = is_unsigned ? Result<identity::Principal>(identity::Principal{})
                                     : principal_of(request, {identity::ErrorFamily::rest_json, entry.signing_names});
  if (!principal) {
    log::info(folder, "refused a WebSocket connection from " + request.peer.address + ": " + principal.error().message);
    return forbidden();
  }
  net::HttpResponse response = net::answer_websocket(request, entry.subprotocols);
  if (response.status != 101) return response;
  std::shared_ptr<const net::UpgradeRequest> upgrade;
  if (is_unsigned) upgrade = std::make_shared<const net::UpgradeRequest>(net::UpgradeRequest{request.headers, request.query});
  response.take_over = [&entry, upgrade, user_id = principal->user_id](net::Transport transport, std::string received) {
    transport.speak_websocket(std::move(received), user_id, upgrade);
    entry.open(std::move(transport));
  };
  return response;
}

Result<identity::Principal> Gateway::principal_of(net::HttpRequest& request, const identity::SignatureScope& scope) const {
  return settings_.require_signature ? authenticator_.authenticate(request, scope, Timestamp::now())
                                     : authenticator_.trust(request);
}

Task<Result<Caller>> Gateway::admit(const HostedService& hosted, Call& call) const {
  net::HttpRequest& request = call.http;
  if (request.body.size() > hosted.body_bytes_max()) co_return too_large(hosted);
  if (hosted.service().takes_certificates && !is_signed(request)) {
    if (request.peer.certificate) co_return Caller{.certificate_id = request.peer.certificate->id};
    if (hosted.service().judge) {
      Result<Caller> judged = co_await hosted.service().judge(request);
      if (judged) co_return judged;
      co_return Error{"ForbiddenException", judged.error().message, 403, trace(call.request_id)};
    }
    if (settings_.require_signature) co_return missing_token(call.request_id);
  }
  const std::string& name = hosted.service().name;
  const identity::SignatureScope scope{hosted.error_family(), hosted.service().signing_names,
                                       name == "iam" || name == "sts"};
  auto principal = principal_of(request, scope);
  if (!principal) co_return principal.error();
  co_return Caller{.access_key_id = principal->access_key_id,
                   .arn = principal->arn,
                   .user_id = principal->user_id,
                   .is_function = principal->is_function};
}

// AWS's SDKs send the header that a function got with its event along with each call that they make in it. It is believed
// of functions alone: whoever else can sign could write into any trace.
// Source: AWS Lambda developer guide, "Using the Lambda runtime API", Lambda-Runtime-Trace-Id; the SDKs' recursion detection.
trace::Context Gateway::open_step(const HostedService& hosted, const Operation& operation, const Call& call) const {
  if (!traces_ || !call.caller.is_function) return {};
  const std::string* sent = call.http.header("x-amzn-trace-id");
  const auto header = sent ? trace::Header::parse(*sent) : std::nullopt;
  if (!header) return {};
  trace::Detail detail;
  detail.text("service", hosted.service().name).text("requestId", call.request_id);
  return traces_->at(header->id, header->step).open(trace::Kind::call, operation.name, detail.take());
}

static void close_refused(Call& call, const Error& error) {
  call.told.outcome = trace::Outcome::failed;
  if (!call.told.detail.empty()) call.told.detail += ',';
  call.told.detail += trace::Detail().error(error.code, error.message).take();
  call.step.close(std::move(call.told));
}

Task<net::HttpResponse> Gateway::operate(const HostedService& hosted, Call& call, std::string_view& name,
                                         CallInput& input) const {
  const Codec& codec = codec_of(hosted.service().protocol);
  const Result<const Operation*> operation = codec.decode(hosted, call);
  if (!operation) co_return codec.encode_error(hosted, call, operation.error());
  name = (*operation)->name;
  if (watch_) input = input_of(hosted, **operation, call);
  if (call.caller.only_reads && !only_reads(name, call.input))
    co_return codec.encode_error(hosted, call, not_for_readers(hosted, call.caller, name));
  call.step = open_step(hosted, **operation, call);
  try {
    Reply reply = co_await (*operation)->handler(call);
    if (call.step) call.step.close(std::move(call.told));
    co_return codec.encode(hosted, **operation, call, std::move(reply));
  } catch (const ApiError& refused) {
    if (call.step) close_refused(call, refused.error());
    if (refused.error().http_status == 500) log_failure(hosted, (*operation)->name, refused.error().message);
    co_return codec.encode_error(hosted, call, refused.error());
  } catch (const std::exception& failure) {
    log_failure(hosted, (*operation)->name, failure.what());
    if (call.step) close_refused(call, internal_failure(hosted));
    co_return codec.encode_error(hosted, call, internal_failure(hosted));
  }
}

Task<net::HttpResponse> Gateway::serve(const HostedService& hosted, net::HttpRequest request,
                                       std::optional<Caller> known) const {
  const std::int64_t began_us = metrics::now_us();
  std::string_view operation;
  CallInput input;
  Call call;
  call.request_id = text::random_uuid();
  call.http = std::move(request);
  net::HttpResponse response;
  const bool is_known = known.has_value();
  Result<Caller> caller = is_known ? Result<Caller>(std::move(*known)) : Result<Caller>(Caller{});
  if (!is_known) caller = co_await admit(hosted, call);
  if (caller) {
    call.caller = std::move(*caller);
    response = co_await operate(hosted, call, operation, input);
  } else {
    response = codec_of(hosted.service().protocol).encode_error(hosted, call, caller.error());
  }
  response.headers.emplace_back("x-amzn-requestid", call.request_id);
  const std::int64_t took_us = metrics::now_us() - began_us;
  if (watch_) watch_({hosted.service().name, operation, call.request_id, call.http, response, took_us, is_known, input});
  co_return response;
}

Task<net::HttpResponse> Gateway::handle(net::HttpRequest request) const {
  net::HttpResponse response;
  std::string answers = "none";
  try {
    if (const WebSocketEntry* entry = websocket(request)) {
      answers = "websocket";
      response = answer_websocket(*entry, request);
    } else if (const Page* asked = page(request)) {
      answers = "page";
      response = co_await answer_page(*asked, std::move(request));
    } else if (is_browser_at_root(request)) {
      answers = "page";
      response = {302, {{"location", browsers_go_to_}, {"cache-control", "no-store"}}, ""};
    } else if (const HostedService* hosted = choose_service(services_, request)) {
      answers = hosted->service().name;
      response = co_await serve(*hosted, std::move(request), std::nullopt);
    } else {
      response = no_service();
    }
  } catch (const std::exception& failure) {
    log::error(folder, std::string("a request failed: ") + failure.what());
    response = {500, {{"content-type", "application/json"}}, R"({"message":"An internal error occurred."})"};
  }
  counts_.add(answers, response.status);
  co_return response;
}

bool Gateway::is_browser_at_root(const net::HttpRequest& request) const {
  if (browsers_go_to_.empty() || request.method != "GET" || request.path != "/" || !request.query.empty()) return false;
  const std::string* accepted = request.header("accept");
  return accepted && accepted->find("text/html") != std::string::npos && !is_signed(request);
}

// A service that speaks two protocols is there twice: the header that names a JSON operation tells which is meant.
static const HostedService* named(const HostedServices& services, const std::string& name, bool in_json) {
  const HostedService* found = nullptr;
  for (const auto& hosted : services) {
    if (hosted->service().name != name) continue;
    const Protocol protocol = hosted->service().protocol;
    const bool is_json = protocol == Protocol::json_1_0 || protocol == Protocol::json_1_1;
    if (!found || is_json == in_json) found = hosted.get();
  }
  return found;
}

Task<net::HttpResponse> Gateway::answer_as(Caller caller, std::string service, net::HttpRequest request) const {
  const HostedService* hosted = named(services_, service, request.header("x-amz-target") != nullptr);
  if (!hosted) co_return no_service();
  if (request.body.size() > hosted->body_bytes_max())
    co_return net::HttpResponse{413, {{"content-type", "application/json"}}, R"({"message":"Request is too large"})"};
  net::HttpResponse response = co_await serve(*hosted, std::move(request), std::move(caller));
  counts_.add(service, response.status);
  co_return response;
}

}  // namespace croft::gateway
