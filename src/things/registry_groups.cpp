#include <algorithm>

#include "text/digest.h"
#include "things/errors.h"
#include "things/limits.h"
#include "things/registry_change.h"
#include "things/rows.h"

namespace croft::things {

// --- Thing types --------------------------------------------------------------------------------------------------

Result<ThingType> Registry::create_thing_type(ThingType type) {
  auto name_is = check_thing_name(type.name, "thingTypeName");
  if (!name_is) return name_is.error();
  if (type.description.size() > limits::description_bytes_max)
    return invalid_request("thingTypeDescription is too long");
  if (type.searchable_attributes.size() > limits::searchable_attributes_max) {
    return invalid_request("A thing type can have up to 3 searchable attributes");
  }
  Change change(*this);
  std::vector<std::string>& wanted = type.searchable_attributes;
  std::sort(wanted.begin(), wanted.end());
  if (const auto known = types_.find(type.name); known != types_.end()) {
    const bool same = known->second.description == type.description && known->second.searchable_attributes == wanted;
    if (same) return known->second;
    return already_exists("Thing type " + type.name + " already exists in account with different properties",
                          known->second.id, thing_type_arn(type.name));
  }
  type.id = text::random_uuid();
  type.created = Timestamp::now();
  type.deprecated.reset();
  change.batch.put(Family::registry, keys::of(keys::thing_type, type.name), row(type));
  types_[type.name] = type;
  change.commit();
  return type;
}

Result<ThingType> Registry::thing_type(std::string_view name) const {
  std::shared_lock lock(mutex_);
  const auto at = types_.find(name);
  if (at == types_.end()) return not_found("Thing type", name);
  return at->second;
}

Result<void> Registry::deprecate_thing_type(std::string_view name, bool undo) {
  Change change(*this);
  const auto at = types_.find(name);
  if (at == types_.end()) return not_found("Thing type", name);
  ThingType& type = at->second;
  if (undo) type.deprecated.reset();
  if (!undo && !type.deprecated) type.deprecated = Timestamp::now();
  change.batch.put(Family::registry, keys::of(keys::thing_type, name), row(type));
  change.commit();
  return {};
}

// AWS also wants five minutes to have passed since the deprecation; croft has no caches that would need them.
Result<void> Registry::delete_thing_type(std::string_view name) {
  Change change(*this);
  const auto at = types_.find(name);
  if (at == types_.end()) return not_found("Thing type", name);
  if (!at->second.deprecated) {
    return invalid_request("Cannot delete thing type : " + std::string(name) + ". It must be deprecated first");
  }
  const bool used =
      std::any_of(things_.begin(), things_.end(), [&](const auto& t) { return t.second.type_name == name; });
  if (used) return invalid_request("Cannot delete thing type : " + std::string(name) + ". Things of this type exist");
  change.batch.erase(Family::registry, keys::of(keys::thing_type, name));
  types_.erase(at);
  change.commit();
  return {};
}

Page<ThingType> Registry::thing_types(const PageRequest& page) const {
  std::shared_lock lock(mutex_);
  return page_of(types_, page, [](const ThingType&) { return true; });
}

// --- Thing groups -------------------------------------------------------------------------------------------------

Result<ThingGroup> Registry::create_thing_group(ThingGroup group) {
  auto name_is = check_thing_name(group.name, "thingGroupName");
  if (!name_is) return name_is.error();
  auto attributes_are = check_attributes(group.attributes);
  if (!attributes_are) return attributes_are.error();
  if (group.description.size() > limits::description_bytes_max)
    return invalid_request("thingGroupDescription is too long");
  if (group.attributes.size() > limits::attributes_max) return invalid_request("Too many attributes");

  Change change(*this);
  if (const auto known = groups_.find(group.name); known != groups_.end()) {
    const ThingGroup& old = known->second;
    const bool same =
        old.parent == group.parent && old.description == group.description && old.attributes == group.attributes;
    if (same) return old;
    return already_exists(
        "Thing Group " + group.name + " already exists in current account with different properties", old.id,
        thing_group_arn(group.name));
  }
  if (!group.parent.empty()) {
    if (!groups_.contains(group.parent)) return not_found("Thing group", group.parent);
    if (lineage(group.parent).size() >= limits::group_depth_max)
      return invalid_request("Thing groups nest up to 7 deep");
    const auto children = std::count_if(groups_.begin(), groups_.end(),
                                        [&](const auto& other) { return other.second.parent == group.parent; });
    if (static_cast<std::size_t>(children) >= limits::child_groups_max) {
      return invalid_request("A thing group can have up to 100 children");
    }
  }
  group.id = text::random_uuid();
  group.created = Timestamp::now();
  group.version = 1;
  change.batch.put(Family::registry, keys::of(keys::thing_group, group.name), row(group));
  groups_[group.name] = group;
  change.commit();
  return group;
}

Result<ThingGroup> Registry::thing_group(std::string_view name) const {
  std::shared_lock lock(mutex_);
  const auto at = groups_.find(name);
  if (at == groups_.end()) return not_found("Thing group", name);
  return at->second;
}

Result<void> Registry::delete_thing_group(std::string_view name, std::optional<std::int64_t> expected_version) {
  Change change(*this);
  const auto at = groups_.find(name);
  if (at == groups_.end()) return {};  // DeleteThingGroup has no ResourceNotFoundException in the API model
  if (expected_version && *expected_version != at->second.version) {
    return version_conflict(name, *expected_version, at->second.version);
  }
  if (descendants(name).size() > 1) {
    return invalid_request("Cannot delete thing group : " + std::string(name) +
                           " when there are still child groups attached to it");
  }
  const std::string arn = thing_group_arn(name);
  affect_target(arn, change);
  const Relation::Left policies = targets_of_policies_.left_of(arn);
  for (const std::string& policy : policies) {
    targets_of_policies_.remove(policy, arn);
    change.batch.erase(Family::registry, keys::of(keys::policy_target, policy, arn));
  }
  const Relation::Right members = members_of_groups_.right_of(name);
  for (const auto& [thing, mark] : members) {
    members_of_groups_.remove(name, thing);
    change.batch.erase(Family::registry, keys::of(keys::thing_group_member, name, thing));
  }
  change.batch.erase(Family::registry, keys::of(keys::thing_group, name));
  groups_.erase(at);
  change.commit();
  return {};
}

Result<Page<ThingGroup>> Registry::thing_groups(std::string_view parent, bool recursive,
                                                const PageRequest& page) const {
  std::shared_lock lock(mutex_);
  if (parent.empty()) return page_of(groups_, page, [](const ThingGroup&) { return true; });
  if (!groups_.contains(parent)) return not_found("Thing group", parent);
  return page_of(groups_, page, [&](const ThingGroup& group) {
    if (!recursive) return group.parent == parent;
    const auto line = lineage(group.parent);
    return std::find(line.begin(), line.end(), parent) != line.end();
  });
}

Result<void> Registry::add_to_group(std::string_view group, std::string_view thing) {
  Change change(*this);
  if (!groups_.contains(group)) return not_found("Thing group", group);
  if (!things_.contains(thing)) return not_found("Thing", thing);
  if (members_of_groups_.has(group, thing)) return {};
  if (members_of_groups_.left_of(thing).size() >= limits::groups_of_thing_max) {
    return invalid_request("A thing can be in up to 10 thing groups");
  }
  members_of_groups_.add(group, thing);
  change.batch.put(Family::registry, keys::of(keys::thing_group_member, group, thing), "");
  affect_thing(thing, change);
  change.commit();
  return {};
}

Result<void> Registry::remove_from_group(std::string_view group, std::string_view thing) {
  Change change(*this);
  if (!groups_.contains(group)) return not_found("Thing group", group);
  if (!things_.contains(thing)) return not_found("Thing", thing);
  if (!members_of_groups_.remove(group, thing)) return {};
  change.batch.erase(Family::registry, keys::of(keys::thing_group_member, group, thing));
  affect_thing(thing, change);
  change.commit();
  return {};
}

Result<std::vector<std::string>> Registry::things_in_group(std::string_view group, bool recursive) const {
  std::shared_lock lock(mutex_);
  if (!groups_.contains(group)) return not_found("Thing group", group);
  std::set<std::string> names;
  for (const std::string& each : recursive ? descendants(group) : std::vector<std::string>{std::string(group)}) {
    for (const auto& [thing, mark] : members_of_groups_.right_of(each)) names.insert(thing);
  }
  return std::vector<std::string>(names.begin(), names.end());
}

Result<std::vector<std::string>> Registry::groups_of_thing(std::string_view thing) const {
  std::shared_lock lock(mutex_);
  if (!things_.contains(thing)) return not_found("Thing", thing);
  const auto& groups = members_of_groups_.left_of(thing);
  return std::vector<std::string>(groups.begin(), groups.end());
}

// The group and its ancestors, nearest first.
std::vector<std::string> Registry::lineage(std::string_view group) const {
  std::vector<std::string> line;
  auto at = groups_.find(group);
  while (at != groups_.end() && line.size() < limits::group_depth_max) {
    line.push_back(at->first);
    if (at->second.parent.empty()) break;
    at = groups_.find(at->second.parent);
  }
  return line;
}

// The group and all below it.
std::vector<std::string> Registry::descendants(std::string_view group) const {
  std::vector<std::string> found;
  for (const auto& [name, each] : groups_) {
    const auto line = lineage(name);
    if (std::find(line.begin(), line.end(), group) != line.end()) found.push_back(name);
  }
  return found;
}

}  // namespace croft::things
