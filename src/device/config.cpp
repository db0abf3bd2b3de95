#include "device/config.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <initializer_list>
#include <optional>

#include "device/limits.h"
#include "text/encoding.h"

namespace croft::device {

namespace {

Error configuration_error(std::string what) {
  return {"ConfigurationError", std::move(what)};
}

// Reads members of one object and remembers the first that is wrong.
class Members {
 public:
  Members(const json::object& object, std::string name, std::optional<Error>& error)
      : object_(object), name_(std::move(name)), error_(error) {}

  std::string text(std::string_view member, std::string otherwise = {}) {
    const json::value* v = json::find(object_, member);
    if (!v || v->is_null()) return otherwise;
    if (!v->is_string()) return refuse(member, "must be a string"), otherwise;
    return std::string(v->get_string());
  }

  std::int64_t number(std::string_view member, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
    const json::value* v = json::find(object_, member);
    if (!v || v->is_null()) return otherwise;
    if (!v->is_int64()) return refuse(member, "must be a whole number"), otherwise;
    if (v->get_int64() < least || v->get_int64() > most) {
      refuse(member, "must be between " + std::to_string(least) + " and " + std::to_string(most));
      return otherwise;
    }
    return v->get_int64();
  }

  bool flag(std::string_view member) {
    const json::value* v = json::find(object_, member);
    if (!v || v->is_null()) return false;
    if (!v->is_bool()) return refuse(member, "must be true or false"), false;
    return v->get_bool();
  }

  // An empty object when there is none.
  const json::object& object(std::string_view member) {
    static const json::object none;
    const json::value* v = json::find(object_, member);
    if (!v || v->is_null()) return none;
    if (!v->is_object()) return refuse(member, "must be an object"), none;
    return v->get_object();
  }

  bool has(std::string_view member) const { return object_.contains(member); }

  void refuse(std::string_view member, const std::string& why) {
    if (!error_) error_ = configuration_error(name_ + std::string(member) + " " + why);
  }

  void warn_of_others(std::initializer_list<std::string_view> known, std::vector<std::string>& warnings) const {
    for (const auto& member : object_) {
      const std::string_view name = member.key();
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      if (warnings.size() < limits::warnings_max) {
        warnings.push_back("config.json: " + name_ + text::printable(name) + " is not known and has no effect");
      }
    }
  }

