#include <array>

#include "cfn/json_view.h"
#include "cfn/references.h"
#include "cfn/sam_parts.h"

namespace croft::cfn {
namespace {

struct Key {
  json::value name = "id";
  json::value type = "S";
};

Result<Key> read_key(const std::string& id, const json::object& properties) {
  Key key;
  const json::value* given = json::find(properties, "PrimaryKey");
  if (!given) return key;
  const json::object* members = given->if_object();
  if (!members) return invalid_resource(id, "Type of property 'PrimaryKey' is invalid.");
  const json::value* name = json::find(*members, "Name");
  const json::value* type = json::find(*members, "Type");
  if (!name) return invalid_resource(id, "Property 'PrimaryKey.Name' is required.");
  if (!type) return invalid_resource(id, "Property 'PrimaryKey.Type' is required.");
  key.name = *name;
  const std::string_view word = json::string_or(*members, "Type", "");
  if (word == "String")
    key.type = "S";
  else if (word == "Number")
    key.type = "N";
  else if (word == "Binary")
    key.type = "B";
  else
    return invalid_resource(id, "Invalid 'Type' \"" + std::string(word) + "\".");
  return key;
}

}  // namespace

Result<std::vector<NamedResource>> expand_simple_table(const std::string& logical_id, const json::object& resource) {
  json::object in;
  if (const json::object* found = find_object(resource, "Properties")) in = *found;
  json::object out;
  for (const auto& [key, v] : in) {
    const std::string_view name = view(key);
    const bool is_known = name == "TableName" || name == "ProvisionedThroughput" || name == "SSESpecification" ||
                          name == "PointInTimeRecoverySpecification";
    if (is_known)
      out.emplace(key, v);
    else if (name == "Tags" && v.is_object())
      out.emplace(key, tag_list(v.get_object()));
    else if (name != "PrimaryKey") {
      return invalid_resource(
          logical_id, "property " + str(key) + " not defined for resource of type AWS::Serverless::SimpleTable");
    }
  }
  auto key = read_key(logical_id, in);
  if (!key) return key.error();
  json::object definition{{"AttributeName", key->name}, {"AttributeType", key->type}};
  json::object element{{"AttributeName", key->name}, {"KeyType", "HASH"}};
  out["AttributeDefinitions"] = json::array{json::value(std::move(definition))};
  out["KeySchema"] = json::array{json::value(std::move(element))};
  if (!out.contains("ProvisionedThroughput")) out["BillingMode"] = "PAY_PER_REQUEST";

  json::object made{{"Type", "AWS::DynamoDB::Table"}};
  for (const auto& [name, v] : shared_attributes(resource)) made.emplace(name, v);
  for (std::string_view name : {"DependsOn", "Metadata"}) {
    if (const json::value* v = json::find(resource, name)) made.emplace(name, *v);
  }
  made["Properties"] = std::move(out);
  return std::vector<NamedResource>{{logical_id, std::move(made)}};
}

}  // namespace croft::cfn
