#include "app/config.h"

#include <arpa/inet.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <toml++/toml.h>

#include "app/data_folder.h"

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

Result<void> add_server_name(Config& config, std::string_view text) {
  std::stringstream names{std::string(text)};
  for (std::string name; std::getline(names, name, ',');)
    if (!name.empty()) config.server_names.push_back(name);
  return {};
}

Result<void> set_shards(Config& config, std::string_view text) {
  auto count = number<std::size_t>(text, 1, 64);
  if (!count) return count.error();
  config.device_shards = *count;
  return {};
}

const std::vector<Setting>& settings() {
  using broker::Settings;
  static const std::vector<Setting> all = {
      {"data", false, "folder for everything croft keeps", text_setting(&Config::data)},
      {"ephemeral", true, "keep nothing on disk", switch_setting(&Config::ephemeral)},
      {"listen", false, "address of all listeners (127.0.0.1)", text_setting(&Config::listen)},
      {"mqtt-listen", false, "address of plain MQTT; loopback only", text_setting(&Config::mqtt_listen)},
      {"gateway-listen", false, "address of the gateway; loopback only", text_setting(&Config::gateway_listen)},
      {"mqtt-port", false, "MQTT over TCP: a port, 0 or off (1883)", port_setting(&Config::mqtt_port)},
      {"mqtts-port", false, "MQTT over TLS with client certificates (8883)", port_setting(&Config::mqtts_port)},
      {"gateway-port", false, "AWS APIs over HTTP (4566)", port_setting(&Config::gateway_port)},
      {"device-port", false, "AWS's port 443: MQTT, HTTPS and WebSocket over TLS, told apart by ALPN (off)",
       port_setting(&Config::device_port)},
      {"https-port", false, "AWS's port 8443: HTTPS publish with client certificates (off)", port_setting(&Config::https_port)},
      {"server-name", false, "further names in the server certificate, separated by commas", add_server_name},
      {"region", false, "AWS region in ARNs and signatures (us-east-1)", set_region},
      {"account-id", false, "AWS account in ARNs (000000000000)", set_account},
      {"log-level", false, "debug, info, warn, error or off (info)", set_log_level},
      {"signatures", false, "demand signed requests (true)", switch_setting(&Config::signatures)},
      {"fsync", false, "answer only when the disk has it (true)", switch_setting(&Config::fsync)},
      {"device-shards", false, "threads for devices (as many as cores)", set_shards},
      {"keep-alive-min", false, "smallest keep-alive, seconds (30)",
       broker_setting<std::uint16_t>(&Settings::keep_alive_min_s, 1, 65'535)},
      {"keep-alive-max", false, "largest keep-alive, seconds (1200)",
       broker_setting<std::uint16_t>(&Settings::keep_alive_max_s, 1, 65'535)},
      {"topic-levels", false, "levels of a topic (8)", broker_setting<std::size_t>(&Settings::topic_levels_max, 1, 128)},
      {"topic-bytes", false, "length of a topic (256)", broker_setting<std::size_t>(&Settings::topic_bytes_max, 1, 65'535)},
      {"subscriptions", false, "subscriptions of one session (50)",
       broker_setting<std::size_t>(&Settings::subscriptions_max, 1, 1'000'000)},
      {"queued-messages", false, "messages kept for one session (1000)",
       broker_setting<std::size_t>(&Settings::queued_messages_max, 1, 1'000'000)},
  };
  return all;
}

const Setting* find(std::string_view name) {
  for (const Setting& setting : settings())
    if (setting.name == name) return &setting;
  return nullptr;
}

Result<void> apply(Config& config, std::string_view name, std::string_view value, const std::string& where) {
  const Setting* setting = find(name);
  if (!setting) return invalid(where + ": there is no setting '" + std::string(name) + "'; `croft serve --help` lists them");
  auto set = setting->set(config, value);
  if (!set) return invalid(where + ": " + std::string(name) + ": " + set.error().message);
  return {};
}

Result<std::string> text_of(const toml::node& node, const std::string& where) {
  if (auto text = node.value_exact<std::string>()) return *text;
  if (auto integer = node.value_exact<std::int64_t>()) return std::to_string(*integer);
  if (auto flag = node.value_exact<bool>()) return std::string(*flag ? "true" : "false");
  return invalid(where + ": the value must be a string, a whole number or true or false");
}

Result<void> apply_file(Config& config, const std::string& path) {
  std::ifstream file(path);
  if (!file) return invalid(path + ": cannot be read");
  std::stringstream text;
  text << file.rdbuf();
  if (file.bad() || std::filesystem::is_directory(path)) return invalid(path + ": cannot be read");
  const toml::parse_result parsed = toml::parse(text.str(), path);
  if (!parsed) {
    const auto at = parsed.error().source().begin;
    return invalid(path + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": " + std::string(parsed.error().description()));
  }
  for (const auto& [key, node] : parsed.table()) {
    const std::string where = path + ":" + std::to_string(node.source().begin.line);
    auto value = text_of(node, where);
    if (!value) return value.error();
    if (auto applied = apply(config, key.str(), *value, where); !applied) return applied.error();
  }
  return {};
}

bool is_loopback(const std::string& address) {
  in_addr v4{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) return ntohl(v4.s_addr) >> 24 == 127;
  return address == "::1";
}

// What would stand open to a network without encryption and a known identity is not opened.
Result<void> check_listeners(const Config& config) {
  if (config.mqtt_port && !is_loopback(config.mqtt_address()))
    return invalid("plain MQTT on " + config.mqtt_address() + " would be open to everyone: give --mqtt-listen 127.0.0.1 or --mqtt-port off");
  if (config.gateway_port && !is_loopback(config.gateway_address()))
    return invalid("the gateway speaks plain HTTP and is not opened on " + config.gateway_address() + ": give --gateway-listen 127.0.0.1 or --gateway-port off");
  if (config.broker.keep_alive_min_s > config.broker.keep_alive_max_s) return invalid("keep-alive-min is larger than keep-alive-max");
  return {};
}

struct Option {
  std::string name, value;
};

// "--name value", "--name=value" or "--switch".
Result<std::vector<Option>> read_options(const std::vector<std::string>& arguments) {
  std::vector<Option> options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string argument = arguments[i];
    if (!argument.starts_with("--")) return invalid("'" + argument + "' is not an option of croft serve; see `croft serve --help`");
    argument.erase(0, 2);
    const std::size_t equals = argument.find('=');
    if (equals != std::string::npos) {
      options.push_back({argument.substr(0, equals), argument.substr(equals + 1)});
      continue;
    }
    const Setting* setting = find(argument);
    if (setting && setting->is_switch) {
      options.push_back({argument, "true"});
      continue;
    }
    if (i + 1 >= arguments.size()) return invalid("--" + argument + " needs a value");
    options.push_back({argument, arguments[++i]});
  }
  return options;
}

}  // namespace

Result<Config> read_config(const std::vector<std::string>& arguments) {
  Config config;
  auto options = read_options(arguments);
  if (!options) return options.error();
  for (const Option& option : *options) {
    if (option.name != "config") continue;
    if (auto applied = apply_file(config, option.value); !applied) return applied.error();
  }
  for (const Option& option : *options) {
    if (option.name == "config") continue;
    if (auto applied = apply(config, option.name, option.value, "--" + option.name); !applied) return applied.error();
  }
  if (auto safe = check_listeners(config); !safe) return safe.error();
  if (config.data.empty() && !config.ephemeral) config.data = default_data_folder();
  return config;
}

std::string config_help() {
  std::string out = "  --config FILE            a TOML file with any of these settings\n";
  for (const Setting& setting : settings()) {
    std::string left = "  --" + setting.name + (setting.is_switch ? "" : " VALUE");
    left.resize(std::max<std::size_t>(left.size() + 1, 27), ' ');
    out += left + setting.help + "\n";
  }
  return out;
}

}  // namespace croft::app
