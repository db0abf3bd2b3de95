// timestream. Source: AWS IoT developer guide, "Timestream"; Timestream developer guide, WriteRecords and "Using the endpoint
// discovery pattern".
#include <algorithm>
#include <mutex>

#include "observe/log.h"
#include "rules/actions/remote_action.h"
#include "rules/actions/remote_actions.h"
#include "rules/limits.h"

namespace croft::rules {

namespace {

constexpr RemoteKind kind{"TimestreamAction", "timestream", "timestream-write", "Failed to write records to Timestream"};

// Where WriteRecords goes: AWS gives every account a cell, and its general endpoint takes DescribeEndpoints alone.
// Shared by the actions of all rules. Threads: any.
class WriteEndpoint {
 public:
  std::optional<std::string> known() const {
    std::lock_guard lock(mutex_);
    return MonoTime::now() < good_until_ ? std::optional(endpoint_) : std::nullopt;
  }
  void set(std::string endpoint, std::int64_t minutes) {
    std::lock_guard lock(mutex_);
    endpoint_ = std::move(endpoint);
    good_until_ = {MonoTime::now().ms + std::clamp<std::int64_t>(minutes, 1, 1'440) * 60'000};
  }

 private:
  mutable std::mutex mutex_;
  std::string endpoint_;
  MonoTime good_until_;
};

// The address of the first endpoint and how long it may be used; nothing in an answer of another form.
std::optional<std::pair<std::string, std::int64_t>> described(const std::string& body) {
  auto parsed = json::parse(body);
  const json::object* first = parsed && parsed->is_object() ? first_of(parsed->get_object(), "Endpoints") : nullptr;
  const std::string_view address = first ? json::string_or(*first, "Address", "") : "";
  if (address.empty()) return std::nullopt;
  return std::pair(std::string(address), json::int_or(*first, "CachePeriodInMinutes", 1));
}

struct Measure {
  std::string name, type, value;
};

// Whole Decimals are Int from 2016-03-23 on.
bool is_bigint(const sql::Number& number, sql::SqlVersion version) {
  const bool is_int = version == sql::SqlVersion::v2015_10_08 ? !number.is_decimal() : number.is_whole();
  return is_int && sql::Number::integer(number.floor_int64()) == number;
}

// Decimal and Int become DOUBLE and BIGINT; objects and arrays their JSON text; null is no measure.
std::optional<Measure> measure_of(const std::string& name, const sql::Value& value, sql::SqlVersion version) {
  if (value.is_boolean()) return Measure{name, "BOOLEAN", value.as_boolean() ? "true" : "false"};
  if (value.is_number())
    return Measure{name, is_bigint(value.as_number(), version) ? "BIGINT" : "DOUBLE", value.as_number().text(version)};
  if (value.is_string()) return Measure{name, "VARCHAR", value.as_string()};
  if (value.is_null()) return std::nullopt;
  auto text = sql::write_json(value, version, limits::batch_record_bytes_max);
  if (!text) return std::nullopt;
  return Measure{name, "VARCHAR", std::move(*text)};
}

struct Parameters {
  sql::Template database, table;
  std::vector<std::pair<std::string, sql::Template>> dimensions;
  TimestampTemplates time;
  sql::SqlVersion version;
};

class Timestream final : public RemoteAction {
 public:
  Timestream(Parameters parameters, remote::RemoteServices& services, std::shared_ptr<WriteEndpoint> endpoint)
      : RemoteAction(kind, parameters.table, services), parameters_(std::move(parameters)), endpoint_(std::move(endpoint)) {}

  Task<Result<void>> run(const Firing& firing) const override {
    auto input = input_of(firing);
    if (!input) co_return input.error();
    auto endpoint = co_await write_endpoint(firing);
    if (!endpoint) co_return endpoint.error();
    remote::Request request = remote::json_request("1.0", "Timestream_20181101.WriteRecords", *input);
    request.endpoint = std::move(*endpoint);
    auto answer = co_await ask(firing, std::move(request));
    if (!answer) co_return answer.error();
    co_return Result<void>();
  }

 private:
  // A service that does not know DescribeEndpoints takes records where it is.
  Task<Result<std::string>> write_endpoint(const Firing& firing) const {
    if (auto known = endpoint_->known()) co_return *known;
    remote::Request request = remote::json_request("1.0", "Timestream_20181101.DescribeEndpoints", {});
    auto answer = co_await ask(firing, std::move(request));
    const bool is_unknown = !answer && (answer.error().code == "UnknownOperationException" || answer.error().http_status == 501);
    if (!answer && !is_unknown) co_return answer.error();
    std::string endpoint = settings().endpoint;
    std::int64_t minutes = limits::endpoint_kept_minutes;
    if (answer) {
      const auto found = described(answer->body);
      if (!found) co_return failure(firing, {"InvalidResponse", "DescribeEndpoints names no endpoint", 200});
      endpoint = endpoint.substr(0, endpoint.find("://") + 3) + found->first;
      minutes = found->second;
    }
    endpoint_->set(endpoint, minutes);
    co_return endpoint;
  }

