#include "rules/actions/influxdb.h"

#include <algorithm>

#include "rules/actions/batches.h"
#include "rules/actions/http_request.h"
#include "rules/actions/line_protocol.h"
#include "rules/destination_limits.h"
#include "rules/error_document.h"
#include "text/encoding.h"

namespace croft::rules {

namespace {

constexpr std::string_view units[] = {"s", "ms", "us", "ns"};
constexpr std::string_view v3_units[] = {"second", "millisecond", "microsecond", "nanosecond"};
constexpr std::chrono::milliseconds first_pause{100};

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  });
}

// A table name or a tag's value: a template against the message, or @{field} against each element of the payload.
class Parameter {
 public:
  static Result<Parameter> compile(const json::object& members, std::string_view name, const ActionContext& context) {
    auto text = required_text(members, name);
    if (!text) return text.error();
    Parameter parameter;
    const std::size_t open = text->find("@{");
    if (open == std::string::npos) {
      auto compiled = required_template(members, name, context);
      if (!compiled) return compiled.error();
      parameter.add_references(*text);
      parameter.template_ = std::move(*compiled);
      return parameter;
    }
    const std::size_t close = text->find('}', open);
    const Error invalid = invalid_request("'" + std::string(name) + "' can have one @{field} and nothing else in braces.");
    if (close == std::string::npos || text->find("${") != std::string::npos || text->find("@{", open + 1) != std::string::npos)
      return invalid;
    parameter.field_ = text::trim(std::string_view(*text).substr(open + 2, close - open - 2));
    if (!is_name(parameter.field_)) return invalid;
    parameter.before_ = text->substr(0, open);
    parameter.after_ = text->substr(close + 1);
    parameter.references_.insert(parameter.field_);
    return parameter;
  }

  bool is_per_element() const { return !field_.empty(); }
  // Members of the payload that it names: they are no fields.
  const std::set<std::string, std::less<>>& references() const { return references_; }

  // For the whole message; "" when it is for each element.
  Result<std::string> value(const Firing& firing) const {
    if (is_per_element()) return std::string();
    return render(*template_, firing);
  }
  // For one element; a missing field gives "".
  std::string value(const sql::Value& element, const std::string& of_message, sql::SqlVersion version) const {
    if (!is_per_element()) return of_message;
    const sql::Value* found = element.find(field_);
    if (!found || found->is_null()) return {};
    const auto text =
        found->is_string() ? std::optional(found->as_string()) : sql::write_json(*found, version, limits::url_bytes_max);
    return before_ + text.value_or("") + after_;
  }

 private:
  // ${name} alone; what an expression uses is not told apart.
  void add_references(std::string_view text) {
    for (std::size_t open = text.find("${"); open != std::string_view::npos; open = text.find("${", open + 2)) {
      const std::size_t close = text.find('}', open);
      const std::string_view name = text::trim(text.substr(open + 2, close == std::string_view::npos ? close : close - open - 2));
      if (is_name(name)) references_.emplace(name);
    }
  }

  std::optional<sql::Template> template_;
  std::string before_, field_, after_;
  std::set<std::string, std::less<>> references_;
};

struct Parameters {
  std::string destination_arn, database, organization;
  std::size_t unit = 1;  // of units
  Parameter table;
  std::map<std::string, Parameter> tags;
  sql::SqlVersion version;
};

// Where and as whom one request writes.
struct Target {
  Destination::InfluxDb influx;
  std::string database, organization;
  std::size_t unit;
};

std::string write_url(const Target& target) {
  const auto encoded = [](const std::string& text) { return text::percent_encode(text); };
  if (target.influx.version == "V2")
    return target.influx.endpoint + "/api/v2/write?org=" + encoded(target.organization) + "&bucket=" + encoded(target.database) +
           "&precision=" + std::string(units[target.unit]);
  return target.influx.endpoint + "/api/v3/write_lp?db=" + encoded(target.database) +
         "&precision=" + std::string(v3_units[target.unit]);
}

Error failed(const std::string& why, int status = 500) {
  return {"RuleActionFailed", "Failed to write to InfluxDB. " + why, status};
}

Error failure_of(const Result<net::HttpResponse>& answer) {
  if (!answer) return failed("Reason: " + answer.error().message);
  std::string why = "StatusCode: " + std::to_string(answer->status) + ".";
  if (const auto reason = reason_of(answer->status); !reason.empty()) why += " Reason: " + std::string(reason) + ".";
  return failed(why, answer->status);
}

Task<Result<std::string>> token_of(const InfluxDbParts& parts, Shard& shard, Destination::InfluxDb influx, bool is_fresh) {
  SecretQuestion question{.secret_id = influx.secret_id, .key = influx.secret_key, .is_fresh = is_fresh};
  if (!influx.secret_type.empty()) question.type = influx.secret_type;
  auto token = co_await parts.secrets(shard, std::move(question));
  if (!token) co_return failed("The secret could not be read: " + token.error().message);
  co_return token;
}

