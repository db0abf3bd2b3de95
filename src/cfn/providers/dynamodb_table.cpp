// AWS::DynamoDB::Table
#include <algorithm>
#include <vector>

#include "cfn/json_view.h"
#include "cfn/limits.h"
#include "cfn/providers/all.h"
#include "cfn/providers/call.h"
#include "cfn/providers/dynamodb_table_attachments.h"
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
                   {"ContributorInsightsSpecification", Kind::map},
                   {"DeletionProtectionEnabled", Kind::boolean},
                   {"GlobalSecondaryIndexes", Kind::list},
                   {"ImportSourceSpecification", Kind::map, Replacement::yes},
                   {"KeySchema", Kind::list, Replacement::yes, true},
                   {"KinesisStreamSpecification"},
                   {"LocalSecondaryIndexes", Kind::list, Replacement::yes},
                   {"OnDemandThroughput", Kind::map},
                   {"PointInTimeRecoverySpecification", Kind::map},
                   {"ProvisionedThroughput", Kind::map},
                   {"ResourcePolicy", Kind::map},
                   {"SSESpecification", Kind::map},
                   {"StreamSpecification", Kind::map},
                   {"TableClass", Kind::text},
                   {"TableName", Kind::text, Replacement::yes},
                   {"Tags", Kind::list},
                   {"TimeToLiveSpecification", Kind::map},
                   {"WarmThroughput", Kind::map}},
    .attributes = {"Arn", "StreamArn"},
};

constexpr std::initializer_list<std::string_view> unsupported = {"KinesisStreamSpecification"};

