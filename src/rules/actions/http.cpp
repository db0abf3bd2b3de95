#include "rules/actions/http.h"

#include "rules/actions/batches.h"
#include "rules/actions/http_request.h"
#include "rules/destination_limits.h"
#include "rules/error_document.h"
#include "text/encoding.h"

namespace croft::rules {

namespace {

struct SigV4 {
  std::string region, service;
};

struct Parameters {
  sql::Template url;
  std::optional<sql::Template> confirmation_url;  // nothing: the URL itself
  std::vector<std::pair<std::string, sql::Template>> headers;
  std::optional<SigV4> auth;
};

constexpr std::string_view action_name = "HttpAction";

class HttpAction final : public Action {
 public:
  HttpAction(Parameters parameters, std::optional<BatchLimits> batching, HttpParts parts)
      : parameters_(std::move(parameters)), parts_(std::move(parts)) {
    if (!batching) return;
    const auto send = [parts = parts_, auth = parameters_.auth](Shard& shard, std::string key, std::vector<Batched> messages) {
      return send_batch(parts, auth, shard, std::move(key), std::move(messages));
    };
    batches_ = std::make_shared<Batches>(*batching, 1, send);
  }

  std::string name() const override { return std::string(action_name); }
  std::string resource() const override { return parameters_.url.text(); }

  Task<Result<void>> run(const Firing& firing) const override {
    auto url = endpoint_of(firing);
    if (!url) co_return url.error();
    auto headers = render_headers(firing);
    if (!headers) co_return headers.error();
    if (batches_) {
      auto batched = message_of(firing, std::move(*headers));
      if (!batched) co_return batched.error();
      const std::string key = *url + (batches_->limits().across_topics ? "" : "\n" + std::string(firing.message->topic()));
      auto done = co_await batches_->add(*firing.shard, key, std::move(*batched));
      co_return done;
    }
    net::HttpCall call{
        .method = "POST", .url = std::move(*url), .headers = std::move(*headers), .body = firing.output.payload().str()};
    if (!net::header(call.headers, "content-type"))
      call.headers.emplace_back("content-type", firing.output.is_json() ? "application/json" : "application/octet-stream");
    auto done = co_await post_with_tries(parts_.web, *firing.shard, std::move(call), signing(parts_, parameters_.auth),
                                         std::string(action_name));
    co_return done;
  }

 private:
  static Error failed(const std::string& why) {
    return {"RuleActionFailed", "HttpAction failed to make a request to the specified endpoint. " + why, 400};
  }

  // The URL, when its destination is ENABLED. With templates it must stay with the origin that was confirmed, or a device
  // would choose where its messages go.
  Result<std::string> endpoint_of(const Firing& firing) const {
    auto text = render(parameters_.url, firing);
    if (!text) return text.error();
    auto confirmation = parameters_.confirmation_url ? render(*parameters_.confirmation_url, firing) : text;
    if (!confirmation) return confirmation.error();
    const auto url = endpoint_url(*text, "url", parts_.policy, limits::http_ports);
    if (!url) return url.error();
    const auto confirmed = endpoint_url(*confirmation, "confirmationUrl", parts_.policy, limits::http_ports);
    if (!confirmed) return confirmed.error();
    if (!text->starts_with(*confirmation) || url->host != confirmed->host)
      return failed("The url does not begin with the confirmationUrl.");
    if (!parameters_.url.is_constant() && url->origin() != confirmed->origin())
      return failed("The url is of another origin than the confirmationUrl.");
    const auto destination = parts_.destinations.at_url(*confirmation);
    if (!destination) return failed("There is no topic rule destination for the confirmationUrl.");
    if (destination->status != Destination::Status::enabled)
      return failed("The topic rule destination " + destination->arn + " is not ENABLED, its status is " +
                    std::string(Destination::name_of(destination->status)) + ".");
    return text;
  }

