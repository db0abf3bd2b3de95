#include <CLI/CLI.hpp>

#include <filesystem>

#include "cli/commands.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "device/background.h"
#include "device/control.h"
#include "device/daemon.h"
#include "device/limits.h"

namespace croft::cli {

namespace {

constexpr int exit_usage = 2;

// The options of every command; the one that was named leaves what it will do in `chosen`.
struct CommandLine {
  CLI::App app{"The AWS IoT device backend on your machine."};
  std::function<int()> chosen;

  EnvOptions env_options;
  PublishOptions publish_options;
  WatchOptions watch_options;
  TablesOptions tables_options;
  TablesReadOptions tables_read_options;
  TablesWriteOptions tables_write_options;
  TablesTransferOptions tables_transfer_options;
  DevicesOptions devices_options;
  TraceOptions trace_options;
  LogsOptions logs_options;
  FunctionsOptions functions_options;
  RulesOptions rules_options;
  RuleTrialOptions rule_trial_options;
  PackageOptions package_options;
  DeployOptions deploy_options;
  StacksOptions stacks_options;
  DeviceOptions device_options;
  FleetOptions fleet_options;
  BackupOptions backup_options;
  UsersOptions users_options;
  bool clean_stop = false;

  CommandLine();
  CLI::App* add(CLI::App& parent, const std::string& name, const std::string& help, std::function<int()> run);
  CLI::App* group(const std::string& name, const std::string& help);
  void add_messages();
  void add_tables();
  void add_tables_reading(CLI::App& tables);
  void add_tables_writing(CLI::App& tables);
  void add_tables_transfer(CLI::App& tables);
  void add_views();
  void add_rules();
  void add_functions();
  void add_deployment();
  void add_stacks();
  void add_device();
  void add_root(CLI::App& command);
  void add_device_control(CLI::App& parent);
  void add_fleet();
  void add_backup();
  void add_users();
};

void add_place(CLI::App* command, PlaceOptions& place) {
  command->add_option("--endpoint", place.endpoint, "URL of croft's gateway");
  command->add_option("--data", place.data, "data folder of the croft to talk to");
  command->add_option("--region", place.region, "AWS region");
}

void add_mqtt(CLI::App* command, MqttOptions& mqtt) {
  add_place(command, mqtt.place);
  command->add_option("--host", mqtt.host, "host of the MQTT listener");
  command->add_option("--port", mqtt.port, "port of the MQTT listener");
  command->add_option("--cert", mqtt.certificate, "certificate (PEM): speaks TLS");
  command->add_option("--key", mqtt.key, "private key (PEM) of the certificate");
  command->add_option("--ca", mqtt.ca, "CA (PEM) of the server");
}

CLI::App* CommandLine::add(CLI::App& parent, const std::string& name, const std::string& help,
                           std::function<int()> run) {
  CLI::App* command = parent.add_subcommand(name, help);
  command->callback([this, run = std::move(run)] { chosen = run; });
  return command;
}

CLI::App* CommandLine::group(const std::string& name, const std::string& help) {
  CLI::App* command = app.add_subcommand(name, help);
  command->require_subcommand(1);
  return command;
}

void CommandLine::add_messages() {
  CLI::App* publish_command = add(app, "publish", "Publish a message.", [this] { return publish(publish_options); });
  publish_command->add_option("topic", publish_options.topic, "topic")->required();
  publish_command->add_option("message", publish_options.message, "message, or - for standard input")->required();
  publish_command->add_option("--qos", publish_options.qos, "0 or 1")->check(CLI::Range(0, 1));
  publish_command->add_flag("--retain", publish_options.retain, "keep it for later subscribers");
  publish_command->add_option("--client-id", publish_options.mqtt.client_id, "MQTT client id");
  add_mqtt(publish_command, publish_options.mqtt);

  CLI::App* watch_command =
      add(app, "watch", "Show messages as they are published.", [this] { return watch(watch_options); });
  watch_command->add_option("filters", watch_options.filters, "topic filters ($aws/events/presence/#)");
  watch_command->add_flag("--json", watch_options.json, "one JSON object a line");
  watch_command->add_option("--count", watch_options.count, "end after so many messages");
  watch_command->add_option("--qos", watch_options.qos, "0 or 1")->check(CLI::Range(0, 1));
  watch_command->add_option("--client-id", watch_options.mqtt.client_id, "MQTT client id");
  add_mqtt(watch_command, watch_options.mqtt);
}

// An option that may be given several times, one value each.
CLI::Option* add_each(CLI::App* command, const std::string& name, std::vector<std::string>& to, const std::string& help) {
  return command->add_option(name, to, help)->allow_extra_args(false);
}

void add_table(CLI::App* command, TablesOptions& options) {
  command->add_option("table", options.table, "table")->required();
}

void add_item_format(CLI::App* command, TablesOptions& options) {
  CLI::Option* json = command->add_flag("--json", options.json, "DynamoDB JSON, one line each");
  command->add_flag("--plain", options.plain, "plain JSON, one line each")->excludes(json);
  options.width = terminal_width();
  command->add_option("--width", options.width, "columns of the table; 0 cuts nothing (the terminal's)");
}

void CommandLine::add_tables() {
  CLI::App* tables = group("tables", "Look into DynamoDB tables and change their items.");
  CLI::App* list = add(*tables, "list", "Every table.", [this] { return tables_list(tables_options); });
  CLI::App* describe =
      add(*tables, "describe", "A table's keys, indexes and settings.", [this] { return tables_describe(tables_options); });
  add_table(describe, tables_options);
  for (CLI::App* command : {list, describe}) {
    command->add_flag("--json", tables_options.json, "one line of JSON each");
    command->add_flag("--plain", tables_options.plain, "the same");
    add_place(command, tables_options.place);
  }
  add_tables_reading(*tables);
  add_tables_writing(*tables);
  add_tables_transfer(*tables);
}

void CommandLine::add_tables_reading(CLI::App& tables) {
  TablesReadOptions& options = tables_read_options;
  CLI::App* query = add(tables, "query", "The items of one partition key.", [&options] { return tables_query(options); });
  CLI::App* scan = add(tables, "scan", "The items of a table or an index.", [&options] { return tables_scan(options); });
  CLI::App* get = add(tables, "get", "One item.", [&options] { return tables_get(options); });
  CLI::App* sql = add(tables, "sql", "Run a PartiQL statement.", [&options] { return tables_sql(options); });
  for (CLI::App* command : {query, scan, get}) add_table(command, options);
  get->add_option("key", options.key, "NAME=VALUE of the key")->required();
  sql->add_option("statement", options.statement, "statement")->required();
  add_each(sql, "--parameter", options.parameters, "value for a ? (5, true, \"5\", {\"a\": 1}); may be repeated");
  add_each(query, "--key", options.key,
           "NAME=VALUE; of the sort key also <, <=, >, >=, begins_with(NAME, V), NAME between V and V");
  query->add_flag("--reverse", options.reverse, "from the largest sort key down");
  for (CLI::App* command : {query, scan}) {
    command->add_option("--where", options.where, "only such items: age > 3 and begins_with(name, A)");
    command->add_option("--index", options.index, "index to read");
    command->add_option("--start", options.start, "key to go on after, as JSON");
    command->add_flag("--count", options.count, "only how many");
  }
  for (CLI::App* command : {query, scan, get}) command->add_option("--columns", options.columns, "attributes: id,address.city");
  for (CLI::App* command : {query, scan, sql}) {
    command->add_option("--limit", options.limit, "at most so many items");
    command->add_option("--pages", options.pages, "at most so many pages of 1 MB (all)");
    command->add_flag("--consistent", options.consistent, "strongly consistent reads");
  }
  for (CLI::App* command : {query, scan, get, sql}) {
    add_item_format(command, options);
    add_place(command, options.place);
  }
}

void CommandLine::add_tables_writing(CLI::App& tables) {
  TablesWriteOptions& options = tables_write_options;
  CLI::App* put = add(tables, "put", "Put an item.", [&options] { return tables_put(options); });
  CLI::App* update = add(tables, "update", "Change attributes of an item.", [&options] { return tables_update(options); });
  CLI::App* erase = add(tables, "delete", "Delete an item.", [&options] { return tables_delete(options); });
  for (CLI::App* command : {put, update, erase}) add_table(command, options);
  put->add_option("item", options.item, "item as plain or DynamoDB JSON, a file of it, or - for standard input")->required();
  put->add_flag("--if-absent", options.if_absent, "only if there is none with its key");
  for (CLI::App* command : {update, erase}) command->add_option("key", options.key, "NAME=VALUE of the key")->required();
  add_each(update, "--set", options.set, "NAME=VALUE; may be repeated");
  add_each(update, "--add", options.add, "NAME=NUMBER to count up; may be repeated");
  add_each(update, "--remove", options.remove, "NAME; may be repeated");
  for (CLI::App* command : {put, update, erase}) {
    command->add_option("--if", options.condition, "only if the item is so: version = 3");
    add_item_format(command, options);
    add_place(command, options.place);
  }
}

void CommandLine::add_tables_transfer(CLI::App& tables) {
  TablesTransferOptions& options = tables_transfer_options;
  CLI::App* to_file = add(tables, "export", "Write a table's items to a file.", [&options] { return tables_export(options); });
  CLI::App* from_file = add(tables, "import", "Put the items of files.", [&options] { return tables_import(options); });
  for (CLI::App* command : {to_file, from_file}) add_table(command, options);
  to_file->add_option("file", options.files, "a new file (standard output)")->expected(1);
  to_file->add_option("--format", options.form, "dynamodb, plain or csv (csv for *.csv, otherwise dynamodb)")
      ->check(CLI::IsMember({"dynamodb", "plain", "csv"}));
  from_file->add_option("files", options.files, "files of JSON lines or CSV, also by gzip; - is standard input")->required();
  from_file->add_option("--format", options.form, "json or csv (csv for *.csv)")->check(CLI::IsMember({"json", "csv"}));
  from_file->add_flag("--dry-run", options.dry_run, "read and check everything, write nothing");
  for (CLI::App* command : {to_file, from_file}) add_place(command, options.place);
}

void CommandLine::add_views() {
  CLI::App* env_command =
      add(app, "env", "Print settings for AWS tools: eval \"$(croft env)\"", [this] { return env(env_options); });
  env_command->add_option("--shell", env_options.shell, "sh, fish or powershell")
      ->check(CLI::IsMember({"sh", "fish", "powershell"}));
  add_place(env_command, env_options.place);

  // Runs for its subcommand too, and after it.
  const auto list_or_why = [this] {
    return devices_options.client_id.empty() ? devices(devices_options) : devices_why(devices_options);
  };
  CLI::App* devices_command = add(app, "devices", "Show which devices are connected.", list_or_why);
  CLI::App* why = add(*devices_command, "why", "Why a client was refused.", list_or_why);
  why->add_option("client", devices_options.client_id, "client id, or certificate id")->required();
  for (CLI::App* command : {devices_command, why}) {
    command->add_flag("--json", devices_options.json, "one JSON document");
    add_place(command, devices_options.place);
  }

  CLI::App* trace_command =
      add(app, "trace", "Show every MQTT packet of one client, live; or the way of its events, from the socket to the row.",
          [this] { return trace_options.event ? event_trace(trace_options) : trace(trace_options); });
  trace_command->add_option("client", trace_options.client_id, "client id, connected or not; with --event also a trace's id")
      ->required();
  CLI::Option* of_events = trace_command->add_flag("--event", trace_options.event,
                                                   "its latest lifecycle event: rules, functions, writes, and what waited where");
  trace_command->add_flag("--follow", trace_options.follow, "each of its events, as they are over")->needs(of_events);
  trace_command->add_flag("--payload", trace_options.payload, "payloads too: text, or hex");
  trace_command->add_flag("--json", trace_options.json, "one JSON object a line");
  trace_command->add_option("--for", trace_options.seconds, "end after so many seconds")->check(CLI::PositiveNumber);
  add_place(trace_command, trace_options.place);

  CLI::App* logs_command =
      add(app, "logs", "Show what AWS IoT would log, as SetV2LoggingOptions tells.", [this] { return logs(logs_options); });
  logs_command->add_option("--rule", logs_options.rule, "of this rule only");
  logs_command->add_option("--client-id", logs_options.client_id, "of this client only");
  logs_command->add_flag("--follow,-f", logs_options.follow, "go on as entries come");
  add_place(logs_command, logs_options.place);
}

void CommandLine::add_rules() {
  CLI::App* rules = group("rules", "Look at IoT rules, and try their SQL.");
  CLI::App* list = add(*rules, "list", "Every rule.", [this] { return rules_list(rules_options); });
  CLI::App* show =
      add(*rules, "show", "One rule with its SQL and actions.", [this] { return rules_show(rules_options); });
  show->add_option("name", rules_options.name, "rule")->required();
  CLI::App* numbers =
      add(*rules, "metrics", "How often rules matched and ran.", [this] { return rules_metrics(rules_options); });
  numbers->add_option("name", rules_options.name, "rule (all)");
  for (CLI::App* command : {list, show, numbers}) {
    command->add_flag("--json", rules_options.json, "one JSON object a line");
    add_place(command, rules_options.place);
  }

  RuleTrialOptions& trial = rule_trial_options;
  CLI::App* test = add(*rules, "test", "Try a statement on a message; needs no server.", [&trial] { return rules_test(trial); });
  test->add_option("--sql", trial.sql, "the statement");
  test->add_option("--topic", trial.topic, "topic of the message");
  test->add_option("--payload", trial.payload, "file, or - for standard input; without it the message is empty");
  test->add_flag("--base64", trial.base64, "payload and result are base64");
  test->add_option("--client-id", trial.client_id, "of the publisher; without it the message did not come over MQTT");
  test->add_option("--account-id", trial.account_id, "what accountid() gives (000000000000)");
  test->add_option("--sql-version", trial.sql_version, "2015-10-08, 2016-03-23 or beta (2016-03-23)");
  test->add_flag("--explain", trial.explain, "show the value of each part");
  test->add_flag("--json", trial.json, "the outcome as one JSON object");
  test->add_option("--cases", trial.cases, "file of cases to run instead, or -");
}

void CommandLine::add_functions() {
  CLI::App* functions = group("functions", "Look at Lambda functions and call them.");
  CLI::App* list = add(*functions, "list", "Every function.", [this] { return functions_list(functions_options); });
  CLI::App* logs =
      add(*functions, "logs", "What a function printed.", [this] { return functions_logs(functions_options); });
  logs->add_option("name", functions_options.name, "function")->required();
  logs->add_flag("--follow,-f", functions_options.follow, "go on as lines come");
  CLI::App* invoke =
      add(*functions, "invoke", "Call a function and wait.", [this] { return functions_invoke(functions_options); });
  invoke->add_option("name", functions_options.name, "function")->required();
  invoke->add_option("payload", functions_options.payload, "JSON, or - for standard input");
  for (CLI::App* command : {list, logs})
    command->add_flag("--json", functions_options.json, "one JSON object a line");
  for (CLI::App* command : {list, logs, invoke}) add_place(command, functions_options.place);
}

void CommandLine::add_deployment() {
  CLI::App* package_command = add(app, "package", "Upload a template's code, as aws cloudformation package.",
                                  [this] { return package(package_options); });
  package_command->add_option("template", package_options.template_file, "template")->required();
  package_command->add_option("--s3-bucket", package_options.bucket, "bucket for the code")->required();
  package_command->add_option("--s3-prefix", package_options.prefix, "put before the keys");
  package_command->add_option("--output-template-file", package_options.output,
                              "where the new template goes (standard output)");
  add_place(package_command, package_options.place);

  CLI::App* deploy_command = add(app, "deploy", "Upload a template's code and bring a stack to what it says.",
                                 [this] { return deploy(deploy_options); });
  deploy_command->add_option("template", deploy_options.template_file, "template")->required();
  deploy_command->add_option("--stack-name", deploy_options.stack, "stack")->required();
  deploy_command->add_option("--s3-bucket", deploy_options.bucket, "bucket for the code (croft-artifacts-ACCOUNT)");
  deploy_command->add_option("--capabilities", deploy_options.capabilities,
                             "CAPABILITY_IAM, CAPABILITY_NAMED_IAM, ...");
  deploy_command->add_option("--parameter-overrides", deploy_options.parameters, "KEY=VALUE ...");
  deploy_command->add_option("--tags", deploy_options.tags, "KEY=VALUE ...");
  add_place(deploy_command, deploy_options.place);
}

void CommandLine::add_stacks() {
  CLI::App* stacks = group("stacks", "Look at deployed stacks and delete them.");
  CLI::App* list = add(*stacks, "list", "Every stack.", [this] { return stacks_list(stacks_options); });
  CLI::App* events =
      add(*stacks, "events", "What happened to a stack.", [this] { return stacks_events(stacks_options); });
  CLI::App* erase =
      add(*stacks, "delete", "Delete a stack and what it made.", [this] { return stacks_delete(stacks_options); });
  for (CLI::App* command : {events, erase}) command->add_option("name", stacks_options.name, "stack")->required();
  for (CLI::App* command : {list, events}) command->add_flag("--json", stacks_options.json, "one JSON object a line");
  for (CLI::App* command : {list, events, erase}) add_place(command, stacks_options.place);
}

void CommandLine::add_device() {
  CLI::App* parent = group("device", "A device that stands in for a Greengrass core.");
  CLI::App* create = add(*parent, "create", "Register a device and write its folder.",
                         [this] { return device_create(device_options); });
  create->add_option("name", device_options.name, "name of the thing")->required();
  create->add_option("--host", device_options.host, "host of the MQTT listener (the running croft's)");
  create->add_option("--port", device_options.port, "port of the MQTT listener");
  create->add_option("--ca", device_options.ca, "CA (PEM) of the server");
  add_place(create, device_options.place);
  CLI::App* install = add(*parent, "install", "Put greengrassd into a folder that has certificates and config.json.",
                          [this] { return device_install(device_options); });
  for (CLI::App* command : {create, install})
    add_root(*command);
  add_device_control(*parent);
  // What the script DIR/ggc/core/greengrassd calls: the same commands, named as Greengrass names them.
  CLI::App* daemon = parent->add_subcommand("greengrassd", "")->group("");
  add_root(*daemon);
  daemon->add_flag_callback("--version", [this] { chosen = device::print_version; });
  add_device_control(*daemon);
}

// The folder from the root of the file system: a daemon, and what it wrote down, must not depend on where it began.
void CommandLine::add_root(CLI::App& command) {
  const auto absolute = [](const std::string& folder) {
    std::string path = std::filesystem::absolute(folder).lexically_normal().string();
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
  };
  command.add_option("--dir", device_options.root, "Greengrass root")->required()->transform(absolute);
}

void CommandLine::add_device_control(CLI::App& parent) {
  using device::limits::start_wait_max;
  const bool has_dir = parent.get_option_no_throw("--dir") != nullptr;
  const std::string& root = device_options.root;
  CLI::App* start = add(parent, "start", "Start the daemon.", [&root] { return device::start(root); });
  CLI::App* stop =
      add(parent, "stop", "Stop it, without DISCONNECT.", [this, &root] { return device::stop(root, clean_stop); });
  CLI::App* restart =
      add(parent, "restart", "Stop and start.", [this, &root] { return device::restart(root, clean_stop); });
  CLI::App* status = add(parent, "status", "Is it running and connected?", [&root] { return device::status(root); });
  CLI::App* run =
      add(parent, "run", "Run in the foreground.", [&root] { return device::run_daemon(root, -1, true); });
  for (CLI::App* command : {stop, restart}) command->add_flag("--clean", clean_stop, "say DISCONNECT first");
  if (has_dir) return;
  for (CLI::App* command : {start, stop, restart, status, run}) {
    add_root(*command);
  }
}

void CommandLine::add_backup() {
  CLI::App* out = add(app, "backup", "Copy all that a running croft keeps.", [this] { return backup(backup_options); });
  CLI::App* in = add(app, "restore", "Make a data folder from a backup.", [this] { return restore(backup_options); });
  out->add_option("folder", backup_options.folder, "folder to make")->required();
  in->add_option("folder", backup_options.folder, "folder of the backup")->required();
  add_place(out, backup_options.place);
  in->add_option("--data", backup_options.place.data, "data folder to make");
}

void CommandLine::add_users() {
  CLI::App* users = group("users", "Who may sign in to the console beyond loopback.");
  CLI::App* list = add(*users, "list", "Every user.", [this] { return users_list(users_options); });
  CLI::App* more = add(*users, "add", "Let somebody sign in.", [this] { return users_add(users_options); });
  CLI::App* remove = add(*users, "remove", "Let somebody no longer sign in.", [this] { return users_remove(users_options); });
  CLI::App* password = add(*users, "password", "Set somebody's password.", [this] { return users_password(users_options); });
  CLI::App* role = add(*users, "role", "Set what somebody may do.", [this] { return users_role(users_options); });
  for (CLI::App* command : {more, remove, password, role}) command->add_option("name", users_options.name, "user")->required();
  const auto is_role = CLI::IsMember({"admin", "read-only"});
  more->add_option("--role", users_options.role, "admin or read-only (admin)")->check(is_role);
  role->add_option("role", users_options.role, "admin or read-only")->required()->check(is_role);
  for (CLI::App* command : {more, password})
    command->add_flag("--password-stdin", users_options.password_stdin, "read the password from standard input");
  list->add_flag("--json", users_options.json, "one line of JSON each");
  for (CLI::App* command : {list, more, remove, password, role}) add_place(command, users_options.place);
}

void CommandLine::add_fleet() {
  CLI::App* command =
      add(app, "fleet", "Connect many devices and report how it went.", [this] { return fleet(fleet_options); });
  device::FleetSettings& settings = fleet_options.settings;
  command->add_option("--devices", settings.devices, "how many")
      ->check(CLI::Range(std::size_t{1}, device::limits::fleet_devices_max));
  command->add_option("--connect-rate", settings.connect_rate, "connections a second (200)")
      ->check(CLI::PositiveNumber);
  command->add_option("--hold", settings.hold_s, "seconds to stay connected (5)")->check(CLI::NonNegativeNumber);
  command->add_option("--churn", settings.churn_rate, "devices a second that leave and return")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--abrupt", settings.abrupt_share, "share of them without DISCONNECT, 0 to 1 (0.5)")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--duration", settings.duration_s, "seconds of the whole run")->check(CLI::NonNegativeNumber);
  command->add_option("--keep-alive", settings.keep_alive_s, "seconds (300)");
  command->add_option("--prefix", settings.prefix, "of the client ids (fleet-)");
  command->add_flag("--tls", fleet_options.tls, "speak TLS; needs --cert and --key");
  command->add_flag("--json", fleet_options.json, "the report as one line of JSON");
  add_mqtt(command, fleet_options.mqtt);
}

CommandLine::CommandLine() {
  app.require_subcommand(1);
  app.footer(
      "croft serve starts the server; see croft serve --help. croft COMMAND --help tells more of each command.");
  app.name("croft");
  add_views();
  add_rules();
  add_messages();
  add_tables();
  add_functions();
  add_deployment();
  add_stacks();
  add_device();
  add_fleet();
  add_backup();
  add_users();
}

// The daemon's own command line is that of Greengrass; what it needs besides comes in its environment.
bool is_daemon(int argc, char** argv) {
  return argc > 1 && std::string_view(argv[1]) == "-core-dir";
}

int run_background_daemon(int argc, char** argv) {
  const char* root = std::getenv(device::root_variable);
  const char* ready = std::getenv(device::ready_file_variable);
  const int ready_file = ready ? std::atoi(ready) : -1;
  std::string folder = root ? root : "";
  constexpr std::string_view below_root = "/ggc/packages/";
  if (folder.empty() && argc > 2) folder = std::string(argv[2]).substr(0, std::string(argv[2]).rfind(below_root));
  ::unsetenv(device::root_variable);
  ::unsetenv(device::ready_file_variable);
  return device::run_daemon(folder, ready_file, false);
}

}  // namespace

