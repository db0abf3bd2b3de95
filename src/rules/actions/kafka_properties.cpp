#include "rules/actions/kafka_properties.h"

#include <algorithm>
#include <charconv>

#include "identity/key_store.h"
#include "rules/destination_limits.h"
#include "text/encoding.h"

namespace croft::rules {

namespace {

Error invalid_property(std::string_view name, std::string_view value) {
  return invalid_request("The value '" + std::string(value) + "' of the client property '" + std::string(name) +
                         "' is not valid.");
}

Error missing_property(std::string_view name, std::string_view why) {
  return invalid_request("The client property '" + std::string(name) + "' is required " + std::string(why) + ".");
}

// A property whose value is one of a few, and what librdkafka calls it; "" when only AWS has it.
struct Choice {
  std::string_view name, own_name, otherwise;
  std::vector<std::string_view> values;
};

const std::vector<Choice>& choices() {
  static const std::vector<Choice> all = {
      {"acks", "acks", "1", {"-1", "0", "1", "all"}},
      {"compression.type", "compression.type", "none", {"none", "gzip", "snappy", "lz4", "zstd"}},
      {"security.protocol", "", "SSL", {"SSL", "SASL_SSL", "PLAINTEXT", "SASL_PLAINTEXT"}},
      {"sasl.mechanism", "", "", {"PLAIN", "SCRAM-SHA-512", "GSSAPI"}},
      {"key.serializer", "", "StringSerializer", {"StringSerializer", "org.apache.kafka.common.serialization.StringSerializer"}},
      {"value.serializer",
       "",
       "ByteBufferSerializer",
       {"ByteBufferSerializer", "org.apache.kafka.common.serialization.ByteBufferSerializer"}}};
  return all;
}

constexpr std::string_view secret_names[] = {"ssl.truststore",        "ssl.truststore.password", "ssl.keystore",
                                             "ssl.keystore.password", "ssl.key.password",        "sasl.plain.username",
                                             "sasl.plain.password",   "sasl.scram.username",     "sasl.scram.password"};

bool is_secret(std::string_view name) {
  return std::find(std::begin(secret_names), std::end(secret_names), name) != std::end(secret_names);
}

Result<std::string> text_of(const json::object& properties, std::string_view name) {
  const json::value* value = json::find(properties, name);
  if (!value) return std::string();
  if (!value->is_string()) return invalid_request("The client property '" + std::string(name) + "' must be a string.");
  return std::string(value->get_string());
}

Result<void> check_names(const json::object& properties) {
  for (const auto& [key, value] : properties) {
    const std::string_view name(key.data(), key.size());
    if (name.starts_with("sasl.kerberos."))
      return invalid_request("The client property '" + std::string(name) + "' is not supported by this endpoint.");
    const bool is_choice = std::any_of(choices().begin(), choices().end(), [&](const Choice& one) { return one.name == name; });
    if (!is_choice && !is_secret(name) && name != "bootstrap.servers")
      return invalid_request("The client property '" + std::string(name) + "' is not supported.");
  }
  return {};
}

// host:port, and whether it is this machine.
Result<bool> check_server(std::string_view server) {
  const std::size_t colon = server.rfind(':');
  const std::string_view host = server.substr(0, colon);
  const std::string_view digits = colon == std::string_view::npos ? "" : server.substr(colon + 1);
  unsigned port = 0;
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool is_number = fault == std::errc() && end == digits.data() + digits.size() && port >= 1 && port <= 65'535;
  const bool is_host = !host.empty() && host.find_first_of(":[]/@, ${}\t\r\n") == std::string_view::npos;
  if (!is_number || !is_host) return invalid_property("bootstrap.servers", server);
  const bool is_here = is_loopback(host);
  if (!is_here && (port < limits::kafka_port_min || port > limits::kafka_port_max))
    return invalid_request("The ports of 'bootstrap.servers' must be from 9000 to 9100.");
  const std::uint16_t ports[] = {static_cast<std::uint16_t>(port)};
  const auto checked = endpoint_url("https://" + std::string(server), "bootstrap.servers", {}, ports);
  if (!checked) return checked.error();
  return is_here;
}

// Whether all of them are on this machine.
Result<bool> check_servers(std::string_view servers) {
  bool all_here = true;
  for (;;) {
    const std::size_t comma = servers.find(',');
    const auto is_here = check_server(text::trim(servers.substr(0, comma)));
    if (!is_here) return is_here.error();
    all_here = all_here && *is_here;
    if (comma == std::string_view::npos) return all_here;
    servers.remove_prefix(comma + 1);
  }
}

// The secrets that a way to sign in needs.
Result<void> check_security(const json::object& properties, std::string_view protocol, std::string_view mechanism) {
  const auto has = [&](std::string_view name) { return json::find(properties, name) != nullptr; };
  if (protocol == "SSL" && !has("ssl.keystore")) return missing_property("ssl.keystore", "when security.protocol is SSL");
  if (has("ssl.keystore") && !has("ssl.keystore.password")) return missing_property("ssl.keystore.password", "with ssl.keystore");
  if (!protocol.starts_with("SASL_")) return {};
  if (mechanism.empty()) return missing_property("sasl.mechanism", "when security.protocol is " + std::string(protocol));
  if (mechanism == "GSSAPI") return invalid_request("The sasl.mechanism GSSAPI is not supported by this endpoint.");
  const std::string prefix = mechanism == "PLAIN" ? "sasl.plain." : "sasl.scram.";
  for (const std::string& name : {prefix + "username", prefix + "password"})
    if (!has(name)) return missing_property(name, "when sasl.mechanism is " + std::string(mechanism));
  return {};
}

// A store comes as base64 (from SecretBinary, or written so), or as PEM text.
std::string store_bytes(const std::string& value) {
  if (value.find("-----BEGIN") != std::string::npos) return value;
  return text::from_base64(text::trim(value)).value_or(value);
}

}  // namespace

Result<KafkaProperties> KafkaProperties::compile(const json::object& properties, const ActionContext& context,
                                                 const EndpointPolicy& policy) {
  KafkaProperties compiled;
  if (auto checked = check_names(properties); !checked) return checked.error();
  auto servers = text_of(properties, "bootstrap.servers");
  if (!servers) return servers.error();
  if (servers->empty()) return missing_property("bootstrap.servers", "for a kafka action");
  const auto is_here = check_servers(*servers);
  if (!is_here) return is_here.error();
  compiled.fixed_.properties["bootstrap.servers"] = *servers;
  std::map<std::string_view, std::string> chosen;
  for (const Choice& choice : choices()) {
    auto value = text_of(properties, choice.name);
    if (!value) return value.error();
    if (!json::find(properties, choice.name))
      value = std::string(choice.otherwise);
    else if (std::find(choice.values.begin(), choice.values.end(), *value) == choice.values.end())
      return invalid_property(choice.name, *value);
    chosen[choice.name] = *value;
    if (!choice.own_name.empty()) compiled.fixed_.properties[std::string(choice.own_name)] = *value;
  }
  const std::string& protocol = chosen["security.protocol"];
  if (auto checked = check_security(properties, protocol, chosen["sasl.mechanism"]); !checked) return checked.error();
  compiled.fixed_.is_loopback_only = protocol.ends_with("PLAINTEXT");
  if (compiled.fixed_.is_loopback_only && !(*is_here && policy.plain_loopback))
    return invalid_property("security.protocol", protocol);
  compiled.fixed_.properties["security.protocol"] = text::lower(protocol);
  if (protocol.starts_with("SASL_")) compiled.fixed_.properties["sasl.mechanism"] = chosen["sasl.mechanism"];
  for (const std::string_view name : secret_names) {
    auto value = optional_template(properties, name, context);
    if (!value) return value.error();
    if (*value) compiled.secrets_.push_back({std::string(name), std::move(**value)});
  }
  return compiled;
}

Result<KafkaSettings> KafkaProperties::settings(const Firing& firing) const {
  KafkaSettings settings = fixed_;
  for (const Secret& one : secrets_) {
    auto value = render(one.value, firing);
    if (!value) return value.error();
    if (value->size() > limits::kafka_store_bytes_max)
      return invalid_request("The client property '" + one.name + "' is larger than 65 KB.");
    settings.secrets[one.name] = std::move(*value);
  }
  return settings;
}

Result<std::map<std::string, std::string>> with_secrets(const KafkaSettings& settings) {
  std::map<std::string, std::string> properties = settings.properties;
  const auto secret = [&](const char* name) {
    const auto found = settings.secrets.find(name);
    return found == settings.secrets.end() ? std::string() : found->second;
  };
  if (settings.secrets.contains("ssl.truststore")) {
    auto authorities = identity::read_trust_store(store_bytes(secret("ssl.truststore")), secret("ssl.truststore.password"));
    if (!authorities) return invalid_request("The ssl.truststore cannot be used: " + authorities.error().message + ".");
    properties["ssl.ca.pem"] = *authorities;
  }
  if (settings.secrets.contains("ssl.keystore")) {
    const std::string password = secret("ssl.keystore.password");
    const std::string key_password = settings.secrets.contains("ssl.key.password") ? secret("ssl.key.password") : password;
    auto own = identity::read_key_store(store_bytes(secret("ssl.keystore")), password, key_password);
    if (!own) return invalid_request("The ssl.keystore cannot be used: " + own.error().message + ".");
    properties["ssl.key.pem"] = own->private_key_pem;
    properties["ssl.certificate.pem"] = own->certificates_pem;
  }
  const auto mechanism = properties.find("sasl.mechanism");
  if (mechanism == properties.end()) return properties;
  const bool is_plain = mechanism->second == "PLAIN";
  properties["sasl.username"] = secret(is_plain ? "sasl.plain.username" : "sasl.scram.username");
  properties["sasl.password"] = secret(is_plain ? "sasl.plain.password" : "sasl.scram.password");
  return properties;
}

}  // namespace croft::rules
