// Every command: what it can be told, and the function that does it. Each prints and returns the exit code.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/place.h"
#include "cli/tables_output.h"
#include "device/fleet.h"

namespace croft::cli {

struct EnvOptions {
  PlaceOptions place;
  std::string shell = "sh";  // sh, fish or powershell
};
int env(const EnvOptions& options);

// Which MQTT listener, and as whom.
struct MqttOptions {
  PlaceOptions place;
  std::string host;  // "" = the listener of the croft that is found
  std::uint16_t port = 0;
  std::string certificate;  // files; with a certificate TLS is spoken
  std::string key;
  std::string ca;
  std::string client_id;  // "" = croft-cli- and a random number
};

struct PublishOptions {
  MqttOptions mqtt;
  std::string topic;
  std::string message;  // "-" reads standard input
  int qos = 0;
  bool retain = false;
};
int publish(const PublishOptions& options);

struct WatchOptions {
  MqttOptions mqtt;
  std::vector<std::string> filters = {"$aws/events/presence/#"};
  bool json = false;
  std::uint64_t count = 0;  // 0 = without end
  int qos = 0;
};
int watch(const WatchOptions& options);

struct TablesOptions {
  PlaceOptions place;
  std::string table;
  bool json = false;      // DynamoDB JSON, a line each
  bool plain = false;     // plain JSON, a line each
  std::size_t width = 0;  // of the terminal; 0 = any
  ItemFormat format() const { return {json, plain, width}; }
};
int tables_list(const TablesOptions& options);
int tables_describe(const TablesOptions& options);

struct TablesReadOptions : TablesOptions {
  std::vector<std::string> key;  // NAME=VALUE; of query also NAME>VALUE and the like
  std::string where;
  std::string index;
  std::string columns;  // paths with commas between them; "" = all
  std::string start;    // a key to go on after
  std::string pages = "all";
  std::uint64_t limit = 0;  // 0 = all
  bool reverse = false;
  bool count = false;
  bool consistent = false;
  std::string statement;  // of sql; the same for the next
  std::vector<std::string> parameters;
};
int tables_query(const TablesReadOptions& options);
int tables_scan(const TablesReadOptions& options);
int tables_get(const TablesReadOptions& options);
int tables_sql(const TablesReadOptions& options);

struct TablesWriteOptions : TablesOptions {
  std::vector<std::string> key;  // NAME=VALUE
  std::string item;              // JSON, a file, or "-"
  std::vector<std::string> set, add, remove;
  std::string condition;
  bool if_absent = false;
};
int tables_put(const TablesWriteOptions& options);
int tables_update(const TablesWriteOptions& options);
int tables_delete(const TablesWriteOptions& options);

struct TablesTransferOptions : TablesOptions {
  std::vector<std::string> files;
  std::string form;  // dynamodb, plain or csv; "" = by the name of the file
  bool dry_run = false;
};
int tables_export(const TablesTransferOptions& options);
int tables_import(const TablesTransferOptions& options);

struct DevicesOptions {
  PlaceOptions place;
  std::string client_id;  // of devices_why
  bool json = false;
};
int devices(const DevicesOptions& options);
int devices_why(const DevicesOptions& options);

struct TraceOptions {
  PlaceOptions place;
  std::string client_id;
  bool payload = false;
  bool json = false;
  double seconds = 0;  // 0 = without end
  bool event = false;  // the way of the client's latest lifecycle event, or of the trace of that id
  bool follow = false;
};
int trace(const TraceOptions& options);
int event_trace(const TraceOptions& options);

struct LogsOptions {
  PlaceOptions place;
  std::string rule;       // "" = of all; the same for the next
  std::string client_id;
  bool follow = false;
};
int logs(const LogsOptions& options);

struct FunctionsOptions {
  PlaceOptions place;
  std::string name;
  std::string payload;  // "-" reads standard input
  bool follow = false;
  bool json = false;
};
int functions_list(const FunctionsOptions& options);
int functions_logs(const FunctionsOptions& options);
int functions_invoke(const FunctionsOptions& options);

struct RulesOptions {
  PlaceOptions place;
  std::string name;
  bool json = false;
};
int rules_list(const RulesOptions& options);
int rules_show(const RulesOptions& options);
int rules_metrics(const RulesOptions& options);  // of all rules without a name

// Needs no server.
struct RuleTrialOptions {
  std::string sql;
  std::string sql_version = "2016-03-23";
  std::string topic;
  std::string payload;  // a file, "-" for standard input, "" for an empty message
  std::string client_id;
  std::string account_id = "000000000000";
  bool base64 = false;  // the payload as given, and the result as printed
  bool explain = false;
  bool json = false;
  std::string cases;  // a file of cases instead of all that
};
int rules_test(const RuleTrialOptions& options);

struct PackageOptions {
  PlaceOptions place;
  std::string template_file;
  std::string bucket;
  std::string prefix;
  std::string output;  // "" = standard output
};
int package(const PackageOptions& options);

struct DeployOptions {
  PlaceOptions place;
  std::string template_file;
  std::string stack;
  std::string bucket;  // "" = croft-artifacts-ACCOUNT, made when missing
  std::vector<std::string> capabilities;
  std::vector<std::string> parameters;  // KEY=VALUE
  std::vector<std::string> tags;        // KEY=VALUE
};
int deploy(const DeployOptions& options);

struct StacksOptions {
  PlaceOptions place;
  std::string name;
  bool json = false;
};
int stacks_list(const StacksOptions& options);
int stacks_events(const StacksOptions& options);
int stacks_delete(const StacksOptions& options);

struct DeviceOptions {
  PlaceOptions place;
  std::string name;
  std::string root;  // --dir
  std::string host;  // of the MQTT listener in config.json; "" = that of the croft that is found
  std::uint16_t port = 0;
  std::string ca;
};
int device_create(const DeviceOptions& options);
int device_install(const DeviceOptions& options);

struct UsersOptions {
  PlaceOptions place;
  std::string name;
  std::string role = "admin";
  bool password_stdin = false;
  bool json = false;
};
int users_list(const UsersOptions& options);
int users_add(const UsersOptions& options);
int users_remove(const UsersOptions& options);
int users_password(const UsersOptions& options);
int users_role(const UsersOptions& options);

struct BackupOptions {
  PlaceOptions place;  // --data is the folder that is restored
  std::string folder;  // of the backup
};
int backup(const BackupOptions& options);
int restore(const BackupOptions& options);

struct FleetOptions {
  MqttOptions mqtt;
  bool tls = false;
  bool json = false;
  device::FleetSettings settings;
};
int fleet(FleetOptions options);

}  // namespace croft::cli