bool knows(std::string_view command) {
  constexpr std::string_view commands[] = {"env",   "publish", "watch",  "tables",   "devices", "functions",
                                           "rules", "package", "deploy", "stacks",   "device",  "fleet",
                                           "help",  "--help",  "-h",     "-core-dir", "trace", "logs", "backup", "restore",
                                           "users"};
  return std::find(std::begin(commands), std::end(commands), command) != std::end(commands);
}

int run(int argc, char** argv) {
  if (is_daemon(argc, argv)) return run_background_daemon(argc, argv);
  if (argc > 1 && !knows(argv[1])) {
    std::fprintf(stderr, "croft: '%s' is not a command; see croft --help\n", shown(argv[1]).c_str());
    return exit_usage;
  }
  CommandLine line;
  if (argc < 2) {
    std::fputs(line.app.help().c_str(), stderr);
    return exit_usage;
  }
  if (std::string_view(argv[1]) == "help") {
    std::fputs(line.app.help().c_str(), stdout);
    return 0;
  }
  try {
    line.app.parse(argc, argv);
  } catch (const CLI::Success& wanted) {  // --help
    return line.app.exit(wanted);
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "croft: %s; see --help\n", shown(error.what()).c_str());
    return exit_usage;
  }
  if (line.chosen) return line.chosen();
  std::fputs("usage: greengrassd {start|stop|restart|status|--version}\n", stderr);
  return exit_usage;
}

}  // namespace croft::cli