// The properties as CreateTable spells them, without what has operations of its own.
json::object api_spelling(const json::object& properties) {
  const Spelling spelling = {
      .integers = {"ReadCapacityUnits", "WriteCapacityUnits", "MaxReadRequestUnits", "MaxWriteRequestUnits", "ReadUnitsPerSecond",
                   "WriteUnitsPerSecond", "RecoveryPeriodInDays"},
      .booleans = {"SSEEnabled", "Enabled", "PointInTimeRecoveryEnabled"}};
  json::object out = spelled(json::value(properties), spelling).get_object();
  json::value* indexes = out.if_contains("GlobalSecondaryIndexes");
  if (indexes && indexes->is_array()) {
    for (json::value& index : indexes->get_array())
      if (index.is_object()) index.get_object().erase("ContributorInsightsSpecification");
  }
  return out;
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

// ImportTable knows fewer members than CreateTable; UpdateTable has to do the rest.
json::object import_input(const std::string& name, const json::object& properties) {
  json::object input = map_of(properties, "ImportSourceSpecification");
  json::object table{{"TableName", name}};
  copy_members(properties, {"AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "ProvisionedThroughput"}, table);
  table["BillingMode"] = json::string_or(properties, "BillingMode", "PROVISIONED");
  if (properties.contains("SSESpecification")) table["SSESpecification"] = encryption(properties);
  input["TableCreationParameters"] = std::move(table);
  return input;
}

json::object after_import(const json::object& properties) {
  json::object input;
  copy_members(properties, {"TableClass", "DeletionProtectionEnabled"}, input);
  if (properties.contains("StreamSpecification")) input["StreamSpecification"] = stream_specification(properties);
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

// The throughput of every index that stays, which goes together with the table's when it becomes PROVISIONED.
json::array index_units(const json::array& before, const json::array& after) {
  json::array updates;
  for (const json::value& wanted : after) {
    const json::object* index = wanted.if_object();
    if (!index || !index_named(before, json::string_or(*index, "IndexName", ""))) continue;
    json::object update;
    copy_members(*index, {"IndexName", "ProvisionedThroughput"}, update);
    updates.push_back(single("Update", std::move(update)));
  }
  return updates;
}

bool has_units(const json::object& index, const json::object& wanted) {
  const json::object units = map_of(index, "ProvisionedThroughput");
  return json::int_or(units, "ReadCapacityUnits", 0) == json::int_or(wanted, "ReadCapacityUnits", 0) &&
         json::int_or(units, "WriteCapacityUnits", 0) == json::int_or(wanted, "WriteCapacityUnits", 0);
}

// An earlier attempt at the same update may have come as far as this, or the table's billing took the index along.
bool is_done_already(const json::object& update, const json::array& present) {
  const auto name = [&](std::string_view member) {
    return std::string(json::string_or(map_of(update, member), "IndexName", ""));
  };
  if (update.contains("Delete")) return !index_named(present, name("Delete"));
  if (update.contains("Create")) return index_named(present, name("Create"));
  const json::object change = map_of(update, "Update");
  const json::object* index = index_named(present, name("Update"));
  const bool has_more = change.contains("OnDemandThroughput") || change.contains("WarmThroughput");
  return index && !has_more && has_units(*index, map_of(change, "ProvisionedThroughput"));
}

// They go before the table's billing changes, which would ask for units of an index that goes.
std::vector<json::object> deletions(const std::vector<json::object>& updates) {
  std::vector<json::object> out;
  for (const json::object& update : updates) {
    if (update.contains("Delete")) out.push_back(update);
  }
  return out;
}

// UpdateTable takes most settings by themselves only. Source: its answers ("... must be the only operation in the request").
std::vector<json::object> single_concerns(json::object input) {
  std::vector<json::object> out;
  for (std::string_view name :
       {"TableClass", "DeletionProtectionEnabled", "SSESpecification", "WarmThroughput", "StreamSpecification"}) {
    const json::value* setting = json::find(input, name);
    if (!setting) continue;
    out.push_back(single(name, *setting));
    input.erase(name);
  }
  if (!input.empty()) out.push_back(std::move(input));
  return out;
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
  if (json::string_or(input, "BillingMode", "") == "PROVISIONED") {
    copy_members(after, {"ProvisionedThroughput"}, input);
    json::array units = index_units(list_of(before, "GlobalSecondaryIndexes"), list_of(after, "GlobalSecondaryIndexes"));
    if (!units.empty()) input["GlobalSecondaryIndexUpdates"] = std::move(units);
  }
  if (differs(before, after, {"DeletionProtectionEnabled"}) && !after.contains("DeletionProtectionEnabled")) {
    input["DeletionProtectionEnabled"] = false;
  }
  const json::object had = encryption(before), wanted = encryption(after);
  const bool is_encrypted = json::bool_or(had, "Enabled", false) || json::bool_or(wanted, "Enabled", false);
  if (is_encrypted && had != wanted) input["SSESpecification"] = wanted;
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
    if (auto checked = check_attachments(step.properties); !checked) co_return checked.error();
    const json::object properties = api_spelling(step.properties);
    auto made = co_await make_table(step, properties);
    const bool was_made_before = !made && step.is_repeated && has_code(made.error(), {"ResourceInUseException"});
    if (!made && !was_made_before) co_return made.error();
    auto table = co_await until_active(step);
    if (!table) co_return table.error();
    const json::object nothing;
    auto recovery = co_await update_recovery(step, nothing, properties);
    if (!recovery) co_return recovery.error();
    auto expiry = co_await update_expiry(step, nothing, properties);
    if (!expiry) co_return expiry.error();
    auto settled = co_await update_attachments(step, nothing, *table);
    if (!settled) co_return settled.error();
    co_return attributes_of(*table);
  }

  Task<CallResult> update(const ResourceStep& step) const override {
    for (std::string_view name : unsupported) {
      if (differs(step.previous, step.properties, {name})) co_return not_supported(table_schema.type, name);
    }
    if (auto checked = check_attachments(step.properties); !checked) co_return checked.error();
    const json::object before = api_spelling(step.previous);
    const json::object after = api_spelling(step.properties);
    auto indexes = index_updates(list_of(before, "GlobalSecondaryIndexes"), list_of(after, "GlobalSecondaryIndexes"));
    if (!indexes) co_return indexes.error();
    auto deleted = co_await update_indexes(step, after, deletions(*indexes));
    if (!deleted) co_return deleted.error();
    json::object settings = table_update(before, after);
    if (!settings.empty()) {
      auto done = co_await update_table(step, after, std::move(settings));
      if (!done) co_return done.error();
    }
    auto changed = co_await update_indexes(step, after, *std::move(indexes));
    if (!changed) co_return changed.error();
    auto present = co_await until_active(step);
    if (!present) co_return present.error();
    auto tags = co_await update_tags(step, std::string(json::string_or(*present, "TableArn", "")));
    if (!tags) co_return tags.error();
    auto recovery = co_await update_recovery(step, before, after);
    if (!recovery) co_return recovery.error();
    auto expiry = co_await update_expiry(step, before, after);
    if (!expiry) co_return expiry.error();
    auto streamed = co_await update_stream(step, after);
    if (!streamed) co_return streamed.error();
    auto table = co_await until_active(step);
    if (!table) co_return table.error();
    auto settled = co_await update_attachments(step, step.previous, *table);
    if (!settled) co_return settled.error();
    co_return attributes_of(*table);
  }

  Task<Result<void>> erase(const ResourceStep& step) const override {
    auto deleted = co_await delete_table(step);
    auto done = gone(deleted, {"ResourceNotFoundException"});
    for (int turn = 0; done && turn < table_settle_turns_max; ++turn) {
      json::object question{{"TableName", step.id}};
      auto table = co_await call(step, "dynamodb", "DescribeTable", std::move(question));
      if (!table) break;
      co_await sleep_for(pause_of(turn));
    }
    co_return done;
  }

 private:
  static Task<Result<void>> update_indexes(const ResourceStep& step, const json::object& after,
                                           std::vector<json::object> updates) {
    if (updates.empty()) co_return Result<void>();
    auto present = co_await until_active(step);
    if (!present) co_return present.error();
    const json::array present_indexes = list_of(*present, "GlobalSecondaryIndexes");
    for (json::object& index : updates) {
      if (is_done_already(index, present_indexes)) continue;
      json::object input = single("GlobalSecondaryIndexUpdates", json::array{json::value(std::move(index))});
      auto done = co_await update_table(step, after, std::move(input));
      if (!done) co_return done.error();
    }
    co_return Result<void>();
  }

  // An index that is being filled keeps its table.
  static Task<CallResult> delete_table(const ResourceStep& step) {
    for (int turn = 0;; ++turn) {
      json::object input{{"TableName", step.id}};
      auto deleted = co_await call(step, "dynamodb", "DeleteTable", std::move(input));
      const bool is_in_use = !deleted && has_code(deleted.error(), {"ResourceInUseException"});
      if (!is_in_use || turn == table_settle_turns_max) co_return deleted;
      co_await sleep_for(pause_of(turn));
    }
  }

  static Task<CallResult> make_table(const ResourceStep& step, const json::object& properties) {
    if (properties.contains("ImportSourceSpecification")) {
      auto imported = co_await import_table(step, properties);
      co_return imported;
    }
    json::object input = create_input(step.id, properties);
    auto made = co_await call(step, "dynamodb", "CreateTable", std::move(input));
    co_return made;
  }

  static Task<CallResult> import_table(const ResourceStep& step, const json::object& properties) {
    if (properties.contains("LocalSecondaryIndexes")) {
      co_return not_supported(table_schema.type, "LocalSecondaryIndexes with ImportSourceSpecification");
    }
    json::object input = import_input(step.id, properties);
    auto begun = co_await call(step, "dynamodb", "ImportTable", std::move(input));
    if (!begun) co_return begun;
    json::object one = map_of(*begun, "ImportTableDescription");
    for (int turn = 0; json::string_or(one, "ImportStatus", "") == "IN_PROGRESS"; ++turn) {
      co_await sleep_for(pause_of(turn));
      json::object question{{"ImportArn", json::string_or(one, "ImportArn", "")}};
      auto described = co_await call(step, "dynamodb", "DescribeImport", std::move(question));
      if (!described) co_return described;
      one = map_of(*described, "ImportTableDescription");
    }
    if (json::string_or(one, "ImportStatus", "") != "COMPLETED") {
      co_return Error{std::string(json::string_or(one, "FailureCode", "ImportFailed")),
                      std::string(json::string_or(one, "FailureMessage", "The import failed")), 400};
    }
    json::object settings = after_import(properties);
    if (!settings.empty()) {
      auto done = co_await update_table(step, json::object(), std::move(settings));
      if (!done) co_return done;
    }
    auto tags = co_await update_tags(step, std::string(json::string_or(one, "TableArn", "")));
    if (!tags) co_return tags.error();
    co_return one;
  }

  // The table is asked first, because an earlier attempt at the same step may have come as far as this.
  static Task<Result<void>> update_expiry(const ResourceStep& step, const json::object& before,
                                          const json::object& after) {
    if (!differs(before, after, {"TimeToLiveSpecification"})) co_return Result<void>();
    json::object question{{"TableName", step.id}};
    auto described = co_await call(step, "dynamodb", "DescribeTimeToLive", std::move(question));
    if (!described) co_return described.error();
    const json::object now = map_of(*described, "TimeToLiveDescription");
    const bool is_on = std::string_view(json::string_or(now, "TimeToLiveStatus", "")).starts_with("ENABL");
    json::object wanted = map_of(after, "TimeToLiveSpecification");
    const bool is_wanted = json::bool_or(wanted, "Enabled", false);
    const bool is_same = json::string_or(now, "AttributeName", "") == json::string_or(wanted, "AttributeName", "");
    if (is_on == is_wanted && (!is_on || is_same)) co_return Result<void>();
    if (!is_wanted) wanted = {{"Enabled", false}, {"AttributeName", json::string_or(now, "AttributeName", "")}};
    json::object input{{"TableName", step.id}, {"TimeToLiveSpecification", std::move(wanted)}};
    auto done = co_await call(step, "dynamodb", "UpdateTimeToLive", std::move(input));
    co_return done ? Result<void>() : Result<void>(done.error());
  }

  // What a stream shows cannot be changed; another one takes its place.
  static Task<Result<void>> update_stream(const ResourceStep& step, const json::object& after) {
    json::object question{{"TableName", step.id}};
    auto described = co_await call(step, "dynamodb", "DescribeTable", std::move(question));
    if (!described) co_return described.error();
    const std::string now(
        json::string_or(map_of(map_of(*described, "Table"), "StreamSpecification"), "StreamViewType", ""));
    const std::string wanted(json::string_or(map_of(after, "StreamSpecification"), "StreamViewType", ""));
    if (now == wanted) co_return Result<void>();
    std::vector<json::object> changes;
    if (!now.empty()) changes.push_back({{"StreamEnabled", false}});
    if (!wanted.empty()) changes.push_back(stream_specification(after));
    for (json::object& change : changes) {
      json::object input{{"StreamSpecification", std::move(change)}};
      auto done = co_await update_table(step, json::object(), std::move(input));
      if (!done) co_return done.error();
    }
    co_return Result<void>();
  }

  static Task<Result<void>> update_recovery(const ResourceStep& step, const json::object& before,
                                            const json::object& after) {
    if (!differs(before, after, {"PointInTimeRecoverySpecification"})) co_return Result<void>();
    json::object wanted = map_of(after, "PointInTimeRecoverySpecification");
    if (!wanted.contains("PointInTimeRecoveryEnabled")) wanted["PointInTimeRecoveryEnabled"] = false;
    json::object input{{"TableName", step.id}, {"PointInTimeRecoverySpecification", std::move(wanted)}};
    auto done = co_await call(step, "dynamodb", "UpdateContinuousBackups", std::move(input));
    if (!done) co_return done.error();
    co_return Result<void>();
  }

  static Task<CallResult> update_table(const ResourceStep& step, const json::object& after, json::object input) {
    for (json::object& part : single_concerns(std::move(input))) {
      part["TableName"] = step.id;
      if (after.contains("AttributeDefinitions")) part["AttributeDefinitions"] = after.at("AttributeDefinitions");
      auto done = co_await call(step, "dynamodb", "UpdateTable", std::move(part));
      if (!done) co_return done;
      auto table = co_await until_active(step);
      if (!table) co_return table;
    }
    co_return json::object();
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
      if (is_ready) co_return table;
      if (turn == table_settle_turns_max)
        co_return Error{"NotStabilized", "Table " + step.id + " did not become ACTIVE within half an hour", 500};
      co_await sleep_for(pause_of(turn));
    }
  }

  static std::chrono::milliseconds pause_of(int turn) {
    return std::min(settle_turn * (1 << std::min(turn, 10)), table_settle_pause_max);
  }

  static bool is_active(const json::object& description, std::string_view member) {
    return json::string_or(description, member, "ACTIVE") == "ACTIVE";
  }

  // `arn` is what the table says: tables that are elsewhere have another account and region.
  static Task<Result<void>> update_tags(const ResourceStep& step, std::string arn) {
    TagChange change = tag_change(step.previous, step.properties);
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
