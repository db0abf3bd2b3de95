// AWS::DynamoDB::Table
#include <algorithm>

#include "cfn/json_view.h"
#include "cfn/limits.h"
#include "cfn/providers/all.h"
#include "cfn/providers/call.h"
#include "shard/shard.h"

namespace croft::cfn {
namespace {

const ResourceSchema table_schema = {
    .type = "AWS::DynamoDB::Table",
    .service = "DynamoDb",
    .name_property = "TableName",
    .name_rule = {.length_max = 255},
    .properties = {{"AttributeDefinitions", Kind::list, Replacement::conditional},
                   {"BillingMode", Kind::text},
                   {"ContributorInsightsSpecification"},
                   {"DeletionProtectionEnabled", Kind::boolean},
                   {"GlobalSecondaryIndexes", Kind::list},
                   {"ImportSourceSpecification", Kind::map, Replacement::yes},
                   {"KeySchema", Kind::list, Replacement::yes, true},
                   {"KinesisStreamSpecification"},
                   {"LocalSecondaryIndexes", Kind::list, Replacement::yes},
                   {"OnDemandThroughput", Kind::map},
                   {"PointInTimeRecoverySpecification", Kind::map},
                   {"ProvisionedThroughput", Kind::map},
                   {"ResourcePolicy"},
                   {"SSESpecification", Kind::map},
                   {"StreamSpecification", Kind::map},
                   {"TableClass", Kind::text},
                   {"TableName", Kind::text, Replacement::yes},
                   {"Tags", Kind::list},
                   {"TimeToLiveSpecification", Kind::map},
                   {"WarmThroughput", Kind::map}},
    .attributes = {"Arn", "StreamArn"},
};

constexpr std::initializer_list<std::string_view> unsupported = {
    "ContributorInsightsSpecification", "ImportSourceSpecification", "KinesisStreamSpecification", "ResourcePolicy"};

// What has operations of its own, which croft does not have. Turned off it needs none.
Result<void> check_switches(const json::object& properties) {
  const auto is_on = [&](std::string_view property, std::string_view member) {
    return json::bool_or(map_of(properties, property), member, false);
  };
  if (is_on("TimeToLiveSpecification", "Enabled")) {
    return not_supported(table_schema.type, "TimeToLiveSpecification with Enabled true");
  }
  if (is_on("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled")) {
    return not_supported(table_schema.type, "PointInTimeRecoverySpecification with PointInTimeRecoveryEnabled true");
  }
  return {};
}

// The properties as CreateTable spells them.
json::object api_spelling(const json::object& properties) {
  const Spelling spelling = {.integers = {"ReadCapacityUnits", "WriteCapacityUnits", "MaxReadRequestUnits",
                                          "MaxWriteRequestUnits", "ReadUnitsPerSecond", "WriteUnitsPerSecond"},
                             .booleans = {"SSEEnabled", "Enabled", "PointInTimeRecoveryEnabled"}};
  return spelled(json::value(properties), spelling).get_object();
}

json::object stream_specification(const json::object& properties) {
  json::object stream = map_of(properties, "StreamSpecification");
  const bool is_on = !stream.empty();
  stream.erase("ResourcePolicy");
  stream["StreamEnabled"] = is_on;
  return stream;
}

json::object encryption(const json::object& properties) {
  json::object sse = map_of(properties, "SSESpecification");
  json::object out;
  out["Enabled"] = json::bool_or(sse, "SSEEnabled", false);
  copy_members(sse, {"SSEType", "KMSMasterKeyId"}, out);
  return out;
}

json::object create_input(const std::string& name, const json::object& properties) {
  json::object input{{"TableName", name}};
  copy_members(properties,
               {"AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes",
                "ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput", "TableClass", "Tags",
                "DeletionProtectionEnabled"},
               input);
  input["BillingMode"] = json::string_or(properties, "BillingMode", "PROVISIONED");
  if (properties.contains("StreamSpecification")) input["StreamSpecification"] = stream_specification(properties);
  if (properties.contains("SSESpecification")) input["SSESpecification"] = encryption(properties);
  return input;
}

json::object attributes_of(const json::object& description) {
  json::object attributes;
  if (const json::value* arn = json::find(description, "TableArn")) attributes["Arn"] = *arn;
  if (const json::value* stream = json::find(description, "LatestStreamArn")) attributes["StreamArn"] = *stream;
  return attributes;
}

const json::object* index_named(const json::array& indexes, std::string_view name) {
  for (const json::value& index : indexes) {
    if (index.is_object() && json::string_or(index.get_object(), "IndexName", "") == name) return &index.get_object();
  }
  return nullptr;
}

// UpdateTable takes one index at a time: the entries of GlobalSecondaryIndexUpdates, deletions first.
Result<std::vector<json::object>> index_updates(const json::array& before, const json::array& after) {
  std::vector<json::object> updates;
  for (const json::value& old : before) {
    const json::object* index = old.if_object();
    if (!index) continue;
    const std::string name(json::string_or(*index, "IndexName", ""));
    if (!index_named(after, name)) updates.push_back(single("Delete", json::object{{"IndexName", name}}));
  }
  for (const json::value& wanted : after) {
    const json::object* index = wanted.if_object();
    if (!index) continue;
    const json::object* old = index_named(before, json::string_or(*index, "IndexName", ""));
    if (!old) {
      updates.push_back(single("Create", *index));
    } else if (differs(*old, *index, {"KeySchema", "Projection"})) {
      return Error{"ValidationException",
                   "CloudFormation cannot update a GSI's properties other than ProvisionedThroughput and "
                   "ContributorInsightsSpecification. You can create a new GSI with a different name", 400};
    } else if (differs(*old, *index, {"ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput"})) {
      json::object update;
      copy_members(*index, {"IndexName", "ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput"}, update);
      updates.push_back(single("Update", std::move(update)));
    }
  }
  return updates;
}

// An earlier attempt at the same update may have come as far as this.
bool is_done_already(const json::object& update, const json::array& present) {
  const auto name = [&](std::string_view member) {
    return std::string(json::string_or(map_of(update, member), "IndexName", ""));
  };
  if (update.contains("Delete")) return !index_named(present, name("Delete"));
  return update.contains("Create") && index_named(present, name("Create"));
}

// The members of UpdateTable that differ, without indexes.
json::object table_update(const json::object& before, const json::object& after) {
  json::object input;
  for (std::string_view name : {"BillingMode", "ProvisionedThroughput", "OnDemandThroughput", "WarmThroughput",
                                "TableClass", "DeletionProtectionEnabled"}) {
    if (differs(before, after, {name})) copy_members(after, {name}, input);
  }
  if (differs(before, after, {"BillingMode"}) && !after.contains("BillingMode")) input["BillingMode"] = "PROVISIONED";
  // Going to PROVISIONED needs the throughput even if it was written before.
  if (json::string_or(input, "BillingMode", "") == "PROVISIONED") copy_members(after, {"ProvisionedThroughput"}, input);
  if (differs(before, after, {"DeletionProtectionEnabled"}) && !after.contains("DeletionProtectionEnabled")) {
    input["DeletionProtectionEnabled"] = false;
  }
  if (differs(before, after, {"StreamSpecification"})) input["StreamSpecification"] = stream_specification(after);
  if (differs(before, after, {"SSESpecification"})) input["SSESpecification"] = encryption(after);
  return input;
}

class DynamoDbTable final : public ResourceProvider {
 public:
  const ResourceSchema& schema() const override { return table_schema; }

