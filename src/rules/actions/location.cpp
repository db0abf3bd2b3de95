// location. Source: AWS IoT developer guide, "Location"; Location Service API reference, BatchUpdateDevicePosition.
#include "rules/actions/remote_action.h"
#include "rules/actions/remote_actions.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::rules {

namespace {

constexpr RemoteKind kind{"LocationAction", "location", "location", "Failed to update the position of the device"};

struct Parameters {
  sql::Template tracker, device, latitude, longitude;
  TimestampTemplates time;
};

// How many of a unit a millisecond has (positive), or milliseconds it has (negative).
std::optional<std::int64_t> units_of(std::string_view unit) {
  if (unit == "SECONDS") return -1'000;
  if (unit == "MILLISECONDS") return 1;
  if (unit == "MICROSECONDS") return 1'000;
  if (unit == "NANOSECONDS") return 1'000'000;
  return std::nullopt;
}

class Location final : public RemoteAction {
 public:
  Location(Parameters parameters, remote::RemoteServices& services)
      : RemoteAction(kind, parameters.tracker, services), parameters_(std::move(parameters)) {}

  Task<Result<void>> run(const Firing& firing) const override {
    auto tracker = render(target(), firing);
    if (!tracker) co_return tracker.error();
    auto update = update_of(firing);
    if (!update) co_return update.error();
    const json::object input{{"Updates", json::array{std::move(*update)}}};
    remote::Request request =
        remote::rest_json_request("POST", "/tracking/v0/trackers/" + text::percent_encode(*tracker) + "/positions", input);
    auto answer = co_await ask_document(firing, std::move(request));
    if (!answer) co_return answer.error();
    const json::object* refused = first_of(*answer, "Errors");
    if (!refused) co_return Result<void>();
    const json::value* error = json::find(*refused, "Error");
    const json::object details = error && error->is_object() ? error->get_object() : json::object();
    const Error cause{std::string(json::string_or(details, "Code", "")), std::string(json::string_or(details, "Message", "")),
                      200};
    co_return failure(firing, cause);
  }

 private:
  // A position is [longitude, latitude]. Source: the API's type BatchUpdateDevicePositionRequest$Updates.
  Result<json::object> update_of(const Firing& firing) const {
    auto device = render(parameters_.device, firing);
    if (!device) return device.error();
    auto latitude = rendered_number(parameters_.latitude, "latitude", firing);
    if (!latitude) return latitude.error();
    auto longitude = rendered_number(parameters_.longitude, "longitude", firing);
    if (!longitude) return longitude.error();
    auto at = sample_time(firing);
    if (!at) return at.error();
    return json::object{{"DeviceId", *device},
                        {"Position", json::array{longitude->as_double(), latitude->as_double()}},
                        {"SampleTime", text::iso8601(*at)}};
  }

  Result<Timestamp> sample_time(const Firing& firing) const {
    if (!parameters_.time.value) return firing.at;
    auto value = rendered_integer(*parameters_.time.value, "timestamp.value", firing);
    if (!value) return value.error();
    std::string unit = "MILLISECONDS";
    if (parameters_.time.unit) {
      auto rendered = render(*parameters_.time.unit, firing);
      if (!rendered) return rendered.error();
      unit = std::move(*rendered);
    }
    const auto units = units_of(unit);
    if (!units) return invalid_request("'" + text::printable(unit) + "' is not a unit of time.");
    constexpr std::int64_t end_of_9999_ms = 253'402'300'799'999;
    const std::int64_t milliseconds =
        *units < 0 ? (*value > end_of_9999_ms / -*units ? end_of_9999_ms + 1 : *value * -*units) : *value / *units;
    if (*value < 0 || milliseconds > end_of_9999_ms) return invalid_request("'timestamp.value' is not a time.");
    return Timestamp{milliseconds};
  }

  const Parameters parameters_;
};

Result<std::unique_ptr<Action>> compile(const json::object& parameters, const ActionContext& context,
                                        remote::RemoteServices& services) {
  if (auto there = require_endpoint(kind, services); !there) return there.error();
  std::vector<sql::Template> texts;
  for (const char* name : {"trackerName", "deviceId", "latitude", "longitude"}) {
    auto text = required_template(parameters, name, context);
    if (!text) return text.error();
    texts.push_back(std::move(*text));
  }
  auto role = required_role(parameters);
  if (!role) return role.error();
  Parameters compiled{
      .tracker = texts[0], .device = texts[1], .latitude = texts[2], .longitude = texts[3], .time = {}};
  auto timestamp = optional_timestamp(parameters, context, TimestampUnit::optional);
  if (!timestamp) return timestamp.error();
  compiled.time = std::move(*timestamp);
  return std::make_unique<Location>(std::move(compiled), services);
}

}  // namespace

void add_location_action(ActionTypes& types, remote::RemoteServices& services) {
  types.add("location", [&](const json::object& p, const ActionContext& context) { return compile(p, context, services); });
}

}  // namespace croft::rules
