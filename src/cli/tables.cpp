// croft tables list, describe
#include <algorithm>

#include "cli/commands.h"
#include "cli/tables_api.h"
#include "cli/tables_view.h"
#include "cli/text_table.h"

namespace croft::cli {

namespace {

using json::find;

const json::object* object_in(const json::object& o, std::string_view name) {
  const json::value* value = find(o, name);
  return value && value->is_object() ? &value->get_object() : nullptr;
}

double number_in(const json::object& o, std::string_view name) {
  const json::value* value = find(o, name);
  return value && value->is_number() ? value->to_number<double>() : 0;
}

std::string size_text(std::int64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " bytes";
  double size = static_cast<double>(bytes);
  const char* unit = "bytes";
  for (const char* next : {"KB", "MB", "GB", "TB"}) {
    if (size < 1024) break;
    size /= 1024;
    unit = next;
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %s", size, unit);
  return text;
}

std::string throughput_text(const json::object& of) {
  const json::object* units = object_in(of, "ProvisionedThroughput");
  if (!units) return "";
  return std::to_string(json::int_or(*units, "ReadCapacityUnits", 0)) + " read and " +
         std::to_string(json::int_or(*units, "WriteCapacityUnits", 0)) + " write units";
}

std::string billing_text(const json::object& table) {
  const json::object* billing = object_in(table, "BillingModeSummary");
  if (billing && json::string_or(*billing, "BillingMode", "") == "PAY_PER_REQUEST") return "on demand";
  return "provisioned, " + throughput_text(table);
}

std::string stream_text(const json::object& table) {
  const json::object* stream = object_in(table, "StreamSpecification");
  if (!stream || !json::bool_or(*stream, "StreamEnabled", false)) return "off";
  const std::string_view arn = json::string_or(table, "LatestStreamArn", "");
  return shown(json::string_or(*stream, "StreamViewType", "")) + (arn.empty() ? "" : "  " + shown(arn));
}

std::string projection_text(const json::object& index) {
  const json::object* projection = object_in(index, "Projection");
  if (!projection) return "";
  const std::string_view type = json::string_or(*projection, "ProjectionType", "");
  if (type == "KEYS_ONLY") return "keys only";
  if (type != "INCLUDE") return type == "ALL" ? "all" : shown(type);
  std::string names;
  if (const json::value* list = find(*projection, "NonKeyAttributes"); list && list->is_array()) {
    for (const json::value& name : list->get_array())
      if (name.is_string()) names += (names.empty() ? "" : ", ") + shown(std::string_view(name.get_string()));
  }
  return "keys and " + names;
}

// What another operation tells of the table; "unknown" where the other side does not have that operation.
std::string expiry_text(const TableApi& api, const std::string& table) {
  auto answer = api.call("DescribeTimeToLive", {{"TableName", table}});
  const json::object* expiry = answer ? object_in(*answer, "TimeToLiveDescription") : nullptr;
  if (!expiry) return "unknown";
  const std::string_view status = json::string_or(*expiry, "TimeToLiveStatus", "");
  if (status == "DISABLED") return "off";
  const std::string more = status == "ENABLED" ? "" : ", " + shown(status);
  return "by attribute " + shown(json::string_or(*expiry, "AttributeName", "")) + more;
}

std::string recovery_text(const TableApi& api, const std::string& table) {
  auto answer = api.call("DescribeContinuousBackups", {{"TableName", table}});
  const json::object* backups = answer ? object_in(*answer, "ContinuousBackupsDescription") : nullptr;
  const json::object* recovery = backups ? object_in(*backups, "PointInTimeRecoveryDescription") : nullptr;
  if (!recovery) return "unknown";
  if (json::string_or(*recovery, "PointInTimeRecoveryStatus", "") != "ENABLED") return "off";
  const double earliest = number_in(*recovery, "EarliestRestorableDateTime");
  if (earliest == 0) return "on";
  return "on, from " + local_date_time(Timestamp{static_cast<std::int64_t>(earliest * 1000)});
}

void print_indexes(const json::object& table, const TableShape& shape) {
  TextTable view({"INDEX", "KIND", "KEY", "PROJECTION", "STATUS", "ITEMS", "SIZE"});
  for (const auto& [member, kind] : {std::pair{"GlobalSecondaryIndexes", "global"}, {"LocalSecondaryIndexes", "local"}}) {
    const json::value* list = find(table, member);
    if (!list || !list->is_array()) continue;
    for (const json::value& v : list->get_array()) {
      if (!v.is_object()) continue;
      const json::object& index = v.get_object();
      const std::string name(json::string_or(index, "IndexName", ""));
      const KeyNames* key = shape.index(name);
      view.add({{shown(name), false, Colour::bold},
                {kind},
                {key ? shape.key_text(*key) : ""},
                {projection_text(index)},
                {shown(json::string_or(index, "IndexStatus", "ACTIVE"))},
                {std::to_string(json::int_or(index, "ItemCount", 0)), true},
                {size_text(json::int_or(index, "IndexSizeBytes", 0)), true}});
    }
  }
  if (!view.is_empty()) print_line("\n" + view.text());
}

void print_description(const TableApi& api, const TableShape& shape) {
  const json::object& table = shape.description;
  const json::object* table_class = object_in(table, "TableClassSummary");
  const bool is_protected = json::bool_or(table, "DeletionProtectionEnabled", false);
  const auto line = [](std::string_view name, const std::string& text) {
    print_line(painted(Colour::dim, std::string(name) + std::string(14 - name.size(), ' ')) + text);
  };
  line("Table", painted(Colour::bold, shown(shape.name)));
  line("Status", shown(json::string_or(table, "TableStatus", "")));
  line("Key", shape.key_text());
  line("Items", std::to_string(json::int_or(table, "ItemCount", 0)) + ", " + size_text(json::int_or(table, "TableSizeBytes", 0)));
  line("Billing", billing_text(table));
  if (table_class) line("Class", shown(json::string_or(*table_class, "TableClass", "")));
  line("Stream", stream_text(table));
  line("Expiry (TTL)", expiry_text(api, shape.name));
  line("Recovery", recovery_text(api, shape.name));
  line("Protection", is_protected ? "on: the table cannot be deleted" : "off");
  line("Created", local_date_time(Timestamp{static_cast<std::int64_t>(number_in(table, "CreationDateTime") * 1000)}));
  line("ARN", shown(json::string_or(table, "TableArn", "")));
  print_indexes(table, shape);
}

}  // namespace

int tables_list(const TablesOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const TableApi api(*place);
  auto names = api.names();
  if (!names) return fail(names.error());
  TextTable view({"TABLE", "STATUS", "ITEMS", "KEY"});
  for (const std::string& name : *names) {
    if (options.json || options.plain) {
      print_line(json_line(json::value(name)));
      continue;
    }
    auto table = api.table(name);
    if (!table) continue;  // deleted meanwhile
    view.add({{shown(name), false, Colour::bold},
              {shown(json::string_or(table->description, "TableStatus", ""))},
              {std::to_string(json::int_or(table->description, "ItemCount", 0)), true},
              {table->key_text()}});
  }
  if (options.json || options.plain) return 0;
  print_line(view.is_empty() ? "There are no tables. croft deploy makes those of a template, aws dynamodb create-table one."
                             : view.text());
  return 0;
}

int tables_describe(const TablesOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const TableApi api(*place);
  auto shape = api.table(options.table);
  if (!shape) return fail(shape.error());
  if (options.json || options.plain) print_line(json_line(shape->description));
  else print_description(api, *shape);
  return 0;
}

}  // namespace croft::cli
