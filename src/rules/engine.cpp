#include "rules/engine.h"

#include "broker/basic_ingest.h"
#include "observe/log.h"
#include "rules/limits.h"

namespace croft::rules {

static constexpr std::string_view row_prefix = "rule/";

RuleSet::Index::Index(Rules rules) : rules_(std::move(rules)) {
  for (const auto& [name, rule] : rules_)
    if (!rule->query().topic_filter().empty()) by_filter_.insert(rule->query().topic_filter(), {rule});
}

template <class Visit>
void RuleSet::Index::match(std::string_view topic, Visit visit) const {
  if (by_filter_.size() == 0) return;
  by_filter_.match(topic, mqtt::ParentMatch::no, [&](const Entry& entry) { visit(entry.rule); });
}

RuleSet::RuleSet(std::shared_ptr<const Index> unchanged, Rules changes)
    : unchanged_(std::move(unchanged)), changes_(std::move(changes)) {
  Rules present;
  for (const auto& [name, rule] : changes_)
    if (rule) present.emplace(name, rule);
  if (!present.empty()) changed_ = std::make_shared<const Index>(std::move(present));
}

RuleSet RuleSet::with(const std::string& name, RulePtr rule) const {
  Rules changes = changes_;
  changes[name] = std::move(rule);
  if (changes.size() <= changes_max) return RuleSet(unchanged_, std::move(changes));
  Rules all = unchanged_->rules();
  for (auto& [changed, now] : changes) {
    if (now)
      all[changed] = now;
    else
      all.erase(changed);
  }
  return RuleSet(std::move(all));
}

template <class Visit>
void RuleSet::visit(std::string_view topic, Visit visit) const {
  unchanged_->match(topic, [&](const RulePtr& rule) {
    if (changes_.empty() || !changes_.contains(rule->definition().name)) visit(rule);
  });
  if (changed_) changed_->match(topic, visit);
}

RulePtr RuleSet::find(std::string_view name) const {
  if (const auto changed = changes_.find(name); changed != changes_.end()) return changed->second;
  const auto found = unchanged_->rules().find(name);
  return found == unchanged_->rules().end() ? nullptr : found->second;
}

std::vector<RulePtr> RuleSet::match(std::string_view topic) const {
  std::vector<RulePtr> matched;
  if (broker::is_basic_ingest(topic)) {
    if (RulePtr rule = find(broker::ingest_rule(topic))) matched.push_back(std::move(rule));
    return matched;
  }
  visit(topic, [&](const RulePtr& rule) { matched.push_back(rule); });
  return matched;
}

bool RuleSet::matches_any(std::string_view topic) const {
  if (broker::is_basic_ingest(topic)) return true;  // also an unknown name is told about
  bool any = false;
  visit(topic, [&](const RulePtr&) { any = true; });
  return any;
}

Engine::Engine(Store& store, const Instance& instance, ActionTypes types, std::size_t rules_max)
    : store_(store), instance_(instance), types_(std::move(types)), rules_max_(rules_max) {
  for (const Row& row : store.scan(Family::registry, row_prefix, "rule0", SIZE_MAX)) {
    auto document = json::parse(row.value);
    if (!document || !document->is_object()) continue;
    auto definition = RuleDefinition::from_payload(row.key.substr(row_prefix.size()), document->get_object());
    if (!definition) continue;
    const json::value* created = json::find(document->get_object(), "createdAt");
    if (created && created->is_number())
      definition->created_at.ms = static_cast<std::int64_t>(created->to_number<double>() * 1000);
    auto counters = std::make_shared<RuleCounters>();
    auto compiled = Rule::compile(*definition, types_, counters);
    if (!compiled)
      log::error("rules", "rule '" + definition->name + "' does not compile any more and stays off: " + compiled.error().message);
    stored_[definition->name] = {*definition, compiled ? *compiled : nullptr, std::move(counters),
                                 compiled ? "" : compiled.error().message};
  }
  RuleSet::Rules enabled;
  for (const auto& [name, stored] : stored_)
    if (stored.compiled && !stored.definition.disabled) enabled[name] = stored.compiled;
  publish(RuleSet(std::move(enabled)));
}

std::string Engine::arn(std::string_view name) const { return instance_.arn("iot", "rule/" + std::string(name)); }

Error Engine::denied(std::string_view name) const {
  return {"UnauthorizedException", "Access to topic rule '" + std::string(name) + "' was denied", 401};
}

void Engine::change(const std::string& name, const Stored* stored) {
  const bool is_enabled = stored && stored->compiled && !stored->definition.disabled;
  publish(rules()->with(name, is_enabled ? stored->compiled : nullptr));
}

void Engine::publish(RuleSet rules) {
  auto set = std::make_shared<const RuleSet>(std::move(rules));
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
  const auto before = stored_.find(definition.name);
  auto counters = before == stored_.end() ? std::make_shared<RuleCounters>() : before->second.counters;
  auto compiled = Rule::compile(definition, types_, counters);
  if (!compiled) return compiled.error();
  Batch batch;
  batch.put(Family::registry, std::string(row_prefix) + definition.name, json::dump(definition.to_json()));
  store_.write(std::move(batch));
  const std::string name = definition.name;
  stored_[name] = {std::move(definition), std::move(*compiled), std::move(counters), ""};
  change(name, &stored_[name]);
  return {};
}

Result<void> Engine::create(RuleDefinition definition) {
  std::lock_guard lock(mutex_);
  if (stored_.contains(definition.name)) {
    Error error{"ResourceAlreadyExistsException", "Rule " + definition.name + " already exists", 409};
    error.details = json::dump(json::object{{"resourceId", definition.name}, {"resourceArn", arn(definition.name)}});
    return error;
  }
  if (stored_.size() >= rules_max_)
    return Error{"LimitExceededException",
                 "The number of rules exceeds the limit of " + std::to_string(rules_max_) + ".", 410};
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
  const std::string erased = found->first;
  stored_.erase(found);
  change(erased, nullptr);
  return {};
}

std::vector<RuleDefinition> Engine::list() const {
  std::lock_guard lock(mutex_);
  std::vector<RuleDefinition> all;
  for (const auto& [name, stored] : stored_) all.push_back(stored.definition);
  return all;
}

std::vector<Engine::Status> Engine::statuses() const {
  std::lock_guard lock(mutex_);
  std::vector<Status> all;
  for (const auto& [name, stored] : stored_) all.push_back(stored.status());
  return all;
}

std::vector<std::pair<std::string, std::shared_ptr<const RuleCounters>>> Engine::counters_by_rule() const {
  std::lock_guard lock(mutex_);
  std::vector<std::pair<std::string, std::shared_ptr<const RuleCounters>>> all;
  for (const auto& [name, stored] : stored_) all.emplace_back(name, stored.counters);
  return all;
}

Result<Engine::Status> Engine::status(std::string_view name) const {
  std::lock_guard lock(mutex_);
  const auto found = stored_.find(name);
  if (found == stored_.end()) return denied(name);
  return found->second.status();
}

}  // namespace croft::rules