  // An attribute may be added; one whose type changes, or the loss of one, takes a new table only with the key.
  bool is_replaced_by(const json::object& before, const json::object& after) const override {
    if (ResourceProvider::is_replaced_by(before, after)) return true;
    const json::array wanted = list_of(after, "AttributeDefinitions");
    const json::array had = list_of(before, "AttributeDefinitions");
    return std::any_of(had.begin(), had.end(), [&](const json::value& old) {
      return std::any_of(wanted.begin(), wanted.end(), [&](const json::value& v) {
        return old.is_object() && v.is_object() && !differs(old.get_object(), v.get_object(), {"AttributeName"}) &&
               differs(old.get_object(), v.get_object(), {"AttributeType"});
      });
    });
  }

  Task<bool> exists(const ResourceStep& step) const override {
    json::object input{{"TableName", step.id}};
    auto found = co_await call(step, "dynamodb", "DescribeTable", std::move(input));
    co_return found.has_value();
  }

  Task<CallResult> create(const ResourceStep& step) const override {
    for (std::string_view name : unsupported) {
      if (json::find(step.properties, name)) co_return not_supported(table_schema.type, name);
    }
    const json::object properties = api_spelling(step.properties);
    auto switches = check_switches(properties);
    if (!switches) co_return switches.error();
    json::object input = create_input(step.id, properties);
    auto made = co_await call(step, "dynamodb", "CreateTable", std::move(input));
    const bool was_made_before = !made && step.is_repeated && has_code(made.error(), {"ResourceInUseException"});
    if (!made && !was_made_before) co_return made.error();
    auto table = co_await until_active(step);
    if (!table) co_return table.error();
    co_return attributes_of(*table);
  }

