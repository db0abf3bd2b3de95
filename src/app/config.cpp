#include "app/config.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <toml++/toml.h>

#include "app/data_folder.h"
#include "net/loopback.h"

namespace croft::app {

namespace {

Error invalid(std::string message) { return {"InvalidConfiguration", std::move(message)}; }

template <class T>
Result<T> number(std::string_view text, T least, T most) {
  T value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || value < least || value > most)
    return invalid("'" + std::string(text) + "' is not a number from " + std::to_string(least) + " to " + std::to_string(most));
  return value;
}

Result<bool> truth(std::string_view text) {
  if (text == "true" || text == "on" || text == "yes") return true;
  if (text == "false" || text == "off" || text == "no") return false;
  return invalid("'" + std::string(text) + "' is neither true nor false");
}

using Set = std::function<Result<void>(Config&, std::string_view)>;

struct Setting {
  std::string name;
  bool is_switch;  // --name alone means true
  std::string help;
  Set set;
};

Set text_setting(std::string Config::*member) {
  return [member](Config& config, std::string_view text) -> Result<void> {
    config.*member = text;
    return {};
  };
}

Set switch_setting(bool Config::*member) {
  return [member](Config& config, std::string_view text) -> Result<void> {
    auto value = truth(text);
    if (!value) return value.error();
    config.*member = *value;
    return {};
  };
}

Set port_setting(std::optional<std::uint16_t> Config::*member) {
  return [member](Config& config, std::string_view text) -> Result<void> {
    if (text == "off") {
      config.*member = std::nullopt;
      return {};
    }
    auto port = number<std::uint16_t>(text, 0, 65'535);
    if (!port) return invalid(port.error().message + " (a port, 0 for any free one, or off)");
    config.*member = *port;
    return {};
  };
}

template <class T>
Set broker_setting(T broker::Settings::*member, T least, T most) {
  return [=](Config& config, std::string_view text) -> Result<void> {
    auto value = number<T>(text, least, most);
    if (!value) return value.error();
    config.broker.*member = *value;
    return {};
  };
}

Result<void> set_region(Config& config, std::string_view text) {
  if (text.empty() || text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string_view::npos)
    return invalid("'" + std::string(text) + "' is not a region name");
  config.instance.region = text;
  return {};
}

Result<void> set_account(Config& config, std::string_view text) {
  if (text.size() != 12 || text.find_first_not_of("0123456789") != std::string_view::npos)
    return invalid("'" + std::string(text) + "' is not an account id of 12 digits");
  config.instance.account_id = text;
  return {};
}

Result<void> set_log_level(Config& config, std::string_view text) {
  for (std::string_view level : {"debug", "info", "warn", "error", "off"}) {
    if (text != level) continue;
    config.log_level = text;
    return {};
  }
  return invalid("'" + std::string(text) + "' is none of debug, info, warn, error, off");
}

Result<void> set_durability(Config& config, std::string_view text) {
  constexpr std::pair<std::string_view, Store::Durability> named[] = {
      {"fsync", Store::Durability::fsync}, {"os", Store::Durability::os}, {"memory", Store::Durability::memory}};
  for (const auto& [name, durability] : named) {
    if (text != name) continue;
    config.durability = durability;
    return {};
  }
  return invalid("'" + std::string(text) + "' is none of fsync, os, memory");
}

// A store in memory and --ephemeral are the same: either asks for both.
Result<void> settle_durability(Config& config) {
  if (config.ephemeral && config.durability.value_or(Store::Durability::memory) != Store::Durability::memory)
    return invalid("ephemeral keeps nothing on disk, so durability can only be memory: leave one of the two out");
  if (config.ephemeral) config.durability = Store::Durability::memory;
  if (!config.durability) config.durability = config.fsync ? Store::Durability::fsync : Store::Durability::os;
  config.ephemeral = *config.durability == Store::Durability::memory;
  return {};
}

Result<void> add_server_name(Config& config, std::string_view text) {
  std::stringstream names{std::string(text)};
  for (std::string name; std::getline(names, name, ',');)
    if (!name.empty()) config.server_names.push_back(name);
  return {};
}

// At most ten days.
Set seconds_setting(std::int64_t Config::*member) {
  return [member](Config& config, std::string_view text) -> Result<void> {
    auto seconds = number<std::int64_t>(text, 1, 864'000);
    if (!seconds) return seconds.error();
    config.*member = *seconds;
    return {};
  };
}

Result<void> set_sys_interval(Config& config, std::string_view text) {
  auto seconds = number<std::uint32_t>(text, 0, 86'400);
  if (!seconds) return seconds.error();
  config.sys_interval_s = *seconds;
  return {};
}

Result<void> set_shards(Config& config, std::string_view text) {
  auto count = number<std::size_t>(text, 1, 64);
  if (!count) return count.error();
  config.device_shards = *count;
  return {};
}

Result<void> set_rules_max(Config& config, std::string_view text) {
  auto count = number<std::size_t>(text, 1, 100'000);
  if (!count) return count.error();
  config.rules_max = *count;
  return {};
}

Result<void> set_dialect(Config& config, std::string_view text) {
  if (text != "aws" && text != "oasis") return invalid("'" + std::string(text) + "' is neither aws nor oasis");
  config.broker = text == "aws" ? broker::Settings() : broker::Settings::oasis();
  return {};
}

Set broker_switch(bool broker::Settings::*member) {
  return [member](Config& config, std::string_view text) -> Result<void> {
    auto value = truth(text);
    if (!value) return value.error();
    config.broker.*member = *value;
    return {};
  };
}

Result<void> set_maximum_qos(Config& config, std::string_view text) {
  auto value = number<unsigned>(text, 0, 2);
  if (!value) return value.error();
  config.broker.maximum_qos = static_cast<mqtt::QoS>(*value);
  return {};
}

Result<void> set_parent_match(Config& config, std::string_view text) {
  auto value = truth(text);
  if (!value) return value.error();
  config.broker.parent_match = *value ? mqtt::ParentMatch::yes : mqtt::ParentMatch::no;
  return {};
}

Result<void> set_version_reset(Config& config, std::string_view text) {
  auto seconds = number<std::int64_t>(text, 0, 31'536'000);
  if (!seconds) return seconds.error();
  config.broker.version_reset_ms = *seconds * 1000;
  return {};
}

Result<void> set_sign_in(Config& config, std::string_view text) {
  if (text != "always" && text != "elsewhere") return invalid("'" + std::string(text) + "' is neither always nor elsewhere");
  config.console_sign_in_always = text == "always";
  return {};
}

// The numbers of the broker: broker/settings.h says what each is at AWS. The help names the aws dialect's value.
const std::vector<Setting>& broker_settings() {
  using S = broker::Settings;
  constexpr std::size_t bytes_max = std::size_t{1} << 40, count_max = 1'000'000'000;
  constexpr std::uint32_t seconds_max = UINT32_MAX;
  static const std::vector<Setting> all = {
      {"maximum-qos", false, "highest QoS served (1)", set_maximum_qos},
      {"parent-match", false, "a/# matches a (false)", set_parent_match},
      {"retained-to-wildcards", false, "retained messages go to wildcard filters too (false)",
       broker_switch(&S::retained_to_wildcards)},
      {"subscription-identifiers", false, "are served (false)", broker_switch(&S::subscription_identifiers)},
      {"will-delay", false, "is served; else wills are said at once (false)", broker_switch(&S::will_delay)},
      {"keep-alive-min", false, "smallest keep-alive, seconds (30)",
       broker_setting<std::uint16_t>(&S::keep_alive_min_s, 1, 65'535)},
      {"keep-alive-max", false, "largest keep-alive, seconds (1200)",
       broker_setting<std::uint16_t>(&S::keep_alive_max_s, 1, 65'535)},
      {"keep-alive-none", false, "keep-alive 0 means none (false)", broker_switch(&S::keep_alive_may_be_none)},
      {"client-id-bytes", false, "length of a client id (128)", broker_setting<std::size_t>(&S::client_id_bytes_max, 1, 65'535)},
      {"packet-bytes", false, "length of a packet (149504)",
       broker_setting<std::uint32_t>(&S::packet_bytes_max, 512, 268'435'460)},
      {"client-packet-bytes-min", false, "smallest Maximum Packet Size of a client (512)",
       broker_setting<std::uint32_t>(&S::client_packet_bytes_min, 1, 65'535)},
      {"receive-maximum", false, "unacknowledged messages in either direction (100)",
       broker_setting<std::uint16_t>(&S::receive_maximum, 1, 65'535)},
      {"topic-aliases", false, "topic aliases of a connection (8)",
       broker_setting<std::uint16_t>(&S::topic_alias_maximum, 0, 65'535)},
      {"websocket-life", false, "seconds (86400)", broker_setting<std::uint32_t>(&S::websocket_life_s, 1, seconds_max)},
      {"connect-wait", false, "seconds from accept to a whole CONNECT (10)",
       broker_setting<std::size_t>(&S::connect_wait_s, 1, 3'600)},
      {"waiting-connections", false, "of a thread, before their CONNECT (10000)",
       broker_setting<std::size_t>(&S::doorstep_max, 1, count_max)},
      {"connections", false, "of a thread (500000)", broker_setting<std::size_t>(&S::connections_max, 1, count_max)},
      {"connects-per-second", false, "of one client id; 0 = any (0)",
       broker_setting<std::uint32_t>(&S::connects_per_s_max, 0, 1'000'000)},
      {"publishes-per-second", false, "of one connection, more are dropped; 0 = any (0)",
       broker_setting<std::uint32_t>(&S::publishes_per_s_max, 0, 100'000'000)},
      {"session-expiry", false, "of an MQTT 3.1.1 session, seconds (3600)",
       broker_setting<std::uint32_t>(&S::session_expiry_default_s, 1, seconds_max)},
      {"session-expiry-max", false, "seconds (604800)", broker_setting<std::uint32_t>(&S::session_expiry_max_s, 0, seconds_max)},
      {"presence.wildcard_ids", false, "lifecycle events of client ids with # or + (false)", broker_switch(&S::wildcard_ids)},
      {"version-reset", false, "seconds away after which versionNumber begins at 0 (3600)", set_version_reset},
      {"filters-per-subscribe", false, "filters of one SUBSCRIBE (8)",
       broker_setting<std::size_t>(&S::subscriptions_per_packet_max, 1, 10'000)},
      {"subscriptions", false, "of one session (50)", broker_setting<std::size_t>(&S::subscriptions_max, 1, 1'000'000)},
      {"queued-messages", false, "kept for one session (100000)",
       broker_setting<std::size_t>(&S::queued_messages_max, 1, count_max)},
      {"queued-bytes", false, "kept for one session (67108864)",
       broker_setting<std::size_t>(&S::queued_bytes_max, 1'024, bytes_max)},
      {"queued-bytes-total", false, "kept for all sessions of a thread (1073741824)",
       broker_setting<std::size_t>(&S::queued_total_bytes_max, 1'024, bytes_max)},
      {"queued-group-messages", false, "kept for one group of shared subscriptions (500000)",
       broker_setting<std::size_t>(&S::group_messages_max, 1, count_max)},
      {"topic-bytes", false, "length of a topic (256)", broker_setting<std::size_t>(&S::topic_bytes_max, 1, 65'535)},
      {"topic-levels", false, "levels of a topic (8)", broker_setting<std::size_t>(&S::topic_levels_max, 1, 1'000)},
      {"share-name-bytes", false, "length of a shared subscription's name (128)",
       broker_setting<std::size_t>(&S::share_name_bytes_max, 1, 65'535)},
      {"payload-bytes", false, "length of a payload (131072)",
       broker_setting<std::size_t>(&S::payload_bytes_max, 1, 268'435'460)},
      {"user-properties-bytes", false, "of one message (8192)",
       broker_setting<std::size_t>(&S::user_properties_bytes_max, 0, 268'435'460)},
      {"content-type-bytes", false, "(256)", broker_setting<std::size_t>(&S::content_type_bytes_max, 0, 65'535)},
      {"correlation-data-bytes", false, "(8192)", broker_setting<std::size_t>(&S::correlation_data_bytes_max, 0, 65'535)},
      {"message-expiry-min", false, "seconds (1)", broker_setting<std::uint32_t>(&S::message_expiry_min_s, 0, seconds_max)},
      {"message-expiry-max", false, "seconds (604800)", broker_setting<std::uint32_t>(&S::message_expiry_max_s, 0, seconds_max)},
      {"retained-messages", false, "kept in all (500000)", broker_setting<std::size_t>(&S::retained_messages_max, 0, count_max)},
      {"blocking-messages", false, "waiting for a connected client; more slow their publishers down (256)",
       broker_setting<std::size_t>(&S::blocking_messages, 1, count_max)},
      {"stalled-after", false, "seconds without an acknowledgement after which nobody is slowed down (3)",
       broker_setting<std::uint32_t>(&S::stalled_after_s, 0, 3'600)},
      {"unsent-bytes", false, "to one slow reader; QoS 0 is dropped above (1048576)",
       broker_setting<std::size_t>(&S::unsent_bytes_max, 1'024, bytes_max)},
      {"unread-bytes", false, "to one that does not read; it is not heard above (16777216)",
       broker_setting<std::size_t>(&S::unread_bytes_max, 1'024, bytes_max)},
      {"turn-bytes", false, "handed out before sockets are written to (2097152)",
       broker_setting<std::size_t>(&S::turn_bytes_max, 1'024, bytes_max)},
      {"mail-bytes", false, "waiting for one thread; publishers are not heard above (33554432)",
       broker_setting<std::size_t>(&S::mail_bytes_max, 1'024, bytes_max)},
  };
  return all;
}

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = {
      {"data", false, "folder for everything croft keeps", text_setting(&Config::data)},
      {"ephemeral", true, "keep nothing on disk", switch_setting(&Config::ephemeral)},
      {"listen", false, "address of all listeners (127.0.0.1)", text_setting(&Config::listen)},
      {"mqtt-listen", false, "address of plain MQTT; loopback only", text_setting(&Config::mqtt_listen)},
      {"gateway-listen", false, "address of the gateway; loopback only", text_setting(&Config::gateway_listen)},
      {"gateway-tls-listen", false, "address of the gateway over TLS (as listen)", text_setting(&Config::gateway_tls_listen)},
      {"mqtt-port", false, "MQTT over TCP: a port, 0 or off (1883)", port_setting(&Config::mqtt_port)},
      {"mqtts-port", false, "MQTT over TLS with client certificates (8883)", port_setting(&Config::mqtts_port)},
      {"gateway-port", false, "AWS APIs and the console over HTTP (4566)", port_setting(&Config::gateway_port)},
      {"gateway-tls-port", false, "the same over TLS, beyond loopback too (off)", port_setting(&Config::gateway_tls_port)},
      {"gateway-certificate", false, "PEM file: certificate of that port, its chain behind it (one of croft's own authority)",
       text_setting(&Config::gateway_certificate)},
      {"gateway-key", false, "PEM file: the certificate's key", text_setting(&Config::gateway_key)},
      {"console.sign-in", false, "who uses the console signs in: elsewhere (beyond loopback) or always (elsewhere)", set_sign_in},
      {"metrics-token-file", false, "file with a token that lets /metrics be read beyond loopback",
       text_setting(&Config::metrics_token_file)},
      {"device-port", false, "AWS's port 443: MQTT, HTTPS and WebSocket over TLS, told apart by ALPN (off)",
       port_setting(&Config::device_port)},
      {"https-port", false, "AWS's port 8443: HTTPS publish with client certificates (off)", port_setting(&Config::https_port)},
      {"server-name", false, "further names in the server certificate, separated by commas", add_server_name},
      {"region", false, "AWS region in ARNs and signatures (us-east-1)", set_region},
      {"account-id", false, "AWS account in ARNs (000000000000)", set_account},
      {"log-level", false, "debug, info, warn, error or off (info)", set_log_level},
      {"signatures", false, "demand signed requests (true)", switch_setting(&Config::signatures)},
      {"durability", false,
       "answer when the disk has it (fsync), the kernel (os), or keep nothing (memory = --ephemeral) (fsync)", set_durability},
      {"fsync", false, "false is --durability os (true)", switch_setting(&Config::fsync)},
      {"sys-interval", false, "seconds between values on $SYS/broker/...; 0 = none (0)", set_sys_interval},
      {"plain-endpoints", false, "rules may send to this machine without TLS (true)", switch_setting(&Config::plain_endpoints)},
      {"authorities", false, "PEM file of authorities that rules trust beside the system's", text_setting(&Config::authorities)},
      {"device-shards", false, "threads for devices (as many as cores)", set_shards},
      {"tables.throttle", true, "enforce the provisioned throughput of tables (false)", switch_setting(&Config::throttle_tables)},
      {"rules.rules-max", false, "topic rules (1000)", set_rules_max},
      {"streams.shard-seconds", false, "how long a shard of a new table stream is open (14400)",
       seconds_setting(&Config::stream_shard_s)},
      {"streams.kept-seconds", false, "how long changes can be read from table streams (86400)",
       seconds_setting(&Config::stream_kept_s)},
      {"dialect", false, "aws: as AWS IoT Core; oasis: as the specification, without AWS's limits (aws)", set_dialect},
  };
  return all;
}

const Setting* find(std::string_view name) {
  for (const auto* all : {&settings(), &broker_settings()})
    for (const Setting& setting : *all)
      if (setting.name == name) return &setting;
  return nullptr;
}

// One setting as it was given, and where.
struct Given {
  std::string name, value, where;
};

// The tables [services.NAME] have members of their own; remote/settings.h lists them.
constexpr std::string_view services_prefix = "services.";
constexpr std::string_view tables_prefix = "tables.";  // where DynamoDB is, when it is elsewhere

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

Result<void> apply(Config& config, const Given& given) {
  if (given.name.starts_with(services_prefix)) {
    auto set = config.services.set(std::string_view(given.name).substr(services_prefix.size()), given.value);
    if (!set) return invalid(given.where + ": " + given.name + ": " + set.error().message);
    return {};
  }
  const Setting* setting = find(given.name);
  if (!setting && given.name.starts_with(tables_prefix)) {
    auto set = config.services.set_tables(std::string_view(given.name).substr(tables_prefix.size()), given.value);
    if (!set) return invalid(given.where + ": " + given.name + ": " + set.error().message);
    return {};
  }
  if (!setting) return invalid(given.where + ": there is no setting '" + given.name + "'; `croft serve --help` lists them");
  auto set = setting->set(config, given.value);
  if (!set) return invalid(given.where + ": " + given.name + ": " + set.error().message);
  return {};
}

Result<std::string> text_of(const toml::node& node, const std::string& where) {
  if (auto text = node.value_exact<std::string>()) return *text;
  if (auto integer = node.value_exact<std::int64_t>()) return std::to_string(*integer);
  if (auto flag = node.value_exact<bool>()) return std::string(*flag ? "true" : "false");
  return invalid(where + ": the value must be a string, a whole number or true or false");
}

// `[presence] wildcard_ids` is the setting presence.wildcard_ids.
Result<void> read_table(const toml::table& table, const std::string& path, const std::string& prefix, std::vector<Given>& given) {
  for (const auto& [key, node] : table) {
    const std::string where = path + ":" + std::to_string(node.source().begin.line);
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table()) {
      if (auto read = read_table(*inner, path, name + ".", given); !read) return read.error();
      continue;
    }
    auto value = text_of(node, where);
    if (!value) return value.error();
    given.push_back({name, *value, where});
  }
  return {};
}

Result<void> read_file(const std::string& path, std::vector<Given>& given) {
  std::ifstream file(path);
  if (!file) return invalid(path + ": cannot be read");
  std::stringstream text;
  text << file.rdbuf();
  if (file.bad() || std::filesystem::is_directory(path)) return invalid(path + ": cannot be read");
  const toml::parse_result parsed = toml::parse(text.str(), path);
  if (!parsed) {
    const auto at = parsed.error().source().begin;
    return invalid(path + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " +
                   std::string(parsed.error().description()));
  }
  return read_table(parsed.table(), path, "", given);
}

// What would stand open to a network without encryption and a known identity is not opened.
Result<void> check_listeners(const Config& config) {
  if (config.mqtt_port && !net::is_loopback_address(config.mqtt_address()))
    return invalid("plain MQTT on " + config.mqtt_address() +
                   " would be open to everyone: give --mqtt-listen 127.0.0.1 or --mqtt-port off");
  if (config.gateway_port && !net::is_loopback_address(config.gateway_address()))
    return invalid("the gateway speaks plain HTTP and is not opened on " + config.gateway_address() +
                   ": give --gateway-listen 127.0.0.1 or --gateway-port off; --gateway-tls-port opens it over TLS");
  const bool is_open_to_others = config.gateway_tls_port && !net::is_loopback_address(config.gateway_tls_address());
  if (is_open_to_others && !config.signatures)
    return invalid("without signatures the gateway on " + config.gateway_tls_address() +
                   " would be open to everyone: leave --signatures on");
  if (config.gateway_certificate.empty() != config.gateway_key.empty())
    return invalid("gateway-certificate and gateway-key go together");
  if (config.broker.keep_alive_min_s > config.broker.keep_alive_max_s)
    return invalid("keep-alive-min is larger than keep-alive-max");
  return {};
}

// "--name value", "--name=value" or "--switch".
Result<std::vector<Given>> read_options(const std::vector<std::string>& arguments) {
  std::vector<Given> options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string argument = arguments[i];
    if (!argument.starts_with("--"))
      return invalid("'" + argument + "' is not an option of croft serve; see `croft serve --help`");
    argument.erase(0, 2);
    const std::size_t equals = argument.find('=');
    if (equals != std::string::npos) {
      options.push_back({argument.substr(0, equals), argument.substr(equals + 1), "--" + argument.substr(0, equals)});
      continue;
    }
    const Setting* setting = find(argument);
    if (setting && setting->is_switch) {
      options.push_back({argument, "true", "--" + argument});
      continue;
    }
    if (i + 1 >= arguments.size()) return invalid("--" + argument + " needs a value");
    options.push_back({argument, arguments[i + 1], "--" + argument});
    ++i;
  }
  return options;
}

}  // namespace

Result<Config> read_config(const std::vector<std::string>& arguments) {
  Config config;
  auto options = read_options(arguments);
  if (!options) return options.error();
  std::vector<Given> given;  // what the file says, then the command line, which wins
  for (const Given& option : *options) {
    if (option.name != "config") continue;
    if (auto read = read_file(option.value, given); !read) return read.error();
  }
  for (Given& option : *options)
    if (option.name != "config") given.push_back(std::move(option));
  // The dialect first: it sets what the others change.
  std::stable_partition(given.begin(), given.end(), [](const Given& one) { return one.name == "dialect"; });
  for (const Given& one : given)
    if (auto applied = apply(config, one); !applied) return applied.error();
  if (auto settled = settle_durability(config); !settled) return settled.error();
  if (auto safe = check_listeners(config); !safe) return safe.error();
  auto remote = config.services.resolve(config.instance, environment);
  if (!remote) return remote.error();
  config.remote = std::move(*remote);
  if (config.data.empty() && !config.ephemeral) config.data = default_data_folder();
  return config;
}

static void append_help(const std::vector<Setting>& settings, std::string& out) {
  for (const Setting& setting : settings) {
    std::string left = "  --" + setting.name + (setting.is_switch ? "" : " VALUE");
    left.resize(std::max<std::size_t>(left.size() + 1, 34), ' ');
    out += left + setting.help + "\n";
  }
}

std::string config_help() {
  std::string out = "  --config FILE                   a TOML file with any of these settings\n";
  append_help(settings(), out);
  out += "\nAWS services that are elsewhere, for rule actions; in the file a table [services.NAME], "
         "[services.default] for all:\n\n"
         "  --services.NAME.endpoint VALUE  https://host:port; also region, account-id, access-key-id, secret-access-key-file,\n"
         "                                  session-token-file, timeout-ms, connections. NAME is one of\n"
         "                                  " + remote::known_services() + "\n"
         "\nTables that are elsewhere, at Amazon DynamoDB or what speaks as it does; in the file the table [tables]:\n\n"
         "  --tables.endpoint VALUE         https://host:port; also the other members of a service, streams-endpoint, "
         "patience-s\n";
  out += "\nThe broker's numbers; in parentheses what the aws dialect has:\n\n";
  append_help(broker_settings(), out);
  return out;
}

}  // namespace croft::app
