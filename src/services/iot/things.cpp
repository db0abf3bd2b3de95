#include "services/iot/input.h"
#include "services/iot/iot.h"
#include "things/errors.h"

namespace croft::services::iot {

namespace {

json::object shape(const things::Attributes& attributes) {
  json::object object;
  for (const auto& [name, value] : attributes) object[name] = value;
  return object;
}

bool is_exclusive(const Input& in) {
  const std::string type = in.text("thingPrincipalType");
  if (type.empty() || type == "NON_EXCLUSIVE_THING") return false;
  if (type == "EXCLUSIVE_THING") return true;
  throw ApiError(things::invalid_request("Unknown thingPrincipalType"));
}

const char* principal_type(bool exclusive) {
  return exclusive ? "EXCLUSIVE_THING" : "NON_EXCLUSIVE_THING";
}

// One page of attachments in the plain form (a list of names) or in that of the V2 operations (objects).
gateway::Reply page_of(const std::vector<things::Attachment>& attachments, const Input& in, std::string_view list,
                       std::string_view name_member) {
  const std::string wanted = in.text("thingPrincipalType");
  std::vector<std::string> names;
  for (const auto& attachment : attachments) {
    const bool kept = name_member.empty() || wanted.empty() || wanted == principal_type(attachment.exclusive);
    if (kept) names.push_back(attachment.name);
  }
  const auto page = page_of_names(names, in.results_page());
  json::array items;
  for (const std::string& name : page.items) {
    if (name_member.empty()) {
      items.emplace_back(name);
      continue;
    }
    bool exclusive = false;
    for (const auto& attachment : attachments) exclusive |= attachment.name == name && attachment.exclusive;
    items.push_back(json::object{{name_member, name}, {"thingPrincipalType", principal_type(exclusive)}});
  }
  json::object output{{list, std::move(items)}};
  set_next(output, "nextToken", page.next);
  return {.output = std::move(output)};
}

}  // namespace

Task<gateway::Reply> Iot::create_thing(Call& call) {
  const Input in(call);
  const auto attributes = Input::attributes(in.object("attributePayload"));
  const things::Thing thing = registry_
                                  .create_thing({.name = in.required("thingName"),
                                                 .type_name = in.text("thingTypeName"),
                                                 .billing_group = in.text("billingGroupName"),
                                                 .attributes = attributes.value_or(things::Attributes())})
                                  .value();
  co_await registry_.durable();
  co_return Reply{
      .output = {{"thingName", thing.name}, {"thingArn", registry_.thing_arn(thing.name)}, {"thingId", thing.id}}};
}

Task<gateway::Reply> Iot::describe_thing(Call& call) {
  const things::Thing thing = registry_.thing(Input(call).required("thingName")).value();
  json::object output{{"defaultClientId", thing.name},
                      {"thingName", thing.name},
                      {"thingId", thing.id},
                      {"thingArn", registry_.thing_arn(thing.name)},
                      {"attributes", shape(thing.attributes)},
                      {"version", thing.version}};
  if (!thing.type_name.empty()) output["thingTypeName"] = thing.type_name;
  if (!thing.billing_group.empty()) output["billingGroupName"] = thing.billing_group;
  co_return Reply{.output = std::move(output)};
}

Task<gateway::Reply> Iot::update_thing(Call& call) {
  const Input in(call);
  const json::object payload = in.object("attributePayload");
  things::ThingUpdate update{.attributes = Input::attributes(payload),
                             .merge = json::bool_or(payload, "merge", false),
                             .type_name = in.text("thingTypeName"),
                             .remove_type = in.flag("removeThingType"),
                             .expected_version = in.integer("expectedVersion")};
  registry_.update_thing(in.required("thingName"), std::move(update)).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::delete_thing(Call& call) {
  const Input in(call);
  registry_.delete_thing(in.required("thingName"), in.integer("expectedVersion")).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::list_things(Call& call) {
  const Input in(call);
  const things::ThingFilter filter{.type_name = in.text("thingTypeName"),
                                   .attribute_name = in.text("attributeName"),
                                   .attribute_value = in.text("attributeValue"),
                                   .value_is_prefix = in.flag("usePrefixAttributeValue")};
  const auto page = registry_.things(filter, in.results_page());
  json::array items;
  for (const things::Thing& thing : page.items) {
    json::object item{{"thingName", thing.name},
                      {"thingArn", registry_.thing_arn(thing.name)},
                      {"attributes", shape(thing.attributes)},
                      {"version", thing.version}};
    if (!thing.type_name.empty()) item["thingTypeName"] = thing.type_name;
    items.push_back(std::move(item));
  }
  json::object output{{"things", std::move(items)}};
  set_next(output, "nextToken", page.next);
  co_return Reply{.output = std::move(output)};
}

Task<gateway::Reply> Iot::attach_thing_principal(Call& call) {
  const Input in(call);
  const std::string principal = in.required_header("x-amzn-principal");
  registry_.attach_thing_principal(in.required("thingName"), principal, is_exclusive(in)).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::detach_thing_principal(Call& call) {
  const Input in(call);
  registry_.detach_thing_principal(in.required("thingName"), in.required_header("x-amzn-principal")).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::list_thing_principals(Call& call) {
  const Input in(call);
  co_return page_of(registry_.principals_of_thing(in.required("thingName")).value(), in, "principals", "");
}

Task<gateway::Reply> Iot::list_thing_principals_v2(Call& call) {
  const Input in(call);
  const auto attachments = registry_.principals_of_thing(in.required("thingName")).value();
  co_return page_of(attachments, in, "thingPrincipalObjects", "principal");
}

Task<gateway::Reply> Iot::list_principal_things(Call& call) {
  const Input in(call);
  co_return page_of(registry_.things_of_principal(in.required_header("x-amzn-principal")).value(), in, "things", "");
}

Task<gateway::Reply> Iot::list_principal_things_v2(Call& call) {
  const Input in(call);
  const auto attachments = registry_.things_of_principal(in.required_header("x-amzn-principal")).value();
  co_return page_of(attachments, in, "principalThingObjects", "thingName");
}

}  // namespace croft::services::iot
