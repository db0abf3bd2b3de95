#include "text/digest.h"
#include "things/errors.h"
#include "things/limits.h"
#include "things/registry_change.h"
#include "things/rows.h"

namespace croft::things {

namespace {

void drop_empty_values(Attributes& attributes) {
  std::erase_if(attributes, [](const auto& attribute) { return attribute.second.empty(); });
}

Attributes updated(const Attributes& before, const ThingUpdate& update) {
  if (!update.attributes) return before;
  Attributes after = update.merge ? before : Attributes();
  for (const auto& [name, value] : *update.attributes) after[name] = value;
  drop_empty_values(after);
  return after;
}

bool keeps(const ThingFilter& filter, const Thing& thing) {
  if (!filter.type_name.empty() && thing.type_name != filter.type_name) return false;
  if (filter.attribute_name.empty()) return true;
  const auto attribute = thing.attributes.find(filter.attribute_name);
  if (attribute == thing.attributes.end()) return false;
  return filter.value_is_prefix ? attribute->second.starts_with(filter.attribute_value)
                                : attribute->second == filter.attribute_value;
}

}  // namespace

Result<void> Registry::check_type_and_attributes(std::string_view type_name, const Attributes& attributes) const {
  if (!type_name.empty()) {
    auto type_is = check_thing_name(type_name, "thingTypeName");
    if (!type_is) return type_is.error();
    const auto type = types_.find(type_name);
    if (type == types_.end()) return not_found("Thing type", type_name);
    if (type->second.deprecated) {
      return invalid_request("Can not use deprecated thing type : " + std::string(type_name));
    }
  }
  auto attributes_are = check_attributes(attributes);
  if (!attributes_are) return attributes_are.error();
  const std::size_t max = type_name.empty() ? limits::attributes_without_type_max : limits::attributes_max;
  if (attributes.size() > max) {
    return invalid_request("The number of attributes exceeds the limit of " + std::to_string(max) +
                           (type_name.empty() ? " for a thing without a thing type" : ""));
  }
  return {};
}

Result<Thing> Registry::create_thing(NewThing request) {
  auto name_is = check_thing_name(request.name);
  if (!name_is) return name_is.error();
  drop_empty_values(request.attributes);

  Change change(*this);
  const auto known = things_.find(request.name);
  if (known != things_.end()) {
    const Thing& thing = known->second;
    const bool same = thing.type_name == request.type_name && thing.billing_group == request.billing_group &&
                      thing.attributes == request.attributes;
    if (same) return thing;
    return already_exists("Thing " + thing.name + " already exists in account with different attributes", thing.id,
                          thing_arn(thing.name));
  }
  auto valid = check_type_and_attributes(request.type_name, request.attributes);
  if (!valid) return valid.error();
  Thing thing{.name = request.name,
              .id = text::random_uuid(),
              .type_name = std::move(request.type_name),
              .billing_group = std::move(request.billing_group),
              .attributes = std::move(request.attributes)};
  change.batch.put(Family::registry, keys::of(keys::thing, thing.name), row(thing));
  things_[thing.name] = thing;
  change.commit();
  return thing;
}

Result<Thing> Registry::thing(std::string_view name) const {
  auto name_is = check_thing_name(name);
  if (!name_is) return name_is.error();
  std::shared_lock lock(mutex_);
  const auto at = things_.find(name);
  if (at == things_.end()) return not_found("Thing", name);
  return at->second;
}

Result<Thing> Registry::update_thing(std::string_view name, ThingUpdate update) {
  auto name_is = check_thing_name(name);
  if (!name_is) return name_is.error();
  if (update.remove_type && !update.type_name.empty()) {
    return invalid_request("thingTypeName and removeThingType can not be given together");
  }
  Change change(*this);
  const auto at = things_.find(name);
  if (at == things_.end()) return not_found("Thing", name);
  Thing thing = at->second;
  if (update.expected_version && *update.expected_version != thing.version) {
    return version_conflict(name, *update.expected_version, thing.version);
  }
  const std::string type_before = thing.type_name;
  if (!update.type_name.empty()) thing.type_name = update.type_name;
  if (update.remove_type) thing.type_name.clear();
  thing.attributes = updated(thing.attributes, update);
  // A thing keeps a type that was deprecated since; it may only not be given it anew.
  const bool type_changed = thing.type_name != type_before;
  auto valid = type_changed || thing.type_name.empty() ? check_type_and_attributes(thing.type_name, thing.attributes)
                                                       : check_attributes(thing.attributes);
  if (!valid) return valid.error();
  if (thing.attributes.size() > limits::attributes_max) {
    return invalid_request("The number of attributes exceeds the limit of " + std::to_string(limits::attributes_max));
  }
  ++thing.version;
  change.batch.put(Family::registry, keys::of(keys::thing, thing.name), row(thing));
  affect_thing(name, change);
  at->second = thing;
  change.commit();
  return thing;
}

Result<void> Registry::delete_thing(std::string_view name, std::optional<std::int64_t> expected_version) {
  auto name_is = check_thing_name(name);
  if (!name_is) return name_is.error();
  Change change(*this);
  const auto at = things_.find(name);
  if (at == things_.end()) return not_found("Thing", name);
  if (expected_version && *expected_version != at->second.version) {
    return version_conflict(name, *expected_version, at->second.version);
  }
  if (!principals_of_things_.right_of(name).empty()) {
    return invalid_request("Cannot delete. Thing " + std::string(name) +
                           " is still attached to one or more principals");
  }
  const Relation::Left groups = members_of_groups_.left_of(name);
  for (const std::string& group : groups) {
    members_of_groups_.remove(group, name);
    change.batch.erase(Family::registry, keys::of(keys::thing_group_member, group, name));
  }
  change.batch.erase(Family::registry, keys::of(keys::thing, name));
  things_.erase(at);
  change.commit();
  return {};
}

Page<Thing> Registry::things(const ThingFilter& filter, const PageRequest& page) const {
  std::shared_lock lock(mutex_);
  return page_of(things_, page, [&](const Thing& thing) { return keeps(filter, thing); });
}

Result<void> Registry::check_principal(std::string_view principal) const {
  if (is_cognito_identity(principal)) return {};
  const auto id = certificate_id_of(principal);
  if (!id) return invalid_request("Invalid principal: it must be the ARN of a certificate or a Cognito identity id");
  if (!certificates_.contains(*id)) return not_found("Certificate", *id);
  return {};
}

Result<void> Registry::attach_thing_principal(std::string_view thing, std::string_view principal, bool exclusive) {
  auto name_is = check_thing_name(thing);
  if (!name_is) return name_is.error();
  Change change(*this);
  if (!things_.contains(thing)) return not_found("Thing", thing);
  auto valid = check_principal(principal);
  if (!valid) return valid.error();
  for (const std::string& other : principals_of_things_.left_of(principal)) {
    if (other == thing) continue;
    const bool taken = principals_of_things_.right_of(other).find(principal)->second;
    if (taken) return invalid_request("The principal is attached exclusively to another thing");
    if (exclusive) return invalid_request("The principal is attached to other things and can not become exclusive");
  }
  if (principals_of_things_.right_of(thing).size() >= limits::principals_of_thing_max) {
    return invalid_request("Too many principals are attached to thing " + std::string(thing));
  }
  change.batch.put(Family::registry, keys::of(keys::thing_principal, thing, principal), exclusive ? "1" : "0");
  principals_of_things_.add(thing, principal, exclusive);
  if (const auto id = certificate_id_of(principal)) change.affect(*id);
  change.commit();
  return {};
}

Result<void> Registry::detach_thing_principal(std::string_view thing, std::string_view principal) {
  auto name_is = check_thing_name(thing);
  if (!name_is) return name_is.error();
  Change change(*this);
  if (!things_.contains(thing)) return not_found("Thing", thing);
  if (!principals_of_things_.remove(thing, principal)) return {};
  change.batch.erase(Family::registry, keys::of(keys::thing_principal, thing, principal));
  if (const auto id = certificate_id_of(principal)) change.affect(*id);
  change.commit();
  return {};
}

Result<std::vector<Attachment>> Registry::principals_of_thing(std::string_view thing) const {
  auto name_is = check_thing_name(thing);
  if (!name_is) return name_is.error();
  std::shared_lock lock(mutex_);
  if (!things_.contains(thing)) return not_found("Thing", thing);
  std::vector<Attachment> attachments;
  for (const auto& [principal, exclusive] : principals_of_things_.right_of(thing)) {
    attachments.push_back({principal, exclusive});
  }
  return attachments;
}

Result<std::vector<Attachment>> Registry::things_of_principal(std::string_view principal) const {
  std::shared_lock lock(mutex_);
  auto valid = check_principal(principal);
  if (!valid) return valid.error();
  std::vector<Attachment> attachments;
  for (const std::string& thing : principals_of_things_.left_of(principal)) {
    attachments.push_back({thing, principals_of_things_.right_of(thing).find(principal)->second});
  }
  return attachments;
}

void Registry::affect_thing(std::string_view thing, Change& change) const {
  for (const auto& [principal, exclusive] : principals_of_things_.right_of(thing)) {
    if (const auto id = certificate_id_of(principal)) change.affect(*id);
  }
}

}  // namespace croft::things