// AWS: 503 is tried again with growing pauses; after a 401 the token is read again and the request repeated once.
Task<Result<void>> write(InfluxDbParts parts, Target target, Shard& shard, std::string lines) {
  const MonoTime begin = MonoTime::now();
  std::chrono::milliseconds pause = first_pause;
  bool was_refused = false;
  for (int tries = 1;; ++tries) {
    auto token = co_await token_of(parts, shard, target.influx, was_refused);
    if (!token) co_return token.error();
    net::HttpCall call{.method = "POST",
                       .url = write_url(target),
                       .headers = {{"authorization", (target.influx.version == "V2" ? "Token " : "Bearer ") + *token},
                                   {"content-type", "text/plain; charset=utf-8"}},
                       .body = lines};
    const std::chrono::milliseconds left = limits::http_time_max - std::chrono::milliseconds(MonoTime::now().ms - begin.ms);
    auto answer = co_await parts.web.request(shard, std::move(call), std::max(left, std::chrono::milliseconds(1)));
    if (answer && answer->status >= 200 && answer->status < 300) co_return Result<void>();
    const bool is_refused = answer && answer->status == 401 && !was_refused;
    const bool is_busy = answer ? answer->status == 503 : answer.error().code == "ConnectionFailed";
    const auto spent = std::chrono::milliseconds(MonoTime::now().ms - begin.ms) + pause;
    if (tries == limits::http_tries_max || !(is_refused || is_busy) || spent >= limits::http_time_max)
      co_return failure_of(answer);
    was_refused = was_refused || is_refused;
    if (is_busy) co_await sleep_for(pause);
    pause *= 4;
  }
}

class InfluxDbAction final : public Action {
 public:
  InfluxDbAction(Parameters parameters, std::optional<BatchLimits> batching, InfluxDbParts parts)
      : parameters_(std::move(parameters)), parts_(std::move(parts)) {
    if (!batching) return;
    const auto send = [parts = parts_, arn = parameters_.destination_arn, database = parameters_.database,
                       organization = parameters_.organization,
                       unit = parameters_.unit](Shard& shard, std::string, std::vector<Batched> messages) {
      return send_batch(parts, arn, {.influx = {}, .database = database, .organization = organization, .unit = unit}, shard,
                        std::move(messages));
    };
    batches_ = std::make_shared<Batches>(*batching, 1, send);
  }

  std::string name() const override { return "InfluxDBAction"; }
  std::string resource() const override { return parameters_.destination_arn; }

  Task<Result<void>> run(const Firing& firing) const override {
    auto influx = endpoint_of(parts_, parameters_.destination_arn);
    if (!influx) co_return influx.error();
    if (influx->version == "V2" && parameters_.organization.empty())
      co_return invalid_request("The parameter 'organization' is required for InfluxDB V2.");
    auto points = points_of(firing, influx->version == "V3");
    if (!points) co_return points.error();
    if (batches_ && !firing.is_error_action) {
      Batched message{.text = std::move(points->lines), .size = points->count};
      message.origin = payload_with_metadata(firing, batches_->limits().across_topics);
      const std::string key = batches_->limits().across_topics ? "" : std::string(firing.message->topic());
      auto done = co_await batches_->add(*firing.shard, key, std::move(message));
      co_return done;
    }
    Target target{std::move(*influx), parameters_.database, parameters_.organization, parameters_.unit};
    auto done = co_await write(parts_, std::move(target), *firing.shard, std::move(points->lines));
    co_return done;
  }

 private:
  struct Points {
    std::string lines;
    std::size_t count = 0;
  };

  static Result<Destination::InfluxDb> endpoint_of(const InfluxDbParts& parts, const std::string& arn) {
    const auto destination = parts.destinations.get(arn);
    if (!destination) return invalid_request("The specified destination " + arn + " does not exist.");
    if (destination->status != Destination::Status::enabled)
      return invalid_request("The InfluxDB action destination " + arn + " is not enabled, its status is " +
                             std::string(Destination::name_of(destination->status)) + ".");
    return std::get<Destination::InfluxDb>(destination->target);
  }

  static Task<Result<void>> send_batch(InfluxDbParts parts, std::string arn, Target target, Shard& shard,
                                       std::vector<Batched> messages) {
    auto influx = endpoint_of(parts, arn);
    if (!influx) co_return influx.error();
    target.influx = std::move(*influx);
    std::string lines;
    for (const Batched& message : messages) lines += (lines.empty() ? "" : "\n") + message.text;
    auto done = co_await write(std::move(parts), std::move(target), shard, std::move(lines));
    co_return done;
  }

  // Now, in the unit of the action: an error document has no timestamp of its own.
  std::string own_timestamp() const {
    const std::int64_t ms = Timestamp::now().ms;
    const std::int64_t values[] = {ms / 1'000, ms, ms * 1'000, ms * 1'000'000};
    return std::to_string(values[parameters_.unit]);
  }

