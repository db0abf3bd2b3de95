#include "services/iot/destinations.h"

#include <algorithm>
#include <set>

#include "rules/actions/action_types.h"
#include "rules/destination_limits.h"
#include "services/iot/input.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::services::iot {

namespace {

using gateway::Call;
using gateway::Reply;
using rules::Destination;

constexpr std::size_t page_items_max = 1'000;  // maxResults in the IoT API model
constexpr std::uint16_t influx_ports[] = {443, 8443, 8086, 8181};

[[noreturn]] void refuse(std::string message) {
  throw ApiError(rules::invalid_request(std::move(message)));
}

[[noreturn]] void refuse_null(const std::string& member) {
  refuse("1 validation error detected: Value null at '" + member + "' failed to satisfy constraint: Member must not be null");
}

// --- requests ---

std::string text_of(const json::object& members, const std::string& path, std::string_view name, bool is_required = true) {
  const std::string member = path + "." + std::string(name);
  const json::value* value = json::find(members, name);
  if (!value || value->is_null()) {
    if (is_required) refuse_null(member);
    return {};
  }
  if (!value->is_string()) refuse("The value of '" + member + "' is of the wrong type");
  if (value->get_string().empty() && is_required)
    refuse("1 validation error detected: Value '' at '" + member +
           "' failed to satisfy constraint: Member must have length greater than or equal to 1");
  return std::string(value->get_string());
}

std::vector<std::string> texts_of(const json::object& members, const std::string& path, std::string_view name, bool is_required) {
  const std::string member = path + "." + std::string(name);
  const json::value* value = json::find(members, name);
  if (!value || value->is_null()) {
    if (is_required) refuse_null(member);
    return {};
  }
  if (!value->is_array()) refuse("The value of '" + member + "' is of the wrong type");
  std::vector<std::string> texts;
  for (const json::value& text : value->get_array()) {
    if (!text.is_string() || text.get_string().empty()) refuse("The value of '" + member + "' is of the wrong type");
    texts.emplace_back(text.get_string());
  }
  return texts;
}

std::string one_of(const std::string& value, const std::string& member, std::initializer_list<std::string_view> set) {
  if (std::find(set.begin(), set.end(), value) != set.end()) return value;
  std::string listed;
  for (const std::string_view name : set) listed += (listed.empty() ? "" : ", ") + std::string(name);
  refuse("1 validation error detected: Value '" + value + "' at '" + member +
         "' failed to satisfy constraint: Member must satisfy enum value set: [" + listed + "]");
}

Destination::Target http_target(const json::object& given, const DestinationParts& parts) {
  const std::string url = text_of(given, "destinationConfiguration.httpUrlConfiguration", "confirmationUrl");
  if (url.find("${") != std::string::npos) refuse("The confirmationUrl of a destination cannot have substitution templates.");
  rules::endpoint_url(url, "confirmationUrl", parts.policy, rules::limits::http_ports).value();
  return Destination::Http{url};
}

// "subnet-" and its like, then the digits that EC2 gives: 8 or 17.
void check_id(const std::string& id, std::string_view prefix, std::string_view member) {
  const std::string_view digits = std::string_view(id).substr(std::min(prefix.size(), id.size()));
  const bool is_good = id.starts_with(prefix) && !digits.empty() && digits.size() <= 32 &&
                       digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (!is_good) refuse("The value '" + id + "' of '" + std::string(member) + "' is not valid.");
}

Destination::Target vpc_target(const json::object& given, const DestinationParts& parts) {
  const std::string path = "destinationConfiguration.vpcConfiguration";
  Destination::Vpc vpc{.subnet_ids = texts_of(given, path, "subnetIds", true),
                       .security_groups = texts_of(given, path, "securityGroups", false),
                       .vpc_id = text_of(given, path, "vpcId"),
                       .role_arn = text_of(given, path, "roleArn")};
  if (vpc.subnet_ids.empty() || vpc.subnet_ids.size() > rules::limits::subnets_max)
    refuse("A VPC destination must have 1 to 16 subnets.");
  for (const std::string& id : vpc.subnet_ids) check_id(id, "subnet-", "subnetIds");
  for (const std::string& id : vpc.security_groups) check_id(id, "sg-", "securityGroups");
  check_id(vpc.vpc_id, "vpc-", "vpcId");
  rules::required_role(given).value();
  std::size_t count = 0;
  for (const Destination& other : parts.destinations.list()) count += std::holds_alternative<Destination::Vpc>(other.target);
  if (count >= rules::limits::vpc_destinations_max)
    throw ApiError({"LimitExceededException", "The number of VPC destinations exceeds the limit of 5.", 410});
  return vpc;
}

Destination::Target influx_target(const json::object& given, const DestinationParts& parts) {
  if (!parts.has_secrets)
    refuse("InfluxDB destinations are not supported by this endpoint: no endpoint of AWS Secrets Manager is configured.");
  const std::string path = "destinationConfiguration.influxDBConfiguration";
  Destination::InfluxDb influx{
      .endpoint = text_of(given, path, "endpoint"),
      .version = one_of(text_of(given, path, "influxDBVersion"), path + ".influxDBVersion", {"V2", "V3"}),
      .secret_id = text_of(given, path, "secretId"),
      .secret_type = text_of(given, path, "secretType", false),
      .secret_key = text_of(given, path, "secretKey", false)};
  if (!influx.secret_type.empty()) one_of(influx.secret_type, path + ".secretType", {"SecretString", "SecretBinary"});
  const auto url = rules::endpoint_url(influx.endpoint, "endpoint", parts.policy, influx_ports).value();
  if (url.path != "/" || !url.query.empty()) refuse("The value of 'endpoint' is not valid: a path is not supported.");
  influx.endpoint = url.origin();
  return influx;
}

// Exactly one member says which kind.
Destination::Target target_of(const Call& call, const DestinationParts& parts) {
  const json::value* configuration = json::find(call.input, "destinationConfiguration");
  if (!configuration || configuration->is_null()) refuse_null("destinationConfiguration");
  if (!configuration->is_object()) refuse("The value of 'destinationConfiguration' is of the wrong type");
  constexpr std::pair<std::string_view, Destination::Target (*)(const json::object&, const DestinationParts&)> kinds[] = {
      {"httpUrlConfiguration", http_target}, {"vpcConfiguration", vpc_target}, {"influxDBConfiguration", influx_target}};
  std::optional<Destination::Target> target;
  for (const auto& [name, read] : kinds) {
    const json::value* given = json::find(configuration->get_object(), name);
    if (!given || given->is_null()) continue;
    if (target) refuse("A destination must have exactly one configuration.");
    if (!given->is_object()) refuse("The value of 'destinationConfiguration." + std::string(name) + "' is of the wrong type");
    target = read(given->get_object(), parts);
  }
  if (!target) refuse("A destination must have exactly one configuration.");
  return *target;
}

// --- replies ---

json::array array_of(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.push_back(json::value(text));
  return array;
}

json::object members_of(const Destination& destination) {
  if (const auto* http = std::get_if<Destination::Http>(&destination.target))
    return {{"confirmationUrl", http->confirmation_url}};
  if (const auto* vpc = std::get_if<Destination::Vpc>(&destination.target))
    return {{"subnetIds", array_of(vpc->subnet_ids)},
            {"securityGroups", array_of(vpc->security_groups)},
            {"vpcId", vpc->vpc_id},
            {"roleArn", vpc->role_arn}};
  const auto& influx = std::get<Destination::InfluxDb>(destination.target);
  json::object members{{"endpoint", influx.endpoint}, {"influxDBVersion", influx.version}, {"secretId", influx.secret_id}};
  if (!influx.secret_type.empty()) members["secretType"] = influx.secret_type;
  if (!influx.secret_key.empty()) members["secretKey"] = influx.secret_key;
  return members;
}

json::object description(const Destination& destination, const std::string_view (&names)[3]) {
  json::object out{{"arn", destination.arn},
                   {"status", Destination::name_of(destination.status)},
                   {"createdAt", destination.created_at.seconds()},
                   {"lastUpdatedAt", destination.updated_at.seconds()}};
  if (!destination.status_reason.empty()) out["statusReason"] = destination.status_reason;
  out[names[destination.target.index()]] = members_of(destination);
  return out;
}

json::object whole(const Destination& destination) {
  return description(destination, {"httpUrlProperties", "vpcProperties", "influxDBProperties"});
}
json::object summary(const Destination& destination) {
  return description(destination, {"httpUrlSummary", "vpcDestinationSummary", "influxDBSummary"});
}

// --- operations ---

// A deployment names the ARN beforehand, so that a second attempt finds what the first made.
std::string chosen_arn(const Call& call) {
  return call.http.method.empty() ? Input(call).text("arn") : std::string();
}

Task<Reply> create(DestinationParts parts, Call& call) {
  const Destination made = parts.destinations.create(target_of(call, parts), chosen_arn(call)).value();
  co_await parts.store.durable();
  if (made.status == Destination::Status::in_progress) parts.checks.begin(made.arn);
  co_return Reply{.output = {{"topicRuleDestination", whole(made)}}};
}

Task<Reply> get(DestinationParts parts, Call& call) {
  co_return Reply{.output = {{"topicRuleDestination", whole(parts.destinations.get(Input(call).required("arn")).value())}}};
}

Task<Reply> list(DestinationParts parts, Call& call) {
  const Input in(call);
  const std::int64_t limit = in.integer("maxResults").value_or(page_items_max);
  if (limit < 1 || limit > static_cast<std::int64_t>(page_items_max))
    refuse("1 validation error detected: Value '" + std::to_string(limit) +
           "' at 'maxResults' failed to satisfy constraint: Member must have value between 1 and 1000");
  const auto after = text::from_base64(in.text("nextToken"));
  if (!after) refuse("Invalid nextToken");
  json::array listed;
  std::string next;
  for (const Destination& destination : parts.destinations.list()) {
    if (destination.arn <= *after) continue;
    if (listed.size() == static_cast<std::size_t>(limit)) {
      next = std::string(listed.back().at("arn").as_string());
      break;
    }
    listed.push_back(summary(destination));
  }
  json::object output{{"destinationSummaries", std::move(listed)}};
  set_next(output, "nextToken", next);
  co_return Reply{.output = std::move(output)};
}

Task<Reply> update(DestinationParts parts, Call& call) {
  const Input in(call);
  const std::string arn = in.required("arn");
  const std::string status = one_of(in.required("status"), "status", {"ENABLED", "IN_PROGRESS", "DISABLED", "ERROR", "DELETING"});
  const bool is_to_be_asked = parts.destinations.set_status(arn, status).value();
  co_await parts.store.durable();
  if (is_to_be_asked) parts.checks.begin(arn);
  co_return Reply{};
}

Task<Reply> remove(DestinationParts parts, Call& call) {
  parts.destinations.remove(Input(call).required("arn")).value();
  co_await parts.store.durable();
  co_return Reply{};
}

Task<void> confirm_token(DestinationParts parts, std::string token) {
  if (token.size() > rules::limits::confirmation_token_bytes_max)
    refuse(
        "1 validation error detected: Value at 'confirmationToken' failed to satisfy constraint: "
        "Member must have length less than or equal to 2048");
  parts.destinations.confirm(token).value();
  co_await parts.store.durable();
}

Task<Reply> confirm(DestinationParts parts, Call& call) {
  co_await confirm_token(parts, Input(call).required("confirmationToken"));
  co_return Reply{};
}

// --- the destinations of rules ---

void add_url(const json::value& action, std::set<std::string>& urls) {
  if (!action.is_object()) return;
  const json::value* http = json::find(action.get_object(), "http");
  if (!http || !http->is_object()) return;
  std::string url(json::string_or(http->get_object(), "confirmationUrl", ""));
  if (url.empty()) url = json::string_or(http->get_object(), "url", "");
  if (!url.empty() && url.find("${") == std::string::npos) urls.insert(std::move(url));
}

void for_each_action(const Call& call, const std::function<void(const json::value&, bool is_error_action)>& visit) {
  const json::value* nested = json::find(call.input, "topicRulePayload");
  const json::object& payload = nested && nested->is_object() ? nested->get_object() : call.input;
  if (const json::value* actions = json::find(payload, "actions"); actions && actions->is_array())
    for (const json::value& action : actions->get_array()) visit(action, false);
  if (const json::value* action = json::find(payload, "errorAction")) visit(*action, true);
}

// The confirmation URLs without templates that a rule names.
std::set<std::string> urls_of(const Call& call) {
  std::set<std::string> urls;
  for_each_action(call, [&](const json::value& action, bool) { add_url(action, urls); });
  return urls;
}

// The text of an element template anywhere in a value.
bool has_element_template(const json::value& value) {
  if (value.is_string()) return std::string_view(value.get_string()).find("@{") != std::string_view::npos;
  if (value.is_array())
    return std::any_of(value.get_array().begin(), value.get_array().end(),
                       [](const json::value& one) { return has_element_template(one); });
  if (!value.is_object()) return false;
  return std::any_of(value.get_object().begin(), value.get_object().end(),
                     [](const auto& member) { return has_element_template(member.value()); });
}

// What the actions of a rule may name: destinations that are there. Source: AWS IoT developer guide, "HTTP" (no batches in an
// error action), "Apache Kafka", "InfluxDB".
void check_action(const json::value& action, bool is_error_action, const DestinationParts& parts) {
  if (!action.is_object() || action.get_object().size() != 1 || !action.get_object().begin()->value().is_object()) return;
  const json::object& parameters = action.get_object().begin()->value().get_object();
  const bool is_http = action.get_object().begin()->key() == "http";
  if ((is_error_action || action.get_object().begin()->key() != "influxDB") && has_element_template(action))
    refuse("The template @{...} is supported only by the influxDB action.");
  if (is_error_action && is_http && (json::find(parameters, "batchConfig") || json::bool_or(parameters, "enableBatching", false)))
    refuse("The batchConfig is not allowed in an errorAction.");
  const std::string arn(json::string_or(parameters, "destinationArn", ""));
  if (!arn.empty() && !parts.destinations.get(arn)) refuse("The topic rule destination " + arn + " does not exist.");
}

// Source: AWS IoT developer guide, "HTTP": a URL without templates gets its destination with the rule.
Task<Reply> save_rule(DestinationParts parts, gateway::Handler save, Call& call) {
  for_each_action(call, [&](const json::value& action, bool is_error_action) { check_action(action, is_error_action, parts); });
  std::set<std::string> urls = urls_of(call);
  std::erase_if(urls, [&](const std::string& url) { return parts.destinations.at_url(url).has_value(); });
  if (!urls.empty() && parts.destinations.is_full())
    throw ApiError({"LimitExceededException", "The number of topic rule destinations exceeds the limit of 1000.", 410});
  Reply reply = co_await save(call);
  for (const std::string& url : urls) {
    if (parts.destinations.at_url(url)) continue;  // made meanwhile
    const auto made = parts.destinations.create(Destination::Http{url});
    if (!made) throw ApiError(made.error());
    parts.checks.begin(made->arn);
  }
  if (!urls.empty()) co_await parts.store.durable();
  co_return reply;
}

void make_destinations_with(gateway::Service& service, std::string_view operation, const DestinationParts& parts) {
  for (gateway::Operation& row : service.operations) {
    if (row.name != operation) continue;
    row.handler = [parts, save = row.handler](Call& call) { return save_rule(parts, save, call); };
  }
}

Task<net::HttpResponse> answer_confirmation(DestinationParts parts, net::HttpRequest request) {
  const std::size_t slash = request.path.find('/', 1);
  const std::string token = slash == std::string::npos ? "" : text::percent_decode(request.path.substr(slash + 1));
  try {
    if (request.method != "GET") refuse("The confirmation is a GET request.");
    co_await confirm_token(parts, token);
  } catch (const ApiError& refused) {
    co_return net::HttpResponse{refused.error().http_status,
                                {{"content-type", "application/json"}, {"x-amzn-errortype", refused.error().code}},
                                json::dump(json::object{{"message", refused.error().message}})};
  }
  co_return net::HttpResponse{200, {{"content-type", "application/json"}}, "{}"};
}

}  // namespace

void add_destination_operations(gateway::Service& service, DestinationParts parts) {
  make_destinations_with(service, "CreateTopicRule", parts);
  make_destinations_with(service, "ReplaceTopicRule", parts);
  const auto to = [parts](Task<Reply> (*operation)(DestinationParts, Call&)) -> gateway::Handler {
    return [parts, operation](Call& call) { return operation(parts, call); };
  };
  service.operations.push_back({"CreateTopicRuleDestination", "POST /destinations", to(create)});
  service.operations.push_back({"GetTopicRuleDestination", "GET /destinations/{arn+}", to(get)});
  service.operations.push_back({"ListTopicRuleDestinations", "GET /destinations", to(list)});
  service.operations.push_back({"UpdateTopicRuleDestination", "PATCH /destinations", to(update)});
  service.operations.push_back({"DeleteTopicRuleDestination", "DELETE /destinations/{arn+}", to(remove)});
  service.operations.push_back({"ConfirmTopicRuleDestination", "GET /confirmdestination/{confirmationToken+}", to(confirm)});
}

net::HttpHandler confirmation_page(DestinationParts parts) {
  return [parts](net::HttpRequest request) { return answer_confirmation(parts, std::move(request)); };
}

}  // namespace croft::services::iot
