#include "services/iot/input.h"
#include "services/iot/iot.h"

namespace croft::services::iot {

namespace {

// A name, or the last part of an ARN: the operations on memberships take either.
std::string name_or_arn(const Input& in, std::string_view name, std::string_view arn) {
  const std::string given = in.text(name);
  if (!given.empty()) return given;
  const std::string text = in.required(arn);
  return text.substr(text.rfind('/') + 1);
}

json::array group_items(const std::vector<std::string>& names, const things::Registry& registry) {
  json::array items;
  for (const std::string& name : names) {
    items.push_back(json::object{{"groupName", name}, {"groupArn", registry.thing_group_arn(name)}});
  }
  return items;
}

}  // namespace

Task<gateway::Reply> Iot::create_thing_group(Call& call) {
  const Input in(call);
  const json::object properties = in.object("thingGroupProperties");
  const json::value* payload = json::find(properties, "attributePayload");
  const auto attributes = payload && payload->is_object() ? Input::attributes(payload->get_object()) : std::nullopt;
  things::ThingGroup wanted{.name = in.required("thingGroupName"),
                            .parent = in.text("parentGroupName"),
                            .description = std::string(json::string_or(properties, "thingGroupDescription", "")),
                            .attributes = attributes.value_or(things::Attributes())};
  const things::ThingGroup group = registry_.create_thing_group(std::move(wanted)).value();
  co_await registry_.durable();
  co_return Reply{.output = {{"thingGroupName", group.name},
                             {"thingGroupArn", registry_.thing_group_arn(group.name)},
                             {"thingGroupId", group.id}}};
}

Task<gateway::Reply> Iot::describe_thing_group(Call& call) {
  const things::ThingGroup group = registry_.thing_group(Input(call).required("thingGroupName")).value();
  json::object attributes;
  for (const auto& [name, value] : group.attributes) attributes[name] = value;
  json::object metadata{{"creationDate", group.created.seconds()}};
  std::vector<std::string> line;
  for (std::string parent = group.parent; !parent.empty();) {
    line.insert(line.begin(), parent);
    auto above = registry_.thing_group(parent);
    parent = above ? above->parent : "";
  }
  if (!group.parent.empty()) {
    metadata["parentGroupName"] = group.parent;
    metadata["rootToParentThingGroups"] = group_items(line, registry_);
  }
  co_return Reply{.output = {{"thingGroupName", group.name},
                             {"thingGroupId", group.id},
                             {"thingGroupArn", registry_.thing_group_arn(group.name)},
                             {"version", group.version},
                             {"thingGroupProperties",
                              json::object{{"thingGroupDescription", group.description},
                                           {"attributePayload", json::object{{"attributes", attributes}}}}},
                             {"thingGroupMetadata", std::move(metadata)}}};
}

Task<gateway::Reply> Iot::list_thing_groups(Call& call) {
  const Input in(call);
  const json::value* recursive = json::find(call.input, "recursive");
  const bool deep = recursive == nullptr || in.flag("recursive");
  const std::string prefix = in.text("namePrefixFilter");
  const auto page = registry_.thing_groups(in.text("parentGroup"), deep, in.results_page()).value();
  std::vector<std::string> names;
  for (const things::ThingGroup& group : page.items) {
    if (group.name.starts_with(prefix)) names.push_back(group.name);
  }
  json::object output{{"thingGroups", group_items(names, registry_)}};
  set_next(output, "nextToken", page.next);
  co_return Reply{.output = std::move(output)};
}

Task<gateway::Reply> Iot::delete_thing_group(Call& call) {
  const Input in(call);
  registry_.delete_thing_group(in.required("thingGroupName"), in.integer("expectedVersion")).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::add_thing_to_thing_group(Call& call) {
  const Input in(call);
  const std::string group = name_or_arn(in, "thingGroupName", "thingGroupArn");
  registry_.add_to_group(group, name_or_arn(in, "thingName", "thingArn")).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::remove_thing_from_thing_group(Call& call) {
  const Input in(call);
  const std::string group = name_or_arn(in, "thingGroupName", "thingGroupArn");
  registry_.remove_from_group(group, name_or_arn(in, "thingName", "thingArn")).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::list_things_in_thing_group(Call& call) {
  const Input in(call);
  const auto names = registry_.things_in_group(in.required("thingGroupName"), in.flag("recursive")).value();
  const auto page = page_of_names(names, in.results_page());
  json::object output{{"things", json::array(page.items.begin(), page.items.end())}};
  set_next(output, "nextToken", page.next);
  co_return Reply{.output = std::move(output)};
}

Task<gateway::Reply> Iot::list_thing_groups_for_thing(Call& call) {
  const Input in(call);
  const auto names = registry_.groups_of_thing(in.required("thingName")).value();
  const auto page = page_of_names(names, in.results_page());
  json::object output{{"thingGroups", group_items(page.items, registry_)}};
  set_next(output, "nextToken", page.next);
  co_return Reply{.output = std::move(output)};
}

}  // namespace croft::services::iot