  Result<net::Headers> render_headers(const Firing& firing) const {
    net::Headers headers;
    for (const auto& [key, value] : parameters_.headers) {
      auto text = render(value, firing);
      if (!text) return text.error();
      if (text->size() > limits::http_header_value_bytes_max) return failed("The header '" + key + "' is too long.");
      headers.emplace_back(key, std::move(*text));
    }
    return headers;
  }

  // JSON as it is; other text as a JSON string. Bytes that are not UTF-8 fail, as AWS documents.
  Result<Batched> message_of(const Firing& firing, net::Headers headers) const {
    const std::string_view payload = firing.output.payload().view();
    if (!text::is_utf8(payload)) return failed("The payload is not UTF-8 text, which a batch demands.");
    Batched message{.text = std::string(payload), .headers = std::move(headers)};
    if (!firing.output.is_json()) {
      message.text.clear();
      json::append_string(message.text, payload);
    }
    message.origin = payload_with_metadata(firing, batches_->limits().across_topics);
    return message;
  }

  static std::optional<RequestSigning> signing(const HttpParts& parts, const std::optional<SigV4>& auth) {
    if (!auth || !parts.credentials) return std::nullopt;
    const auto credentials = parts.credentials();
    if (!credentials) return std::nullopt;
    return RequestSigning{*credentials, auth->region, auth->service};
  }

  static Task<Result<void>> send_batch(HttpParts parts, std::optional<SigV4> auth, Shard& shard, std::string key,
                                       std::vector<Batched> messages) {
    net::HttpCall call{.method = "POST", .url = key.substr(0, key.find('\n')), .headers = messages.back().headers, .body = "["};
    std::erase_if(call.headers, [](const auto& header) { return header.first == "content-type"; });
    call.headers.emplace_back("content-type", "application/json");
    for (const Batched& message : messages) {
      if (call.body.size() > 1) call.body += ',';
      call.body += message.text;
    }
    call.body += ']';
    auto done = co_await post_with_tries(parts.web, shard, std::move(call), signing(parts, auth), std::string(action_name));
    co_return done;
  }

  Parameters parameters_;
  HttpParts parts_;
  std::shared_ptr<Batches> batches_;
};

// --- reading the parameters ---

// RFC 9110, "token".
bool is_header_name(std::string_view name) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || marks.find(c) != std::string_view::npos;
  });
}

// What belongs to the connection, not to the message.
bool is_reserved(std::string_view name) {
  for (const std::string_view one : {"host", "content-length", "transfer-encoding", "connection", "expect", "te", "upgrade"})
    if (name == one) return true;
  return false;
}

Result<void> read_headers(const json::object& parameters, const ActionContext& context, Parameters& into) {
  const json::value* found = json::find(parameters, "headers");
  if (!found || found->is_null()) return {};
  if (!found->is_array()) return invalid_request("The parameter 'headers' must be a list.");
  if (found->get_array().size() > limits::http_headers_max) return invalid_request("'headers' can have at most 100 entries.");
  for (const json::value& header : found->get_array()) {
    if (!header.is_object()) return invalid_request("An entry of 'headers' must have a key and a value.");
    auto key = required_text(header.get_object(), "key");
    if (!key) return key.error();
    if (key->size() > limits::http_header_key_bytes_max)
      return invalid_request("The key of a header can have at most 256 bytes.");
    const std::string name = text::lower(*key);
    if (!is_header_name(name) || is_reserved(name)) return invalid_request("The header key '" + *key + "' is not valid.");
    auto value = required_template(header.get_object(), "value", context);
    if (!value) return value.error();
    into.headers.emplace_back(name, std::move(*value));
  }
  return {};
}

