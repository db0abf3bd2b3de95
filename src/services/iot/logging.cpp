#include "services/iot/logging.h"

#include "services/iot/input.h"
#include "things/errors.h"

namespace croft::services::iot {

namespace {

using gateway::Call;
using gateway::Reply;
using things::IotLog;

[[noreturn]] void refuse(std::string message) { throw ApiError(things::invalid_request(std::move(message))); }

IotLog::Level level_of(const Input& in, std::string_view member) {
  const std::string name = in.required(member);
  const auto level = IotLog::level_from(name);
  if (!level) refuse("The log level '" + name + "' is not valid");
  return *level;
}

// Source: LogTargetType in the IoT API model. Levels of thing groups would need the groups of every client.
IotLog::TargetType target_type_of(const std::string& name) {
  if (name == "THING_GROUP") refuse("Log levels of thing groups are not supported by this endpoint");
  const auto type = IotLog::target_type_from(name);
  if (!type) refuse("The log target type '" + name + "' is not valid");
  return *type;
}

void demand_options(const IotLog& log) {
  if (!log.options()) throw ApiError(Error{"NotConfiguredException", "Logging options are not configured", 404});
}

Task<Reply> set_options(IotLog& log, Call& call) {
  const Input in(call);
  IotLog::Options options = log.options().value_or(IotLog::Options{});
  if (call.input.contains("roleArn")) options.role_arn = in.text("roleArn");
  if (call.input.contains("defaultLogLevel")) options.level = level_of(in, "defaultLogLevel");
  options.all_disabled = in.flag("disableAllLogs");
  if (options.role_arn.empty()) refuse("roleArn is required");
  log.set_options(std::move(options));
  co_return Reply{};
}

Task<Reply> get_options(IotLog& log, Call&) {
  demand_options(log);
  const IotLog::Options options = *log.options();
  co_return Reply{.output = {{"roleArn", options.role_arn},
                             {"defaultLogLevel", IotLog::name(options.level)},
                             {"disableAllLogs", options.all_disabled}}};
}

Task<Reply> set_level(IotLog& log, Call& call) {
  demand_options(log);
  const Input in(call);
  const json::object target = in.object("logTarget");
  const std::string type(json::string_or(target, "targetType", ""));
  const IotLog::Level level = level_of(in, "logLevel");
  if (type == "DEFAULT") {
    IotLog::Options options = *log.options();
    options.level = level;
    log.set_options(std::move(options));
    co_return Reply{};
  }
  const IotLog::TargetType known = target_type_of(type);
  const std::string name(json::string_or(target, "targetName", ""));
  if (name.empty()) refuse("targetName is required");
  if (log.levels().size() >= IotLog::levels_max)
    throw ApiError(Error{"LimitExceededException", "The number of log levels exceeds the limit", 410});
  log.set_level({known, name}, level);
  co_return Reply{};
}

Task<Reply> delete_level(IotLog& log, Call& call) {
  const Input in(call);
  const std::string type = in.required("targetType"), name = in.required("targetName");
  log.remove_level({target_type_of(type), name});
  co_return Reply{};
}

json::object configuration(std::string_view type, std::string_view name, IotLog::Level level) {
  json::object target{{"targetType", type}};
  if (!name.empty()) target["targetName"] = name;
  return {{"logTarget", std::move(target)}, {"logLevel", IotLog::name(level)}};
}

// All on one page: there are not many.
Task<Reply> list_levels(IotLog& log, Call& call) {
  demand_options(log);
  const std::string wanted = Input(call).text("targetType");
  json::array all;
  if (wanted.empty() || wanted == "DEFAULT") all.push_back(configuration("DEFAULT", "", log.options()->level));
  for (const auto& [target, level] : log.levels()) {
    const std::string_view type = IotLog::name(target.type);
    if (wanted.empty() || wanted == type) all.push_back(configuration(type, target.name, level));
  }
  co_return Reply{.output = {{"logTargetConfigurations", std::move(all)}}};
}

}  // namespace

void add_logging_operations(gateway::Service& service, things::IotLog& log) {
  const auto to = [&log](Task<Reply> (*operation)(IotLog&, Call&)) -> gateway::Handler {
    return [&log, operation](Call& call) { return operation(log, call); };
  };
  service.operations.push_back({"SetV2LoggingOptions", "POST /v2LoggingOptions", to(set_options)});
  service.operations.push_back({"GetV2LoggingOptions", "GET /v2LoggingOptions", to(get_options)});
  service.operations.push_back({"SetV2LoggingLevel", "POST /v2LoggingLevel", to(set_level)});
  service.operations.push_back({"DeleteV2LoggingLevel", "DELETE /v2LoggingLevel", to(delete_level)});
  service.operations.push_back({"ListV2LoggingLevels", "GET /v2LoggingLevel", to(list_levels)});
}

}  // namespace croft::services::iot
