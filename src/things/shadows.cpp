#include "things/shadows.h"

#include "broker/shadow_topic.h"
#include "observe/log.h"
#include "things/errors.h"
#include "things/limits.h"
#include "things/names.h"

namespace croft::things {

namespace {

constexpr std::string_view prefix = "shadow/";
constexpr std::string_view prefix_end = "shadow0";

std::string key_of(const ShadowId& id) { return std::string(prefix) + id.thing + "/" + id.name; }

// As AWS names a shadow in its errors.
std::string shown(const ShadowId& id) { return id.name.empty() ? id.thing : id.thing + "~" + id.name; }

bool is_forgotten(const Shadow& shadow, Timestamp now) {
  return shadow.is_deleted && now.ms - shadow.timestamp_s * 1000 > limits::shadow_version_kept_ms;
}

}  // namespace

Result<void> check_shadow_id(const ShadowId& id) {
  if (auto thing = check_thing_name(id.thing); !thing) return thing;
  if (id.name.empty() || broker::is_shadow_word(id.name, limits::shadow_name_bytes_max, true)) return {};
  const bool is_long = id.name.size() > limits::shadow_name_bytes_max;
  return invalid_request(
      "1 validation error detected: Value '" + id.name + "' at 'shadowName' failed to satisfy constraint: Member must " +
      (is_long ? "have length less than or equal to 64" : "satisfy regular expression pattern: [$a-zA-Z0-9:_-]+"));
}

Shadows::Shadows(Store& store) : store_(store) {
  Batch batch;
  const Timestamp now = Timestamp::now();
  store_.visit(Family::registry, prefix, prefix_end, false, [&](std::string_view key, std::string_view value) {
    if (value.find("\"x\":true") == std::string_view::npos) return true;  // most are not even parsed
    const auto shadow = shadow_from(value);
    if (shadow && is_forgotten(*shadow, now)) batch.erase(Family::registry, key);
    return true;
  });
  if (!batch.empty()) store_.write(std::move(batch));
}

// Version 0 for one that never was, or is forgotten.
Shadow Shadows::load(const std::string& key, Timestamp now) const {
  const std::optional<std::string> value = store_.get(Family::registry, key);
  if (!value) return {.is_deleted = true};
  auto shadow = shadow_from(*value);
  if (!shadow) {
    log::error("things", "the row " + key + " cannot be read");
    return {.is_deleted = true};
  }
  if (is_forgotten(*shadow, now)) return {.is_deleted = true};
  return std::move(*shadow);
}

Result<Shadow> Shadows::get(const ShadowId& id) const {
  Shadow shadow = load(key_of(id), Timestamp::now());
  if (shadow.is_deleted) return shadow_not_found(shown(id));
  return shadow;
}

Result<std::string> Shadows::document(const ShadowId& id) const {
  auto shadow = get(id);
  if (!shadow) return shadow.error();
  return json::dump(shadow_document(*shadow, std::nullopt, Timestamp::now()));
}

Result<Shadows::Change> Shadows::update(const ShadowId& id, const ShadowUpdate& update, Timestamp now) {
  const std::string key = key_of(id);
  std::lock_guard lock(mutex_of(key));
  Change change{.before = load(key, now), .after = {}};
  auto after = updated(change.before, update, now);
  if (!after) return after.error();
  change.after = std::move(*after);
  Batch batch;
  batch.put(Family::registry, key, row(change.after));
  store_.write(std::move(batch));
  return change;
}

Result<Shadow> Shadows::erase(const ShadowId& id, Timestamp now) {
  const std::string key = key_of(id);
  std::lock_guard lock(mutex_of(key));
  Shadow shadow = load(key, now);
  if (shadow.is_deleted) return shadow_not_found(shown(id));
  const Shadow left{.version = shadow.version, .timestamp_s = now.ms / 1000, .is_deleted = true};
  Batch batch;
  batch.put(Family::registry, key, row(left));
  store_.write(std::move(batch));
  return shadow;
}

std::vector<std::string> Shadows::names(std::string_view thing, std::string_view after, std::size_t limit) const {
  std::vector<std::string> names;
  const std::string start = key_of({std::string(thing), std::string(after)});
  const std::string from = start + '\0', to = std::string(prefix) + std::string(thing) + "0";  // '0' follows '/'
  store_.visit(Family::registry, from, to, false, [&](std::string_view key, std::string_view value) {
    const auto shadow = shadow_from(value);
    if (shadow && !shadow->is_deleted) names.emplace_back(key.substr(prefix.size() + thing.size() + 1));
    return names.size() < limit;
  });
  return names;
}

}  // namespace croft::things