Result<void> read_auth(const json::object& parameters, const HttpParts& parts, Parameters& into) {
  const json::value* auth = json::find(parameters, "auth");
  if (!auth || auth->is_null()) return {};
  if (!auth->is_object()) return invalid_request("The parameter 'auth' must be an object.");
  const json::value* sigv4 = json::find(auth->get_object(), "sigv4");
  if (!sigv4 || sigv4->is_null()) return {};
  if (!sigv4->is_object()) return invalid_request("The parameter 'sigv4' must be an object.");
  auto region = required_text(sigv4->get_object(), "signingRegion");
  if (!region) return region.error();
  auto service = required_text(sigv4->get_object(), "serviceName");
  if (!service) return service.error();
  if (auto role = required_role(sigv4->get_object()); !role) return role.error();
  if (!parts.credentials || !parts.credentials())
    return invalid_request(
        "The action 'http' with 'sigv4' is not supported by this endpoint: no credentials are configured for it.");
  into.auth = SigV4{std::move(*region), std::move(*service)};
  return {};
}

// Source: AWS IoT developer guide, "HTTP", the relationship between url and confirmationUrl.
Result<void> check_urls(const Parameters& parameters, const HttpParts& parts) {
  const std::string& url = parameters.url.text();
  if (url.size() > limits::url_bytes_max) return invalid_request("The url can have at most 2000 characters.");
  if (parameters.url.is_constant())
    if (auto checked = endpoint_url(url, "url", parts.policy, limits::http_ports); !checked) return checked.error();
  if (!parameters.confirmation_url) {
    if (!parameters.url.is_constant())
      return invalid_request("The parameter 'confirmationUrl' is required when 'url' has substitution templates.");
    return {};
  }
  const std::string& confirmation = parameters.confirmation_url->text();
  if (confirmation.size() > limits::url_bytes_max)
    return invalid_request("The confirmationUrl can have at most 2000 characters.");
  if (!url.starts_with(confirmation)) return invalid_request("The url must begin with the confirmationUrl.");
  if (!parameters.confirmation_url->is_constant()) return {};
  const auto confirmed = endpoint_url(confirmation, "confirmationUrl", parts.policy, limits::http_ports);
  if (!confirmed) return confirmed.error();
  if (!parameters.url.is_constant()) return {};
  const auto whole = endpoint_url(url, "url", parts.policy, limits::http_ports);
  if (!whole) return whole.error();
  if (whole->host != confirmed->host) return invalid_request("The url must be of the host of the confirmationUrl.");
  return {};
}

Result<std::optional<BatchLimits>> read_batching(const json::object& parameters) {
  const json::value* config = json::find(parameters, "batchConfig");
  if (config && !config->is_null() && !config->is_object())
    return invalid_request("The parameter 'batchConfig' must be an object.");
  const json::object given = config && config->is_object() ? config->get_object() : json::object();
  auto limits = read_batch_config(given, {}, {.size_min = 2, .size_max = 10, .open_min = 5, .open_max = 200});
  if (!limits) return limits.error();
  if (const json::value* enabled = json::find(parameters, "enableBatching");
      enabled && !enabled->is_null() && !enabled->is_bool())
    return invalid_request("'enableBatching' must be true or false.");
  if (!json::bool_or(parameters, "enableBatching", false)) return std::optional<BatchLimits>();
  return std::optional(*limits);
}

Result<std::unique_ptr<Action>> compile(const json::object& parameters, const ActionContext& context, const HttpParts& parts) {
  auto url = required_template(parameters, "url", context);
  if (!url) return url.error();
  auto confirmation = optional_template(parameters, "confirmationUrl", context);
  if (!confirmation) return confirmation.error();
  Parameters read{.url = std::move(*url), .confirmation_url = std::move(*confirmation), .headers = {}, .auth = {}};
  if (auto checked = check_urls(read, parts); !checked) return checked.error();
  if (auto headers = read_headers(parameters, context, read); !headers) return headers.error();
  if (auto auth = read_auth(parameters, parts, read); !auth) return auth.error();
  auto batching = read_batching(parameters);
  if (!batching) return batching.error();
  return std::make_unique<HttpAction>(std::move(read), *batching, parts);
}

}  // namespace

void add_http_action(ActionTypes& types, HttpParts parts) {
  types.add("http", [parts](const json::object& parameters, const ActionContext& context) {
    return compile(parameters, context, parts);
  });
}

}  // namespace croft::rules