  // One line for each element; a single object counts as an array of one.
  Result<Points> points_of(const Firing& firing, bool is_v3) const {
    const auto payload = sql::read_json(firing.output.payload().view());
    if (!payload || !(payload->is_object() || payload->is_array()))
      return invalid_request("The payload is not a JSON object or an array of JSON objects.");
    PointFrame frame{.is_v3 = is_v3, .timestamp = firing.is_error_action ? own_timestamp() : ""};
    auto table = parameters_.table.value(firing);
    if (!table) return table.error();
    frame.reserved = parameters_.table.references();
    std::map<std::string, std::string> tags;
    for (const auto& [name, parameter] : parameters_.tags) {
      auto value = parameter.value(firing);
      if (!value) return value.error();
      tags[name] = std::move(*value);
      frame.reserved.insert(parameter.references().begin(), parameter.references().end());
    }
    Points points;
    const sql::Array one{*payload};
    for (const sql::Value& element : payload->is_array() ? payload->as_array() : one) {
      frame.table = parameters_.table.value(element, *table, parameters_.version);
      frame.tags.clear();
      for (const auto& [name, parameter] : parameters_.tags)
        frame.tags.emplace_back(name, parameter.value(element, tags[name], parameters_.version));
      auto line = line_of(element, frame, parameters_.version);
      if (!line) return line.error();
      points.lines += (points.lines.empty() ? "" : "\n") + *line;
      ++points.count;
    }
    if (points.count == 0) return invalid_request("The payload contains no points.");
    return points;
  }

  Parameters parameters_;
  InfluxDbParts parts_;
  std::shared_ptr<Batches> batches_;
};

// --- reading the parameters ---

Result<std::map<std::string, Parameter>> read_tags(const json::object& parameters, const ActionContext& context) {
  std::map<std::string, Parameter> tags;
  const json::value* given = json::find(parameters, "tags");
  if (!given || given->is_null()) return tags;
  if (!given->is_object()) return invalid_request("The parameter 'tags' must be an object.");
  for (const auto& [key, value] : given->get_object()) {
    const std::string name(key.data(), key.size());
    if (!is_column_name(name, false)) return invalid_request("'" + name + "' is not a valid tag key.");
    auto parameter = Parameter::compile(given->get_object(), name, context);
    if (!parameter) return parameter.error();
    tags.emplace(name, std::move(*parameter));
  }
  if (tags.size() > limits::influx_columns_max) return invalid_request("The tags exceed the maximum column count of 250.");
  return tags;
}

// A parameter that has no templates.
Result<std::string> fixed_text(const json::object& parameters, std::string_view name) {
  auto text = required_text(parameters, name);
  if (!text) return text.error();
  if (text->find("${") != std::string::npos || text->find("@{") != std::string::npos)
    return invalid_request("The parameter '" + std::string(name) + "' cannot have substitution templates.");
  return text;
}

Result<std::optional<BatchLimits>> read_batching(const json::object& parameters) {
  const json::value* config = json::find(parameters, "batchConfig");
  if (!config || config->is_null()) return std::optional<BatchLimits>();
  if (!config->is_object()) return invalid_request("The parameter 'batchConfig' must be an object.");
  const BatchLimits otherwise{
      .size_max = 500, .bytes_max = 131'072, .open_max = std::chrono::milliseconds(20)};  // AWS names no defaults
  auto limits =
      read_batch_config(config->get_object(), otherwise, {.size_min = 1, .size_max = 500, .open_min = 5, .open_max = 1'000});
  if (!limits) return limits.error();
  return std::optional(*limits);
}

Result<std::unique_ptr<Action>> compile(const json::object& parameters, const ActionContext& context,
                                        const InfluxDbParts& parts) {
  if (!parts.secrets)
    return invalid_request(
        "The action type 'influxDB' is not supported by this endpoint: no endpoint of AWS Secrets Manager is configured.");
  auto arn = fixed_text(parameters, "destinationArn");
  if (!arn) return arn.error();
  if (!arn->starts_with(parts.destinations.arn_for("influxdb", "")))
    return invalid_request("The destinationArn '" + *arn + "' is not the ARN of an InfluxDB destination.");
  if (auto role = required_role(parameters); !role) return role.error();
  auto database = fixed_text(parameters, "databaseName");
  if (!database) return database.error();
  auto table = Parameter::compile(parameters, "tableName", context);
  if (!table) return table.error();
  auto tags = read_tags(parameters, context);
  if (!tags) return tags.error();
  const std::string_view unit = json::string_or(parameters, "timestampUnit", "ms");
  const auto* found = std::find(std::begin(units), std::end(units), unit);
  if (found == std::end(units)) return invalid_request("'timestampUnit' must be s, ms, us or ns.");
  auto batching = read_batching(parameters);
  if (!batching) return batching.error();
  Parameters read{.destination_arn = std::move(*arn),
                  .database = std::move(*database),
                  .organization = std::string(json::string_or(parameters, "organization", "")),
                  .unit = static_cast<std::size_t>(found - units),
                  .table = std::move(*table),
                  .tags = std::move(*tags),
                  .version = context.version};
  return std::make_unique<InfluxDbAction>(std::move(read), *batching, parts);
}

}  // namespace

void add_influxdb_action(ActionTypes& types, InfluxDbParts parts) {
  types.add("influxDB", [parts](const json::object& parameters, const ActionContext& context) {
    return compile(parameters, context, parts);
  });
}

}  // namespace croft::rules