  Task<CallResult> update(const ResourceStep& step) const override {
    for (std::string_view name : unsupported) {
      if (differs(step.previous, step.properties, {name})) co_return not_supported(table_schema.type, name);
    }
    const json::object before = api_spelling(step.previous);
    const json::object after = api_spelling(step.properties);
    auto switches = check_switches(after);
    if (!switches) co_return switches.error();
    auto indexes = index_updates(list_of(before, "GlobalSecondaryIndexes"), list_of(after, "GlobalSecondaryIndexes"));
    if (!indexes) co_return indexes.error();
    json::object settings = table_update(before, after);
    if (!settings.empty()) {
      auto done = co_await update_table(step, after, std::move(settings));
      if (!done) co_return done.error();
    }
    auto present = co_await until_active(step);
    if (!present) co_return present.error();
    const json::array present_indexes = list_of(*present, "GlobalSecondaryIndexes");
    for (json::object& index : *indexes) {
      if (is_done_already(index, present_indexes)) continue;
      json::object input = single("GlobalSecondaryIndexUpdates", json::array{json::value(std::move(index))});
      auto done = co_await update_table(step, after, std::move(input));
      if (!done) co_return done.error();
    }
    auto tags = co_await update_tags(step);
    if (!tags) co_return tags.error();
    auto table = co_await until_active(step);
    if (!table) co_return table.error();
    co_return attributes_of(*table);
  }

  Task<Result<void>> erase(const ResourceStep& step) const override {
    json::object input{{"TableName", step.id}};
    auto deleted = co_await call(step, "dynamodb", "DeleteTable", std::move(input));
    auto done = gone(deleted, {"ResourceNotFoundException"});
    for (int turn = 0; done && turn < settle_turns_max; ++turn) {
      json::object question{{"TableName", step.id}};
      auto table = co_await call(step, "dynamodb", "DescribeTable", std::move(question));
      if (!table) break;
      co_await sleep_for(settle_turn);
    }
    co_return done;
  }

 private:
  static Task<CallResult> update_table(const ResourceStep& step, const json::object& after, json::object input) {
    input["TableName"] = step.id;
    if (after.contains("AttributeDefinitions")) input["AttributeDefinitions"] = after.at("AttributeDefinitions");
    auto done = co_await call(step, "dynamodb", "UpdateTable", std::move(input));
    if (!done) co_return done;
    auto table = co_await until_active(step);
    co_return table;
  }

  // The table's description once it, and its indexes, are ready.
  static Task<CallResult> until_active(const ResourceStep& step) {
    for (int turn = 0;; ++turn) {
      json::object input{{"TableName", step.id}};
      auto described = co_await call(step, "dynamodb", "DescribeTable", std::move(input));
      if (!described) co_return described;
      json::object table = map_of(*described, "Table");
      const json::array indexes = list_of(table, "GlobalSecondaryIndexes");
      const bool is_ready = is_active(table, "TableStatus") &&
                            std::all_of(indexes.begin(), indexes.end(), [](const json::value& index) {
                              return index.is_object() && is_active(index.get_object(), "IndexStatus");
                            });
      if (is_ready || turn == settle_turns_max) co_return table;
      co_await sleep_for(settle_turn);
    }
  }

  static bool is_active(const json::object& description, std::string_view member) {
    return json::string_or(description, member, "ACTIVE") == "ACTIVE";
  }

  static Task<Result<void>> update_tags(const ResourceStep& step) {
    TagChange change = tag_change(step.previous, step.properties);
    const std::string arn = step.instance.arn("dynamodb", "table/" + step.id);
    if (!change.removed.empty()) {
      json::object input{{"ResourceArn", arn}, {"TagKeys", text_array(change.removed)}};
      auto done = co_await call(step, "dynamodb", "UntagResource", std::move(input));
      if (!done) co_return done.error();
    }
    if (!change.set.empty()) {
      json::object input{{"ResourceArn", arn}, {"Tags", std::move(change.set)}};
      auto done = co_await call(step, "dynamodb", "TagResource", std::move(input));
      if (!done) co_return done.error();
    }
    co_return Result<void>();
  }
};

}  // namespace

std::unique_ptr<ResourceProvider> dynamodb_table() { return std::make_unique<DynamoDbTable>(); }

}  // namespace croft::cfn