 private:
  const json::object& object_;
  std::string name_;  // "coreThing."
  std::optional<Error>& error_;
};

// file:///abs/path, or a path relative to certs/ as the members of coreThing have it.
Result<std::string> local_path(const std::string& value, const std::string& certs_folder) {
  constexpr std::string_view file = "file://";
  if (value.starts_with(file)) return value.substr(file.size());
  const std::size_t colon = value.find(':');
  if (colon != std::string::npos && value.find('/') > colon) {
    return configuration_error("ErrUnknownURIScheme: " + text::printable(value.substr(0, colon)) +
                               ": only file:// paths can be used");
  }
  return value.starts_with('/') ? value : certs_folder + "/" + value;
}

struct Secrets {
  std::string ca, certificate, key;
};

Secrets secrets_of(Members& top, Members& thing, std::optional<Error>& error) {
  if (!top.has("crypto")) return {thing.text("caPath"), thing.text("certPath"), thing.text("keyPath")};
  Members crypto(top.object("crypto"), "crypto.", error);
  Members principals(crypto.object("principals"), "crypto.principals.", error);
  Members certificate(principals.object("IoTCertificate"), "crypto.principals.IoTCertificate.", error);
  return {crypto.text("caPath"), certificate.text("certificatePath"), certificate.text("privateKeyPath")};
}

std::optional<Error> set_paths(const Secrets& secrets, DeviceConfig& config) {
  if (secrets.ca.empty() || secrets.certificate.empty() || secrets.key.empty()) {
    return configuration_error("The configuration file is missing the CaPath, CertPath or KeyPath");
  }
  const std::string certs = config.root + "/certs";
  for (auto [from, to] : {std::pair{&secrets.ca, &config.ca_path},
                          {&secrets.certificate, &config.certificate_path},
                          {&secrets.key, &config.key_path}}) {
    auto path = local_path(*from, certs);
    if (!path) return path.error();
    *to = *path;
  }
  return std::nullopt;
}

void read_thing(Members& thing, DeviceConfig& config) {
  const std::string arn = thing.text("thingArn");
  const std::size_t mark = arn.find(":thing/");
  if (mark != std::string::npos) config.thing_name = arn.substr(mark + 7);
  if (config.thing_name.empty())
    thing.refuse("thingArn", "must be the ARN of a thing: arn:aws:iot:REGION:ACCOUNT:thing/NAME");
  config.client_id = thing.text("coreClientId", config.thing_name);
  if (config.client_id.empty() || config.client_id.size() > 128)
    thing.refuse("coreClientId", "must have 1 to 128 characters");
  config.host = thing.text("iotHost");
  if (config.host.empty()) thing.refuse("iotHost", "is missing");
  config.port = static_cast<std::uint16_t>(thing.number("iotMqttPort", 8883, 1, 65535));
  config.keep_alive_s = static_cast<std::uint16_t>(thing.number("keepAlive", 600, 30, 1200));
  config.operation_timeout_s = static_cast<std::uint16_t>(thing.number("mqttOperationTimeout", 5, 5, 3600));
  const json::object& proxy = thing.object("networkProxy");
  if (const json::value* settings = json::find(proxy, "proxy");
      settings && settings->is_object() && !json::string_or(settings->get_object(), "url", "").empty()) {
    thing.refuse("networkProxy", "is set, but this daemon cannot connect through a proxy");
  }
}

void read_runtime(Members& top, std::optional<Error>& error, std::vector<std::string>& warnings) {
  Members runtime(top.object("runtime"), "runtime.", error);
  runtime.warn_of_others({"maxWorkItemCount", "maxConcurrentLimit", "lruSize", "mountAllBlockDevices",
                          "schedulingFrequency", "postStartHealthCheckTimeout", "cgroup", "allowFunctionsToRunAsRoot",
                          "onSystemComponentsFailure", "systemComponentAuthTimeout"},
                         warnings);
  if (!runtime.has("cgroup")) return;
  Members cgroup(runtime.object("cgroup"), "runtime.cgroup.", error);
  const std::string systemd = cgroup.text("useSystemd");
  if (systemd != "yes" && systemd != "no") cgroup.refuse("useSystemd", "must be \"yes\" or \"no\"");
}

void warn(Members& top, Members& thing, Members& croft, std::vector<std::string>& warnings) {
  top.warn_of_others({"coreThing", "runtime", "crypto", "managedRespawn", "mqttMaxConnectionRetryInterval",
                      "writeDirectory", "pidFileDirectory", "croft"},
                     warnings);
  thing.warn_of_others(
      {"caPath", "certPath", "keyPath", "thingArn", "coreClientId", "iotHost", "ggHost", "iotMqttPort", "iotHttpPort",
       "ggHttpPort", "ggMqttPort", "keepAlive", "mqttOperationTimeout", "networkProxy", "ggDaemonPort",
       "systemComponentAuthTimeout", "mqttMaxConnectionRetryInterval", "region"},
      warnings);
  croft.warn_of_others({"deploymentAgent", "cleanDisconnectOnStop"}, warnings);
}

}  // namespace

Result<DeviceConfig> parse_config(std::string_view text, const std::string& root, const std::string& path) {
  auto parsed = json::parse(text);
  if (!parsed) return configuration_error("Failed to parse " + path + ": " + parsed.error().message);
  if (!parsed->is_object()) return configuration_error("Failed to parse " + path + ": it is not a JSON object");

  std::optional<Error> error;
  DeviceConfig config;
  config.root = root;
  Members top(parsed->get_object(), "", error);
  Members thing(top.object("coreThing"), "coreThing.", error);
  Members croft(top.object("croft"), "croft.", error);
  if (!error && !top.has("coreThing")) top.refuse("coreThing", "is missing");

  read_thing(thing, config);
  read_runtime(top, error, config.warnings);
  const std::int64_t thing_wait = thing.number("mqttMaxConnectionRetryInterval", 60, 1, 3600);
  config.reconnect_wait_max_s =
      static_cast<std::uint32_t>(top.number("mqttMaxConnectionRetryInterval", thing_wait, 1, 3600));
  config.write_folder = top.text("writeDirectory", root);
  if (config.write_folder.empty()) config.write_folder = root;
  config.pid_folder = top.text("pidFileDirectory", "/var/run");
  for (auto [member, folder] :
       {std::pair{"writeDirectory", &config.write_folder}, {"pidFileDirectory", &config.pid_folder}}) {
    if (!folder->starts_with('/')) top.refuse(member, "must be an absolute path");
  }
  config.deployment_agent = croft.flag("deploymentAgent");
  config.clean_disconnect_on_stop = croft.flag("cleanDisconnectOnStop");
  warn(top, thing, croft, config.warnings);

  const Secrets secrets = secrets_of(top, thing, error);
  if (!error) error = set_paths(secrets, config);
  if (error) return configuration_error(path + ": " + error->message);
  return config;
}

Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{"FileUnreadable", "cannot read " + path + ": " + std::strerror(errno)};
  std::string bytes(bytes_max + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (file.bad()) return Error{"FileUnreadable", "cannot read " + path + ": " + std::strerror(errno)};
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.size() > bytes_max)
    return Error{"FileUnreadable", path + " is larger than " + std::to_string(bytes_max) + " bytes"};
  return bytes;
}

Result<DeviceConfig> read_config(const std::string& root) {
  const std::string path = root + "/config/config.json";
  auto text = read_file(path, limits::config_bytes_max);
  if (!text) return configuration_error("Failed to parse config.json. err: " + text.error().message);
  return parse_config(*text, root, path);
}

}  // namespace croft::device
