#include "services/iot/input.h"
#include "services/iot/iot.h"
#include "things/errors.h"

namespace croft::services::iot {

namespace {

json::object properties_of(const things::ThingType& type) {
  json::object properties{{"thingTypeDescription", type.description}};
  properties["searchableAttributes"] =
      json::array(type.searchable_attributes.begin(), type.searchable_attributes.end());
  return properties;
}

json::object metadata_of(const things::ThingType& type) {
  json::object metadata{{"deprecated", type.deprecated.has_value()}, {"creationDate", type.created.seconds()}};
  if (type.deprecated) metadata["deprecationDate"] = type.deprecated->seconds();
  return metadata;
}

std::vector<std::string> searchable_attributes(const json::object& properties) {
  std::vector<std::string> names;
  const json::value* value = json::find(properties, "searchableAttributes");
  if (!value || !value->is_array()) return names;
  for (const json::value& name : value->get_array()) {
    if (!name.is_string()) throw ApiError(things::invalid_request("searchableAttributes must be a list of strings"));
    names.emplace_back(name.get_string());
  }
  return names;
}

}  // namespace

Task<gateway::Reply> Iot::create_thing_type(Call& call) {
  const Input in(call);
  const json::object properties = in.object("thingTypeProperties");
  things::ThingType wanted{.name = in.required("thingTypeName"),
                           .description = std::string(json::string_or(properties, "thingTypeDescription", "")),
                           .searchable_attributes = searchable_attributes(properties)};
  const things::ThingType type = registry_.create_thing_type(std::move(wanted)).value();
  co_await registry_.durable();
  co_return Reply{.output = {{"thingTypeName", type.name},
                             {"thingTypeArn", registry_.thing_type_arn(type.name)},
                             {"thingTypeId", type.id}}};
}

Task<gateway::Reply> Iot::describe_thing_type(Call& call) {
  const things::ThingType type = registry_.thing_type(Input(call).required("thingTypeName")).value();
  co_return Reply{.output = {{"thingTypeName", type.name},
                             {"thingTypeId", type.id},
                             {"thingTypeArn", registry_.thing_type_arn(type.name)},
                             {"thingTypeProperties", properties_of(type)},
                             {"thingTypeMetadata", metadata_of(type)}}};
}

Task<gateway::Reply> Iot::list_thing_types(Call& call) {
  const Input in(call);
  const std::string name = in.text("thingTypeName");
  const auto page = registry_.thing_types(in.results_page());
  json::array items;
  for (const things::ThingType& type : page.items) {
    if (!name.empty() && type.name != name) continue;
    items.push_back(json::object{{"thingTypeName", type.name},
                                 {"thingTypeArn", registry_.thing_type_arn(type.name)},
                                 {"thingTypeProperties", properties_of(type)},
                                 {"thingTypeMetadata", metadata_of(type)}});
  }
  json::object output{{"thingTypes", std::move(items)}};
  set_next(output, "nextToken", page.next);
  co_return Reply{.output = std::move(output)};
}

Task<gateway::Reply> Iot::deprecate_thing_type(Call& call) {
  const Input in(call);
  registry_.deprecate_thing_type(in.required("thingTypeName"), in.flag("undoDeprecate")).value();
  co_await registry_.durable();
  co_return Reply{};
}

Task<gateway::Reply> Iot::delete_thing_type(Call& call) {
  registry_.delete_thing_type(Input(call).required("thingTypeName")).value();
  co_await registry_.durable();
  co_return Reply{};
}

}  // namespace croft::services::iot
