#include "rules/engine.h"

#include "broker/basic_ingest.h"
#include "observe/log.h"
#include "rules/limits.h"

namespace croft::rules {

static constexpr std::string_view row_prefix = "rule/";

RuleSet::RuleSet(const std::map<std::string, RulePtr, std::less<>>& rules) : by_name_(rules) {
  for (const auto& [name, rule] : rules)
    if (!rule->query().topic_filter().empty()) by_filter_.insert(rule->query().topic_filter(), {rule});
}

std::vector<RulePtr> RuleSet::match(std::string_view topic) const {
  std::vector<RulePtr> matched;
  if (broker::is_basic_ingest(topic)) {
    const auto found = by_name_.find(broker::ingest_rule(topic));
    if (found != by_name_.end()) matched.push_back(found->second);
    return matched;
  }
  by_filter_.match(topic, mqtt::ParentMatch::no, [&](const Entry& entry) { matched.push_back(entry.rule); });
  return matched;
}

bool RuleSet::matches_any(std::string_view topic) const {
  if (broker::is_basic_ingest(topic)) return true;  // also an unknown name is told about
  bool any = false;
  if (by_filter_.size() > 0) by_filter_.match(topic, mqtt::ParentMatch::no, [&](const Entry&) { any = true; });
  return any;
}

Engine::Engine(Store& store, const Instance& instance, ActionTypes types)
    : store_(store), instance_(instance), types_(std::move(types)) {
  for (const Row& row : store.scan(Family::registry, row_prefix, "rule0", SIZE_MAX)) {
    auto document = json::parse(row.value);
    if (!document || !document->is_object()) continue;
    auto definition = RuleDefinition::from_payload(row.key.substr(row_prefix.size()), document->get_object());
    if (!definition) continue;
    const json::value* created = json::find(document->get_object(), "createdAt");
    if (created && created->is_number()) definition->created_at.ms = static_cast<std::int64_t>(created->to_number<double>() * 1000);
    auto compiled = Rule::compile(*definition, types_);
    if (!compiled) log::error("rules", "rule '" + definition->name + "' does not compile any more and stays off: " + compiled.error().message);
    stored_[definition->name] = {*definition, compiled ? *compiled : nullptr};
  }
  rebuild();
}

std::string Engine::arn(std::string_view name) const { return instance_.arn("iot", "rule/" + std::string(name)); }

Error Engine::denied(std::string_view name) const {
  return {"UnauthorizedException", "Access to topic rule '" + std::string(name) + "' was denied", 401};
}

void Engine::rebuild() {
  std::map<std::string, RulePtr, std::less<>> enabled;
  for (const auto& [name, stored] : stored_)
    if (stored.compiled && !stored.definition.disabled) enabled[name] = stored.compiled;
  auto set = std::make_shared<const RuleSet>(enabled);
  {
    std::lock_guard lock(set_mutex_);
    set_.swap(set);
  }
  revision_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const RuleSet> Engine::rules() const {
  std::lock_guard lock(set_mutex_);
  return set_;
}

// Compiles, stores and publishes; the caller holds the mutex.
Result<void> Engine::save(RuleDefinition definition) {
  auto compiled = Rule::compile(definition, types_);
  if (!compiled) return compiled.error();
  Batch batch;
  batch.put(Family::registry, std::string(row_prefix) + definition.name, json::dump(definition.to_json()));
  store_.write(std::move(batch));
  const std::string name = definition.name;
  stored_[name] = {std::move(definition), std::move(*compiled)};
  rebuild();
  return {};
}

Result<void> Engine::create(RuleDefinition definition) {
  std::lock_guard lock(mutex_);
  if (stored_.contains(definition.name)) {
    Error error{"ResourceAlreadyExistsException", "Rule " + definition.name + " already exists", 409};
    error.details = json::dump(json::object{{"resourceId", definition.name}, {"resourceArn", arn(definition.name)}});
    return error;
  }
  if (stored_.size() >= limits::rules_max) return Error{"LimitExceededException", "The number of rules exceeds the limit of 1000.", 410};
  definition.created_at = Timestamp::now();
  return save(std::move(definition));
}

Result<void> Engine::replace(RuleDefinition definition) {
  std::lock_guard lock(mutex_);
  const auto found = stored_.find(definition.name);
  if (found == stored_.end()) return denied(definition.name);
  definition.created_at = found->second.definition.created_at;
  return save(std::move(definition));
}

Result<RuleDefinition> Engine::get(std::string_view name) const {
  std::lock_guard lock(mutex_);
  const auto found = stored_.find(name);
  if (found == stored_.end()) return denied(name);
  return found->second.definition;
}

Result<void> Engine::set_enabled(std::string_view name, bool enabled) {
  std::lock_guard lock(mutex_);
  const auto found = stored_.find(name);
  if (found == stored_.end()) return denied(name);
  RuleDefinition definition = found->second.definition;
  definition.disabled = !enabled;
  return save(std::move(definition));
}

Result<void> Engine::remove(std::string_view name) {
  std::lock_guard lock(mutex_);
  const auto found = stored_.find(name);
  if (found == stored_.end()) return denied(name);
  Batch batch;
  batch.erase(Family::registry, std::string(row_prefix) + std::string(name));
  store_.write(std::move(batch));
  stored_.erase(found);
  rebuild();
  return {};
}

std::vector<RuleDefinition> Engine::list() const {
  std::lock_guard lock(mutex_);
  std::vector<RuleDefinition> all;
  for (const auto& [name, stored] : stored_) all.push_back(stored.definition);
  return all;
}

}  // namespace croft::rules
