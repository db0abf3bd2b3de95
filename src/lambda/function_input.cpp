#include "lambda/function_input.h"

#include <array>
#include <charconv>
#include <optional>

#include "lambda/errors.h"
#include "lambda/limits.h"

namespace croft::lambda {
namespace {

// Lambda Developer Guide, "Reserved environment variables".
constexpr std::array reserved_variables = {"_HANDLER",
                                           "_X_AMZN_TRACE_ID",
                                           "AWS_REGION",
                                           "AWS_EXECUTION_ENV",
                                           "AWS_LAMBDA_FUNCTION_NAME",
                                           "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                           "AWS_LAMBDA_FUNCTION_VERSION",
                                           "AWS_LAMBDA_INITIALIZATION_TYPE",
                                           "AWS_LAMBDA_LOG_GROUP_NAME",
                                           "AWS_LAMBDA_LOG_STREAM_NAME",
                                           "AWS_ACCESS_KEY",
                                           "AWS_ACCESS_KEY_ID",
                                           "AWS_SECRET_ACCESS_KEY",
                                           "AWS_SESSION_TOKEN",
                                           "AWS_LAMBDA_RUNTIME_API",
                                           "LAMBDA_TASK_ROOT",
                                           "LAMBDA_RUNTIME_DIR"};

constexpr std::string_view runtime_constraint =
    "Member must satisfy enum value set: [nodejs24.x, nodejs22.x, nodejs20.x, nodejs18.x, nodejs16.x, nodejs14.x, "
    "nodejs12.x, python3.14, python3.13, python3.12, python3.11, python3.10, python3.9, python3.8, python3.7, "
    "python3.6, provided.al2, provided.al2023] or be a valid ARN";

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Templates often carry numbers as text.
std::optional<std::int64_t> as_integer(const json::value& v) {
  if (v.is_int64()) return v.get_int64();
  if (v.is_uint64() || v.is_double()) return std::nullopt;
  if (!v.is_string()) return std::nullopt;
  std::int64_t number = 0;
  const json::string& text = v.get_string();
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

struct Bounds {
  const char* member;        // in the request
  const char* message_name;  // in the refusal
  std::int64_t low;
  std::int64_t high;
};

Result<void> read_integer(const json::object& input, const Bounds& bounds, std::int64_t& out) {
  const json::value* member = json::find(input, bounds.member);
  if (!member || member->is_null()) return {};
  std::optional<std::int64_t> number = as_integer(*member);
  if (!number) return invalid_parameter(std::string(bounds.member) + " must be an integer");
  if (*number < bounds.low) {
    return validation_error(bounds.message_name, std::to_string(*number),
                            "Member must have value greater than or equal to " + std::to_string(bounds.low));
  }
  if (*number > bounds.high) {
    return validation_error(bounds.message_name, std::to_string(*number),
                            "Member must have value less than or equal to " + std::to_string(bounds.high));
  }
  out = *number;
  return {};
}

Result<void> read_text(const json::object& input, std::string_view name, std::string_view message_name,
                       std::size_t length_max, std::string& out) {
  const json::value* member = json::find(input, name);
  if (!member || member->is_null()) return {};
  if (!member->is_string()) return invalid_parameter(std::string(name) + " must be a string");
  std::string_view text = member->get_string();
  if (text.size() > length_max) {
    return validation_error(message_name, text.substr(0, length_max),
                            "Member must have length less than or equal to " + std::to_string(length_max));
  }
  if (text.find('\0') != std::string_view::npos) {
    return invalid_parameter(std::string(name) + " must not contain a null character");
  }
  out = text;
  return {};
}

bool is_variable_name(std::string_view name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (name.empty() || !letter(name[0])) return false;
  for (char c : name) {
    if (!letter(c) && !(c >= '0' && c <= '9') && c != '_') return false;
  }
  return true;
}

bool is_reserved(std::string_view name) {
  for (std::string_view reserved : reserved_variables) {
    if (reserved == name) return true;
  }
  return false;
}

Result<void> check_variable(std::string_view name, const json::value& value) {
  if (is_reserved(name)) {
    return invalid_parameter(
        "Lambda was unable to configure your environment variables because the environment variables you have "
        "provided contains reserved keys that are currently not supported for modification. Reserved keys used in "
        "this request: " +
        std::string(name));
  }
  if (!is_variable_name(name)) {
    return validation_error("environment.variables", name,
                            "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: "
                            "[a-zA-Z]([a-zA-Z0-9_])+]");
  }
  if (!value.is_string() || std::string_view(value.get_string()).find('\0') != std::string_view::npos) {
    return invalid_parameter("Environment variable " + std::string(name) + " must be a string");
  }
  return {};
}

// CloudFormation may hand over numbers and booleans where the API wants strings.
json::value as_text(const json::value& v) {
  if (v.is_string() || v.is_object() || v.is_array() || v.is_null()) return v;
  return json::value(json::dump(v));
}

Result<void> read_environment(const json::object& input, Function& f) {
  const json::value* member = json::find(input, "Environment");
  if (!member || member->is_null()) return {};
  if (!member->is_object()) return invalid_parameter("Environment must be an object");
  json::object variables;
  std::size_t bytes = 0;
  const json::value* given = json::find(member->get_object(), "Variables");
  if (given && given->is_object()) {
    for (const auto& [name, value] : given->get_object()) {
      json::value text = as_text(value);
      Result<void> checked = check_variable(name, text);
      if (!checked) return checked;
      bytes += name.size() + text.get_string().size();
      variables[name] = std::move(text);
    }
  }
  if (bytes > limits::environment_bytes_max) {
    return invalid_parameter(
        "Lambda was unable to configure your environment variables because the environment variables you have "
        "provided exceeded the 4KB limit.");
  }
  f.environment = std::move(variables);
  return {};
}

Result<void> read_runtime(const json::object& input, Function& f) {
  Result<void> read = read_text(input, "Runtime", "runtime", limits::handler_length_max, f.runtime);
  if (!read) return read;
  if (f.runtime.empty() || is_known_runtime(f.runtime)) return {};
  return invalid_parameter("Value " + f.runtime +
                           " at 'runtime' failed to satisfy constraint: " + std::string(runtime_constraint));
}

Result<void> refuse_unsupported(const json::object& input) {
  if (json::string_or(input, "PackageType", "Zip") != "Zip") return not_supported("PackageType Image");
  for (const char* name : {"ImageConfig", "CapacityProviderConfig", "DurableConfig", "TenancyConfig"}) {
    const json::value* member = json::find(input, name);
    if (member && !member->is_null()) return not_supported(name);
  }
  const json::value* layers = json::find(input, "Layers");
  if (layers && layers->is_array() && !layers->get_array().empty()) return not_supported("Layers");
  return {};
}

void keep_shown(const json::object& input, Function& f) {
  for (const char* name : {"VpcConfig", "DeadLetterConfig", "KMSKeyArn", "FileSystemConfigs", "LoggingConfig"}) {
    const json::value* member = json::find(input, name);
    if (member && !member->is_null()) f.shown[name] = *member;
  }
  const json::value* tracing = json::find(input, "TracingConfig");
  if (tracing && tracing->is_object()) f.tracing = json::string_or(tracing->get_object(), "Mode", f.tracing);
}

Result<void> read_texts(const json::object& input, Function& f) {
  Result<void> read = read_text(input, "Role", "role", 256, f.role);
  if (read) read = read_text(input, "Handler", "handler", limits::handler_length_max, f.handler);
  if (read) read = read_text(input, "Description", "description", limits::description_length_max, f.description);
  return read;
}

Result<void> read_sizes(const json::object& input, Function& f) {
  Result<void> read = read_integer(input, {"Timeout", "timeout", 1, limits::timeout_s_max}, f.timeout_s);
  if (read) {
    read =
        read_integer(input, {"MemorySize", "memorySize", limits::memory_mb_min, limits::memory_mb_max}, f.memory_mb);
  }
  const json::value* storage = json::find(input, "EphemeralStorage");
  if (read && storage && storage->is_object()) {
    read =
        read_integer(storage->get_object(),
                     {"Size", "ephemeralStorage.size", limits::storage_mb_min, limits::storage_mb_max}, f.storage_mb);
  }
  return read;
}

}  // namespace

bool is_known_runtime(std::string_view runtime) {
  if (runtime == "provided.al2" || runtime == "provided.al2023") return true;
  if (runtime.starts_with("python3.")) return is_number(runtime.substr(8));
  if (!runtime.starts_with("nodejs") || !runtime.ends_with(".x")) return false;
  return is_number(runtime.substr(6, runtime.size() - 8));
}

Result<void> read_architecture(const json::object& input, Function& f) {
  const json::value* member = json::find(input, "Architectures");
  if (!member || member->is_null()) return {};
  if (member->is_array() && member->get_array().size() == 1 && member->get_array()[0].is_string()) {
    std::string_view name = member->get_array()[0].get_string();
    if (name == "x86_64" || name == "arm64") {
      f.architecture = name;
      return {};
    }
  }
  return validation_error("architectures", json::dump(*member),
                          "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64]]");
}

Result<Function> with_configuration(Function f, const json::object& input) {
  Result<void> read = refuse_unsupported(input);
  if (read) read = read_runtime(input, f);
  if (read) read = read_texts(input, f);
  if (read) read = read_sizes(input, f);
  if (read) read = read_environment(input, f);
  if (read) read = read_architecture(input, f);
  if (!read) return read.error();
  keep_shown(input, f);
  return f;
}

Result<void> check_complete(const Function& f) {
  if (f.role.empty()) return validation_error("role", "null", "Member must not be null");
  if (f.runtime.empty() || f.handler.empty()) {
    return invalid_parameter(
        "Runtime and Handler are mandatory parameters for functions created with deployment "
        "packages.");
  }
  return {};
}

Result<json::object> read_tags(const json::value& tags) {
  json::object out;
  if (tags.is_object()) out = tags.get_object();
  if (tags.is_array()) {
    for (const json::value& tag : tags.get_array()) {
      if (!tag.is_object()) return invalid_parameter("Tags must hold a Key and a Value");
      const json::object& o = tag.get_object();
      out[json::string_or(o, "Key", "")] = json::string_or(o, "Value", "");
    }
  }
  for (const auto& [key, value] : out) {
    if (key.empty() || !value.is_string()) return invalid_parameter("Tags must be strings with non-empty keys");
  }
  if (out.size() > limits::tags_max) return invalid_parameter("Number of tags exceeds resource tag limit.");
  return out;
}

}  // namespace croft::lambda
