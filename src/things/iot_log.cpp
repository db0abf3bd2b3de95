#include "things/iot_log.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "text/time.h"

namespace croft::things {

namespace {

constexpr std::string_view options_key = "iot-log/options", level_prefix = "iot-log/level/", behind_levels = "iot-log/level0";
constexpr std::size_t file_bytes_max = 16 << 20, files = 2;
constexpr std::array<std::string_view, 5> level_names = {"DEBUG", "INFO", "WARN", "ERROR", "DISABLED"};
constexpr std::array<std::string_view, 3> type_names = {"CLIENT_ID", "SOURCE_IP", "PRINCIPAL_ID"};

template <class Enum, std::size_t n>
std::optional<Enum> find_name(const std::array<std::string_view, n>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

std::string key_of(const IotLog::Target& target) {
  return std::string(level_prefix) + std::string(IotLog::name(target.type)) + "/" + target.name;
}

std::optional<IotLog::Target> target_of(std::string_view key) {
  key.remove_prefix(level_prefix.size());
  const std::size_t slash = key.find('/');
  const auto type = IotLog::target_type_from(key.substr(0, slash));
  if (!type || slash == std::string_view::npos) return std::nullopt;
  return IotLog::Target{*type, std::string(key.substr(slash + 1))};
}

std::optional<IotLog::Options> options_of(std::string_view row) {
  const auto document = json::parse(row);
  if (!document || !document->is_object()) return std::nullopt;
  const json::object& object = document->get_object();
  const auto level = IotLog::level_from(json::string_or(object, "level", ""));
  return IotLog::Options{.role_arn = std::string(json::string_or(object, "roleArn", "")),
                         .level = level.value_or(IotLog::Level::disabled),
                         .all_disabled = json::bool_or(object, "allDisabled", false)};
}

bool is_target(const IotLog::Target& target, const IotLog::Subject& subject) {
  switch (target.type) {
    case IotLog::TargetType::client_id:
      return target.name == subject.client_id;
    case IotLog::TargetType::source_ip:
      return target.name == subject.source_ip;
    case IotLog::TargetType::principal_id:
      return target.name == subject.principal_id;
  }
  return false;
}

// "2017-08-10 16:32:46.070"
std::string time_of(Timestamp at) {
  std::string text = text::iso8601(at);
  text[10] = ' ';
  text.pop_back();
  return text;
}

}  // namespace

std::optional<IotLog::Level> IotLog::level_from(std::string_view name) { return find_name<Level>(level_names, name); }
std::optional<IotLog::TargetType> IotLog::target_type_from(std::string_view name) {
  return find_name<TargetType>(type_names, name);
}
std::string_view IotLog::name(Level level) { return level_names[static_cast<std::size_t>(level)]; }
std::string_view IotLog::name(TargetType type) { return type_names[static_cast<std::size_t>(type)]; }

IotLog::IotLog(Store& store, std::string path)
    : store_(store), path_(path), file_(std::move(path), file_bytes_max, files) {
  Configuration stored;
  if (const auto row = store.get(Family::registry, options_key)) stored.options = options_of(*row);
  store.visit(Family::registry, level_prefix, behind_levels, false, [&](std::string_view key, std::string_view value) {
    const auto target = target_of(key);
    const auto level = level_from(value);
    if (target && level) stored.levels[*target] = *level;
    return true;
  });
  replace(std::move(stored));
}

std::shared_ptr<const IotLog::Configuration> IotLog::configuration() const {
  std::lock_guard lock(mutex_);
  return configuration_;
}

void IotLog::replace(Configuration configuration) {
  Level lowest = Level::disabled;
  if (configuration.options && !configuration.options->all_disabled) {
    lowest = configuration.options->level;
    for (const auto& [target, level] : configuration.levels) lowest = std::min(lowest, level);
  }
  std::lock_guard lock(mutex_);
  configuration_ = std::make_shared<const Configuration>(std::move(configuration));
  lowest_ = path_.empty() ? Level::disabled : lowest;
}

std::optional<IotLog::Options> IotLog::options() const { return configuration()->options; }
IotLog::Levels IotLog::levels() const { return configuration()->levels; }

void IotLog::set_options(Options options) {
  Batch batch;
  batch.put(Family::registry, options_key,
            json::dump(json::object{
                {"roleArn", options.role_arn}, {"level", name(options.level)}, {"allDisabled", options.all_disabled}}));
  store_.write(std::move(batch));
  Configuration changed = *configuration();
  changed.options = std::move(options);
  replace(std::move(changed));
}

void IotLog::set_level(Target target, Level level) {
  Batch batch;
  batch.put(Family::registry, key_of(target), name(level));
  store_.write(std::move(batch));
  Configuration changed = *configuration();
  changed.levels[std::move(target)] = level;
  replace(std::move(changed));
}

void IotLog::remove_level(const Target& target) {
  Batch batch;
  batch.erase(Family::registry, key_of(target));
  store_.write(std::move(batch));
  Configuration changed = *configuration();
  changed.levels.erase(target);
  replace(std::move(changed));
}

bool IotLog::wants(Level level, const Subject& subject) const {
  if (level < lowest_.load(std::memory_order_relaxed)) return false;
  const auto now = configuration();
  std::optional<Level> own;
  for (const auto& [target, its_level] : now->levels)
    if (is_target(target, subject)) own = std::min(own.value_or(Level::disabled), its_level);
  return level >= own.value_or(now->options->level) && level < Level::disabled;
}

void IotLog::write(Level level, const json::object& entry) {
  json::object line{{"timestamp", time_of(Timestamp::now())}, {"logLevel", name(level)}};
  for (const auto& [key, value] : entry) line[key] = value;
  file_.write(json::dump(line));
}

IotLog::Excerpt IotLog::read(std::int64_t after) const {
  std::ifstream file(path_, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const std::int64_t size = file.tellg();
  const bool is_tail = after < 0;
  if (is_tail) after = std::max<std::int64_t>(size - tail_bytes, 0);
  if (after > size) after = 0;
  std::string bytes(static_cast<std::size_t>(std::min<std::int64_t>(size - after, 16 * tail_bytes)), '\0');
  file.seekg(after);
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(bytes.rfind('\n') + 1);  // npos + 1 is 0
  const std::int64_t next = after + static_cast<std::int64_t>(bytes.size());
  if (is_tail && after > 0) bytes.erase(0, bytes.find('\n') + 1);
  return {std::move(bytes), next};
}

}  // namespace croft::things
