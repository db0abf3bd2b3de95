#include "things/registry.h"

#include <algorithm>

#include "text/json.h"
#include "things/errors.h"
#include "things/registry_change.h"
#include "things/rows.h"
#include "types/assert.h"

namespace croft::things {

namespace {

std::string end_of(std::string_view prefix) {
  std::string end(prefix);
  ++end.back();
  return end;
}

}  // namespace

Registry::Change::Change(Registry& registry) : registry_(registry), lock_(registry.mutex_) {}

void Registry::Change::commit() {
  {
    std::lock_guard sets_lock(registry_.sets_mutex_);
    for (const std::string& id : affected_) registry_.sets_.erase(id);
  }
  registry_.store_.write(std::move(batch));
  committed_ = true;
}

Registry::Change::~Change() {
  lock_.unlock();
  if (!committed_ || affected_.empty()) return;
  registry_.revision_.fetch_add(1, std::memory_order_acq_rel);
  for (const std::string& id : affected_) {
    for (const auto& listener : registry_.listeners_) listener(id);
  }
}

std::string age_key(Timestamp created, std::string_view name) {
  std::string digits = std::to_string(std::max<std::int64_t>(created.ms, 0));
  digits.insert(0, age_digits - digits.size(), '0');
  return digits.append(name);
}

Registry::Registry(Store& store, Instance instance) : store_(store), instance_(std::move(instance)) {}

Result<std::unique_ptr<Registry>> Registry::open(Store& store, Instance instance) {
  std::unique_ptr<Registry> registry(new Registry(store, std::move(instance)));
  auto loaded = registry->load();
  if (!loaded) return loaded.error();
  return registry;
}

Result<void> Registry::load() {
  Result<void> outcome;
  const auto rows = [&](std::string_view prefix, auto read, auto& into) {
    store_.visit(Family::registry, prefix, end_of(prefix), false, [&](std::string_view key, std::string_view row) {
      auto entry = read(key.substr(prefix.size()), row);
      if (!entry) {
        outcome = entry.error();
        return false;
      }
      into.emplace(key.substr(prefix.size()), std::move(*entry));
      return true;
    });
  };
  rows(keys::thing, thing_from, things_);
  rows(keys::thing_type, thing_type_from, types_);
  rows(keys::thing_group, thing_group_from, groups_);
  rows(keys::certificate, certificate_from, certificates_);
  rows(keys::policy, policy_from, policies_);
  rows(keys::authorizer, authorizer_from, authorizers_);
  default_authorizer_ = store_.get(Family::registry, keys::default_authorizer).value_or("");
  for (const auto& [id, certificate] : certificates_) certificates_by_age_.insert(age_key(certificate.created, id));
  load_relation(keys::thing_principal, principals_of_things_);
  load_relation(keys::policy_target, targets_of_policies_);
  load_relation(keys::thing_group_member, members_of_groups_);
  if (!outcome) return outcome;

  const auto row = store_.get(Family::registry, keys::event_configurations);
  if (!row) return outcome;
  auto members = json::parse(*row);
  if (!members || !members->is_object())
    return Error{"StoreFormat", "the event configurations are not readable", 500};
  for (const auto& [name, value] : members->get_object()) {
    if (value.is_bool()) events_.enabled.emplace(name, value.get_bool());
  }
  events_.created = {json::int_or(members->get_object(), "created", 0)};
  events_.modified = {json::int_or(members->get_object(), "modified", 0)};
  return outcome;
}

void Registry::load_relation(std::string_view prefix, Relation& relation) {
  store_.visit(Family::registry, prefix, end_of(prefix), false, [&](std::string_view key, std::string_view mark) {
    const std::string_view pair = key.substr(prefix.size());
    const std::size_t slash = pair.find('/');  // names on the left hold none
    CROFT_ASSERT(slash != std::string_view::npos);
    relation.add(pair.substr(0, slash), pair.substr(slash + 1), mark == "1");
    return true;
  });
}

void Registry::on_change(std::function<void(const std::string&)> listener) {
  listeners_.push_back(std::move(listener));
}

std::optional<CertificateFacts> Registry::certificate(std::string_view certificate_id) const {
  std::shared_lock lock(mutex_);
  const auto at = certificates_.find(certificate_id);
  if (at == certificates_.end()) return std::nullopt;
  return CertificateFacts{at->first, certificate_arn(at->first), at->second.status};
}

void Registry::add_policies_of(std::string_view target,
                               std::vector<std::shared_ptr<const identity::Policy>>& out) const {
  for (const std::string& name : targets_of_policies_.left_of(target)) {
    const auto policy = policies_.find(name);
    CROFT_ASSERT(policy != policies_.end());
    const auto& compiled = policy->second.compiled;
    if (std::find(out.begin(), out.end(), compiled) == out.end()) out.push_back(compiled);
  }
}

std::shared_ptr<const identity::PolicySet> Registry::policies_of(std::string_view certificate_id) const {
  std::shared_lock lock(mutex_);
  std::lock_guard sets_lock(sets_mutex_);
  auto& set = sets_[std::string(certificate_id)];
  if (!set) {
    std::vector<std::shared_ptr<const identity::Policy>> policies;
    add_policies_of(certificate_arn(certificate_id), policies);
    set = std::make_shared<const identity::PolicySet>(std::move(policies));
    if (!certificates_.contains(certificate_id)) {
      auto unknown = set;
      sets_.erase(std::string(certificate_id));  // strangers must not fill the memory
      return unknown;
    }
  }
  return set;
}

std::shared_ptr<const identity::PolicySet> Registry::policies_of(std::string_view certificate_id,
                                                                 std::string_view client_id) const {
  std::shared_lock lock(mutex_);
  const std::string arn = certificate_arn(certificate_id);
  const bool has_groups = principals_of_things_.has(client_id, arn) && !members_of_groups_.left_of(client_id).empty();
  if (!has_groups) {
    lock.unlock();
    return policies_of(certificate_id);
  }
  std::vector<std::shared_ptr<const identity::Policy>> policies;
  add_policies_of(arn, policies);
  for (const std::string& group : members_of_groups_.left_of(client_id)) {
    for (const std::string& ancestor : lineage(group)) add_policies_of(thing_group_arn(ancestor), policies);
  }
  return std::make_shared<const identity::PolicySet>(std::move(policies));
}

std::vector<std::string> Registry::things_of(std::string_view certificate_id) const {
  std::shared_lock lock(mutex_);
  const auto& things = principals_of_things_.left_of(certificate_arn(certificate_id));
  return {things.begin(), things.end()};
}

std::optional<std::string> Registry::exclusive_thing(std::string_view certificate_id) const {
  std::shared_lock lock(mutex_);
  const std::string arn = certificate_arn(certificate_id);
  for (const std::string& thing : principals_of_things_.left_of(arn)) {
    if (principals_of_things_.right_of(thing).find(arn)->second) return thing;
  }
  return std::nullopt;
}

std::optional<ConnectionThing> Registry::connection_thing(std::string_view certificate_id,
                                                          std::string_view client_id) const {
  const std::optional<std::string> exclusive = exclusive_thing(certificate_id);
  std::shared_lock lock(mutex_);
  const std::string name(exclusive ? std::string_view(*exclusive) : client_id);
  if (!principals_of_things_.has(name, certificate_arn(certificate_id))) return std::nullopt;
  const auto thing = things_.find(name);
  if (thing == things_.end()) return std::nullopt;
  return ConnectionThing{thing->second, exclusive.has_value()};
}

std::string Registry::thing_arn(std::string_view name) const {
  return instance_.arn("iot", keys::of("thing/", name));
}
std::string Registry::thing_type_arn(std::string_view name) const {
  return instance_.arn("iot", keys::of("thingtype/", name));
}
std::string Registry::thing_group_arn(std::string_view name) const {
  return instance_.arn("iot", keys::of("thinggroup/", name));
}
std::string Registry::certificate_arn(std::string_view id) const {
  return instance_.arn("iot", keys::of("cert/", id));
}
std::string Registry::policy_arn(std::string_view name) const {
  return instance_.arn("iot", keys::of("policy/", name));
}

std::optional<std::string> Registry::certificate_id_of(std::string_view arn) const {
  const std::string prefix = certificate_arn("");
  if (!arn.starts_with(prefix)) return std::nullopt;
  return std::string(arn.substr(prefix.size()));
}

std::optional<std::string> Registry::group_of_arn(std::string_view arn) const {
  const std::string prefix = thing_group_arn("");
  if (!arn.starts_with(prefix)) return std::nullopt;
  return std::string(arn.substr(prefix.size()));
}

Registry::EventConfigurations Registry::event_configurations() const {
  std::shared_lock lock(mutex_);
  return events_;
}

void Registry::set_event_configurations(const std::map<std::string, bool, std::less<>>& enabled) {
  Change change(*this);
  const Timestamp now = Timestamp::now();
  if (events_.created.ms == 0) events_.created = now;
  events_.modified = now;
  for (const auto& [name, on] : enabled) events_.enabled[name] = on;
  json::object row{{"created", events_.created.ms}, {"modified", events_.modified.ms}};
  for (const auto& [name, on] : events_.enabled) row[name] = on;
  change.batch.put(Family::registry, keys::event_configurations, json::dump(row));
  change.commit();
}

}  // namespace croft::things
