// cloudwatchMetric and cloudwatchAlarm. Source: AWS IoT developer guide, "CloudWatch metrics" and "CloudWatch alarms";
// CloudWatch API reference, PutMetricData and SetAlarmState.
#include "rules/actions/remote_action.h"
#include "rules/actions/remote_actions.h"
#include "text/time.h"

namespace croft::rules {

namespace {

constexpr RemoteKind metric_kind{"CloudwatchMetricAction", "cloudwatchMetric", "cloudwatch", "Failed to put the metric"};
constexpr RemoteKind alarm_kind{"CloudwatchAlarmAction", "cloudwatchAlarm", "cloudwatch", "Failed to set the state of the alarm"};
constexpr std::string_view api_version = "2010-08-01";

struct Metric {
  sql::Template space, name, value, unit;
  std::optional<sql::Template> timestamp;  // seconds
};

class CloudwatchMetric final : public RemoteAction {
 public:
  CloudwatchMetric(Metric metric, remote::RemoteServices& services)
      : RemoteAction(metric_kind, metric.name, services), metric_(std::move(metric)) {}

  Task<Result<void>> run(const Firing& firing) const override {
    auto fields = fields_of(firing);
    if (!fields) co_return fields.error();
    remote::Request request = remote::query_request("PutMetricData", api_version, *fields);
    auto answer = co_await ask(firing, std::move(request));
    if (!answer) co_return answer.error();
    co_return Result<void>();
  }

 private:
  Result<remote::FormFields> fields_of(const Firing& firing) const {
    auto space = render(metric_.space, firing);
    if (!space) return space.error();
    auto name = render(metric_.name, firing);
    if (!name) return name.error();
    auto value = rendered_number(metric_.value, "metricValue", firing);
    if (!value) return value.error();
    auto unit = render(metric_.unit, firing);
    if (!unit) return unit.error();
    auto at = time_of(firing);
    if (!at) return at.error();
    const std::string datum = "MetricData.member.1.";
    return remote::FormFields{{"Namespace", std::move(*space)},
                              {datum + "MetricName", std::move(*name)},
                              {datum + "Timestamp", std::move(*at)},
                              {datum + "Value", value->text()},
                              {datum + "Unit", std::move(*unit)}};
  }

  // In whole seconds: the unit of metricTimestamp.
  Result<std::string> time_of(const Firing& firing) const {
    std::int64_t seconds = firing.at.ms / 1'000;
    if (metric_.timestamp) {
      auto given = rendered_integer(*metric_.timestamp, "metricTimestamp", firing);
      if (!given) return given.error();
      if (*given < 0 || *given > 253'402'300'799)
        return invalid_request("'metricTimestamp' must be a time in seconds.");  // the year 9999
      seconds = *given;
    }
    const std::string text = text::iso8601({seconds * 1'000});
    return text.substr(0, text.find('.')) + 'Z';
  }

  const Metric metric_;
};

struct Alarm {
  sql::Template name, reason, state;
};

class CloudwatchAlarm final : public RemoteAction {
 public:
  CloudwatchAlarm(Alarm alarm, remote::RemoteServices& services)
      : RemoteAction(alarm_kind, alarm.name, services), alarm_(std::move(alarm)) {}

  Task<Result<void>> run(const Firing& firing) const override {
    remote::FormFields fields;
    const std::pair<const char*, const sql::Template*> parts[] = {
        {"AlarmName", &alarm_.name}, {"StateValue", &alarm_.state}, {"StateReason", &alarm_.reason}};
    for (const auto& [field, text] : parts) {
      auto rendered = render(*text, firing);
      if (!rendered) co_return rendered.error();
      fields.emplace_back(field, std::move(*rendered));
    }
    remote::Request request = remote::query_request("SetAlarmState", api_version, fields);
    auto answer = co_await ask(firing, std::move(request));
    if (!answer) co_return answer.error();
    co_return Result<void>();
  }

 private:
  const Alarm alarm_;
};

Result<std::unique_ptr<Action>> compile_metric(const json::object& parameters, const ActionContext& context,
                                               remote::RemoteServices& services) {
  if (auto there = require_endpoint(metric_kind, services); !there) return there.error();
  std::vector<sql::Template> texts;
  for (const char* name : {"metricNamespace", "metricName", "metricValue", "metricUnit"}) {
    auto text = required_template(parameters, name, context);
    if (!text) return text.error();
    texts.push_back(std::move(*text));
  }
  auto role = required_role(parameters);
  if (!role) return role.error();
  auto timestamp = optional_template(parameters, "metricTimestamp", context);
  if (!timestamp) return timestamp.error();
  return std::make_unique<CloudwatchMetric>(Metric{texts[0], texts[1], texts[2], texts[3], std::move(*timestamp)}, services);
}

Result<std::unique_ptr<Action>> compile_alarm(const json::object& parameters, const ActionContext& context,
                                              remote::RemoteServices& services) {
  if (auto there = require_endpoint(alarm_kind, services); !there) return there.error();
  std::vector<sql::Template> texts;
  for (const char* name : {"alarmName", "stateReason", "stateValue"}) {
    auto text = required_template(parameters, name, context);
    if (!text) return text.error();
    texts.push_back(std::move(*text));
  }
  if (auto known = check_constant(texts[2], "stateValue", {"OK", "ALARM", "INSUFFICIENT_DATA"}); !known) return known.error();
  auto role = required_role(parameters);
  if (!role) return role.error();
  return std::make_unique<CloudwatchAlarm>(Alarm{texts[0], texts[1], texts[2]}, services);
}

}  // namespace

void add_cloudwatch_actions(ActionTypes& types, remote::RemoteServices& services) {
  types.add("cloudwatchMetric",
            [&](const json::object& p, const ActionContext& context) { return compile_metric(p, context, services); });
  types.add("cloudwatchAlarm",
            [&](const json::object& p, const ActionContext& context) { return compile_alarm(p, context, services); });
}

}  // namespace croft::rules