  Result<json::object> input_of(const Firing& firing) const {
    auto database = render(parameters_.database, firing);
    if (!database) return database.error();
    auto table = render(parameters_.table, firing);
    if (!table) return table.error();
    auto common = common_attributes(firing);
    if (!common) return common.error();
    if (!firing.output.value().is_object()) return invalid_request("The result must be an object: its members are the measures.");
    json::array records;
    for (const auto& [name, value] : firing.output.value().as_object().members()) {
      auto measure = measure_of(name, value, parameters_.version);
      if (!measure) continue;
      if (records.size() == limits::timestream_records_max) {
        log::warn("rules",
                  "rule '" + firing.rule_name + "': Timestream takes 100 values of a message; the others are not written");
        break;
      }
      records.push_back(
          json::object{{"MeasureName", measure->name}, {"MeasureValue", measure->value}, {"MeasureValueType", measure->type}});
    }
    if (records.empty()) return invalid_request("The result has no member that is a measure.");
    return json::object{
        {"DatabaseName", *database}, {"TableName", *table}, {"CommonAttributes", *common}, {"Records", std::move(records)}};
  }

  Result<json::object> common_attributes(const Firing& firing) const {
    json::array dimensions;
    for (const auto& [name, value] : parameters_.dimensions) {
      auto rendered = render(value, firing);
      if (!rendered) return rendered.error();
      dimensions.push_back(json::object{{"Name", name}, {"Value", *rendered}});
    }
    std::string time = std::to_string(firing.at.ms), unit = "MILLISECONDS";
    if (parameters_.time.value) {
      auto given = rendered_integer(*parameters_.time.value, "timestamp.value", firing);
      if (!given) return given.error();
      auto given_unit = render(*parameters_.time.unit, firing);
      if (!given_unit) return given_unit.error();
      time = std::to_string(*given);
      unit = std::move(*given_unit);
    }
    return json::object{{"Dimensions", std::move(dimensions)}, {"Time", time}, {"TimeUnit", unit}};
  }

  const Parameters parameters_;
  const std::shared_ptr<WriteEndpoint> endpoint_;
};

Result<std::vector<std::pair<std::string, sql::Template>>> read_dimensions(const json::object& parameters,
                                                                           const ActionContext& context) {
  const json::value* list = json::find(parameters, "dimensions");
  if (!list || !list->is_array()) return invalid_request("The parameter 'dimensions' is required.");
  if (list->get_array().empty() || list->get_array().size() > limits::timestream_dimensions_max)
    return invalid_request("'dimensions' must have 1 to 128 entries.");
  std::vector<std::pair<std::string, sql::Template>> dimensions;
  for (const json::value& entry : list->get_array()) {
    if (!entry.is_object()) return invalid_request("A dimension must have a name and a value.");
    auto name = required_text(entry.get_object(), "name");
    if (!name) return name.error();
    if (name->find("${") != std::string::npos)
      return invalid_request("The name of a dimension cannot have a substitution template.");
    auto value = required_template(entry.get_object(), "value", context);
    if (!value) return value.error();
    dimensions.emplace_back(std::move(*name), std::move(*value));
  }
  return dimensions;
}

Result<std::unique_ptr<Action>> compile(const json::object& parameters, const ActionContext& context,
                                        remote::RemoteServices& services, const std::shared_ptr<WriteEndpoint>& endpoint) {
  if (auto there = require_endpoint(kind, services); !there) return there.error();
  auto database = required_template(parameters, "databaseName", context);
  if (!database) return database.error();
  auto table = required_template(parameters, "tableName", context);
  if (!table) return table.error();
  auto role = required_role(parameters);
  if (!role) return role.error();
  auto dimensions = read_dimensions(parameters, context);
  if (!dimensions) return dimensions.error();
  Parameters compiled{.database = std::move(*database),
                      .table = std::move(*table),
                      .dimensions = std::move(*dimensions),
                      .time = {},
                      .version = context.version};
  auto timestamp = optional_timestamp(parameters, context, TimestampUnit::required);
  if (!timestamp) return timestamp.error();
  compiled.time = std::move(*timestamp);
  return std::make_unique<Timestream>(std::move(compiled), services, endpoint);
}

}  // namespace

void add_timestream_action(ActionTypes& types, remote::RemoteServices& services) {
  auto endpoint = std::make_shared<WriteEndpoint>();
  types.add("timestream", [&services, endpoint](const json::object& p, const ActionContext& context) {
    return compile(p, context, services, endpoint);
  });
}

}  // namespace croft::rules
