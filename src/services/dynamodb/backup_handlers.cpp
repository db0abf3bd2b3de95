#include <algorithm>
#include <cmath>

#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "services/dynamodb/backup_operations.h"
#include "services/dynamodb/replies.h"
#include "services/dynamodb/table_requests.h"

namespace croft::services::dynamodb {

namespace {

constexpr std::string_view backup_types[] = {"USER", "SYSTEM", "AWS_BACKUP", "ALL"};
constexpr std::size_t name_min = 3;
constexpr std::size_t arn_bytes_min = 37, arn_bytes_max = 1024;

std::string read_arn(RequestReader& reader, std::string_view name) {
  const std::string arn = reader.required_text(name);
  if (reader.has(name) && arn.size() < arn_bytes_min) {
    reader.note("'" + arn + "'", name, "Member must have length greater than or equal to " + std::to_string(arn_bytes_min));
  }
  if (arn.size() > arn_bytes_max) {
    reader.note("'" + arn + "'", name, "Member must have length less than or equal to " + std::to_string(arn_bytes_max));
  }
  return arn;
}

json::object details(const dynamo::Backup& backup) {
  json::object out{{"BackupArn", backup.arn},
                   {"BackupName", backup.name},
                   {"BackupSizeBytes", backup.numbers.bytes},
                   {"BackupStatus", backup.status},
                   {"BackupType", backup.is_system ? "SYSTEM" : "USER"},
                   {"BackupCreationDateTime", backup.created.seconds()}};
  if (backup.expires) out["BackupExpiryDateTime"] = backup.expires->seconds();
  return out;
}

json::object summary(const dynamo::Backup& backup) {
  json::object out = details(backup);
  out["TableName"] = backup.table.name;
  out["TableId"] = backup.table.id;
  out["TableArn"] = backup.table_arn;
  return out;
}

// The members of a table's description that a backup tells of its source.
json::object chosen(const json::object& from, std::initializer_list<std::string_view> names) {
  json::object out;
  for (std::string_view name : names)
    if (const json::value* value = json::find(from, name)) out[name] = *value;
  return out;
}

json::array chosen_indexes(const json::object& table, std::string_view list,
                           std::initializer_list<std::string_view> names) {
  json::array out;
  if (const json::value* indexes = json::find(table, list))
    for (const json::value& index : indexes->as_array()) out.push_back(chosen(index.as_object(), names));
  return out;
}

json::object throughput_only(const json::object& table) {
  const json::value* units = json::find(table, "ProvisionedThroughput");
  return units ? chosen(units->as_object(), {"ReadCapacityUnits", "WriteCapacityUnits"}) : json::object();
}

json::object features(const json::object& table) {
  json::object out;
  json::array global =
      chosen_indexes(table, "GlobalSecondaryIndexes", {"IndexName", "KeySchema", "Projection", "ProvisionedThroughput"});
  for (json::value& index : global) index.as_object()["ProvisionedThroughput"] = throughput_only(index.as_object());
  json::array local = chosen_indexes(table, "LocalSecondaryIndexes", {"IndexName", "KeySchema", "Projection"});
  if (!global.empty()) out["GlobalSecondaryIndexes"] = std::move(global);
  if (!local.empty()) out["LocalSecondaryIndexes"] = std::move(local);
  if (const json::value* stream = json::find(table, "StreamSpecification")) out["StreamDescription"] = *stream;
  if (const json::value* sse = json::find(table, "SSEDescription")) out["SSEDescription"] = *sse;
  return out;
}

json::object description(const dynamo::Backup& backup) {
  const json::object table = dynamodb::description(
      dynamo::TableDescription{backup.table, backup.table_arn, "ACTIVE", backup.numbers});
  json::object source = chosen(table, {"TableName", "TableId", "TableArn", "TableSizeBytes", "KeySchema", "ItemCount"});
  source["TableCreationDateTime"] = backup.table.created.seconds();
  source["ProvisionedThroughput"] = throughput_only(table);
  source["BillingMode"] = backup.table.on_demand ? "PAY_PER_REQUEST" : "PROVISIONED";
  json::object feature = features(table);
  if (!backup.table.ttl_attribute.empty()) {
    feature["TimeToLiveDescription"] =
        json::object{{"TimeToLiveStatus", "ENABLED"}, {"AttributeName", backup.table.ttl_attribute}};
  }
  return {{"BackupDetails", details(backup)},
          {"SourceTableDetails", std::move(source)},
          {"SourceTableFeatureDetails", std::move(feature)}};
}

gateway::Reply replied(std::string_view member, json::object content) {
  gateway::Reply reply;
  reply.output[member] = std::move(content);
  return reply;
}

Task<gateway::Reply> create_backup(dynamo::Backups& backups, gateway::Call& call) {
  RequestReader reader(call.input);
  std::string table = reader.table_name();
  std::string name = reader.checked_name("BackupName", name_min);
  reader.finish();
  const Result<dynamo::Backup> made = co_await backups.create(std::move(table), std::move(name));
  co_return replied("BackupDetails", details(made.value()));
}

Task<gateway::Reply> describe_backup(dynamo::Backups& backups, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string arn = read_arn(reader, "BackupArn");
  reader.finish();
  co_return replied("BackupDescription", description(backups.describe(arn).value()));
}

Task<gateway::Reply> delete_backup(dynamo::Backups& backups, gateway::Call& call) {
  RequestReader reader(call.input);
  std::string arn = read_arn(reader, "BackupArn");
  reader.finish();
  const Result<dynamo::Backup> erased = co_await backups.erase(std::move(arn));
  co_return replied("BackupDescription", description(erased.value()));
}

Task<gateway::Reply> list_backups(dynamo::Backups& backups, gateway::Call& call) {
  RequestReader reader(call.input);
  dynamo::BackupQuery query;
  if (reader.has("TableName")) query.table = reader.table_name();
  const auto limit = reader.integer("Limit", 1, static_cast<std::int64_t>(dynamo::limits::backups_page_max));
  query.limit = static_cast<std::size_t>(limit.value_or(dynamo::limits::backups_page_max));
  query.from = read_time(reader, "TimeRangeLowerBound");
  query.before = read_time(reader, "TimeRangeUpperBound");
  if (reader.has("ExclusiveStartBackupArn")) query.after_arn = read_arn(reader, "ExclusiveStartBackupArn");
  const std::string type = reader.choice("BackupType", backup_types).value_or("USER");
  reader.finish();
  query.is_system = type == "ALL" ? std::nullopt : std::optional(type == "SYSTEM");
  const dynamo::BackupPage page = type == "AWS_BACKUP" ? dynamo::BackupPage() : backups.list(query);
  json::array summaries;
  for (const dynamo::Backup& backup : page.backups) summaries.push_back(summary(backup));
  gateway::Reply reply;
  reply.output["BackupSummaries"] = std::move(summaries);
  if (page.has_more) reply.output["LastEvaluatedBackupArn"] = page.backups.back().arn;
  co_return reply;
}

Task<gateway::Reply> restore_table_from_backup(dynamo::Backups& backups, gateway::Call& call) {
  RequestReader reader(call.input);
  std::string arn = read_arn(reader, "BackupArn");
  reader.checked_name("TargetTableName", name_min);
  reader.finish();
  const dynamo::Backup backup = backups.describe(arn).value();
  dynamo::NewTable wanted = read_new_table(call.input, backup.table.attributes, backups.instance());
  const Result<dynamo::TableDescription> begun = co_await backups.restore(std::move(arn), std::move(wanted));
  co_return replied("TableDescription", dynamodb::description(begun.value()));
}

json::object continuous_backups(const std::optional<dynamo::RecoveryWindow>& window) {
  json::object recovery{{"PointInTimeRecoveryStatus", window ? "ENABLED" : "DISABLED"}};
  if (window) {
    // Whole seconds, as some SDKs send them back: the first that has all of it, and the one that has begun.
    const std::int64_t earliest = (window->earliest.ms + 999) / 1000;
    recovery["EarliestRestorableDateTime"] = earliest;
    recovery["LatestRestorableDateTime"] = std::max(earliest, window->latest.ms / 1000 - 1);
    recovery["RecoveryPeriodInDays"] = window->days;
  }
  return {{"ContinuousBackupsStatus", "ENABLED"}, {"PointInTimeRecoveryDescription", std::move(recovery)}};
}

Task<gateway::Reply> describe_continuous_backups(dynamo::PointInTime& past, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string table = reader.table_name();
  reader.finish();
  co_return replied("ContinuousBackupsDescription", continuous_backups(past.describe(table).value()));
}

Task<gateway::Reply> update_continuous_backups(dynamo::PointInTime& past, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string table = reader.table_name();
  RequestReader wanted(reader.required_object("PointInTimeRecoverySpecification"), "pointInTimeRecoverySpecification",
                       reader);
  const bool was_given = reader.has("PointInTimeRecoverySpecification");
  if (was_given && !wanted.has("PointInTimeRecoveryEnabled")) {
    wanted.note("null", "PointInTimeRecoveryEnabled", "Member must not be null");
  }
  const bool is_on = wanted.flag("PointInTimeRecoveryEnabled");
  const auto days = wanted.integer("RecoveryPeriodInDays", 1, dynamo::limits::recovery_days_max);
  reader.finish();
  if (!is_on && days) {
    refuse(dynamo::invalid_parameter("RecoveryPeriodInDays can only be specified when PointInTimeRecoveryEnabled is true"));
  }
  const auto kept = is_on ? std::optional(days.value_or(dynamo::limits::recovery_days_max)) : std::nullopt;
  const Result<void> set = co_await past.set(table, kept);
  set.value();
  co_return replied("ContinuousBackupsDescription", continuous_backups(past.describe(table).value()));
}

// SourceTableName or the name in SourceTableArn.
std::string source_table(RequestReader& reader) {
  if (reader.has("SourceTableName")) return reader.checked_name("SourceTableName", name_min);
  if (reader.has("SourceTableArn")) return reader.checked_name("SourceTableArn", 1);
  refuse(dynamo::invalid_parameter("Either SourceTableArn or SourceTableName must be specified"));
}

Task<gateway::Reply> restore_table_to_point_in_time(dynamo::PointInTime& past, dynamo::Tables& tables,
                                                    gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string source = source_table(reader);
  reader.checked_name("TargetTableName", name_min);
  const bool is_latest = reader.flag("UseLatestRestorableTime");
  const std::optional<Timestamp> time = read_time(reader, "RestoreDateTime");
  reader.finish();
  if (is_latest == time.has_value()) {
    refuse(dynamo::invalid_parameter(is_latest ? "RestoreDateTime and UseLatestRestorableTime cannot both be specified"
                                               : "Either RestoreDateTime or UseLatestRestorableTime must be specified"));
  }
  const Result<dynamo::TableDescription> known = tables.describe(source);
  if (!known) refuse({"TableNotFoundException", "Table not found: " + source});
  dynamo::NewTable wanted = read_new_table(call.input, known->definition.attributes, tables.instance());
  const Result<dynamo::TableDescription> begun = co_await past.restore(source, std::move(wanted), time);
  co_return replied("TableDescription", dynamodb::description(begun.value()));
}

}  // namespace

std::optional<Timestamp> read_time(RequestReader& reader, std::string_view name) {
  const json::value* value = reader.find(name);
  if (!value) return std::nullopt;
  if (!value->is_number()) refuse(dynamo::serialization_error("STRING_VALUE cannot be converted to Timestamp"));
  const double seconds = value->to_number<double>();
  constexpr double seconds_max = 253'402'300'799;  // the year 9999
  if (!(seconds >= 0 && seconds <= seconds_max)) refuse(dynamo::validation_error("Invalid timestamp: " + std::string(name)));
  return Timestamp{static_cast<std::int64_t>(std::llround(seconds * 1000))};
}

void add_backup_operations(gateway::Service& service, dynamo::Backups& backups, dynamo::PointInTime& past,
                           dynamo::Tables& tables) {
  const auto with_backups = [&backups](Task<gateway::Reply> (*handler)(dynamo::Backups&, gateway::Call&)) {
    return [&backups, handler](gateway::Call& call) { return handler(backups, call); };
  };
  const auto with_past = [&past](Task<gateway::Reply> (*handler)(dynamo::PointInTime&, gateway::Call&)) {
    return [&past, handler](gateway::Call& call) { return handler(past, call); };
  };
  const gateway::Operation added[] = {
      {"CreateBackup", "", with_backups(create_backup)},
      {"DescribeBackup", "", with_backups(describe_backup)},
      {"ListBackups", "", with_backups(list_backups)},
      {"DeleteBackup", "", with_backups(delete_backup)},
      {"RestoreTableFromBackup", "", with_backups(restore_table_from_backup)},
      {"DescribeContinuousBackups", "", with_past(describe_continuous_backups)},
      {"UpdateContinuousBackups", "", with_past(update_continuous_backups)},
      {"RestoreTableToPointInTime", "",
       [&past, &tables](gateway::Call& call) { return restore_table_to_point_in_time(past, tables, call); }},
  };
  service.operations.insert(service.operations.end(), std::begin(added), std::end(added));
}

}  // namespace croft::services::dynamodb
