// How a resource type is declared: its schema, and what makes, changes and removes one. One file for each type in
// providers/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cfn/api.h"
#include "cfn/physical_name.h"
#include "cfn/plan.h"
#include "shard/task.h"
#include "text/json.h"
#include "types/instance.h"
#include "types/result.h"

namespace croft::cfn {

// What a property's value must be. Parameters and !Sub yield text, so text that spells a number or a boolean is one.
enum class Kind { any, text, integer, boolean, list, map };

struct PropertyRule {
  std::string_view name;
  Kind kind = Kind::any;
  Replacement on_change = Replacement::no;
  bool is_required = false;
};

struct ResourceSchema {
  std::string_view type;           // "AWS::Lambda::Function"
  std::string_view service;        // as reasons name it: "Lambda"
  std::string_view name_property;  // the property with which a template names it; "" for none
  NameRule name_rule;
  std::vector<PropertyRule> properties;
  std::vector<std::string_view> attributes;  // of Fn::GetAtt

  const PropertyRule* find_property(std::string_view name) const;
  bool has_attribute(std::string_view name) const;
};

// One create, update or erase of one resource. Outlives the task that works on it.
struct ResourceStep {
  Api& api;
  Instance instance;
  std::string id;           // the physical id
  json::object properties;  // those wanted; for erase the last ones
  json::object previous;    // update: those it has (or was about to have, when going back)
  bool is_repeated = false;  // a first attempt may have been cut off: what exists under this id is ours
};

// Makes one type of resource. Stateless. Every task may be run again after it was cut off anywhere.
class ResourceProvider {
 public:
  virtual ~ResourceProvider() = default;

  virtual const ResourceSchema& schema() const = 0;

  // The physical id (what Ref yields) of the resource that gets this name. Known before the resource is made, so that
  // it can be recorded first.
  virtual std::string physical_id(const Instance& instance, const std::string& name,
                                  const json::object& properties) const;

  // Whether going from `before` to `after` takes a new resource.
  virtual bool is_replaced_by(const json::object& before, const json::object& after) const;

  // Whether something of the name that the template asks for is there already. When in doubt, no: create() will tell.
  virtual Task<bool> exists(const ResourceStep& step) const;

  // The attributes of Fn::GetAtt.
  virtual Task<Result<json::object>> create(const ResourceStep& step) const = 0;
  virtual Task<Result<json::object>> update(const ResourceStep& step) const = 0;
  // Success when it is gone, also when it was gone before.
  virtual Task<Result<void>> erase(const ResourceStep& step) const = 0;
};

// `properties` with every value of its rule's kind. ValidationError "Properties validation failed for resource X with
// message: #: ..." for names that the schema lacks, required ones that are missing, and values of another kind.
Result<json::object> validated(const ResourceSchema& schema, std::string_view logical_id,
                               const json::object& properties);

}  // namespace croft::cfn
