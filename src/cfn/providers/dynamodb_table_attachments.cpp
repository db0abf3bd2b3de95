#include "cfn/providers/dynamodb_table_attachments.h"

#include <algorithm>
#include <map>
#include <set>

#include "cfn/errors.h"
#include "cfn/json_view.h"
#include "cfn/providers/call.h"

namespace croft::cfn {
namespace {

// Of whom Contributor Insights are asked: the table, "", and its global indexes.
using Insights = std::map<std::string, json::object>;

Insights insights_of(const json::object& properties) {
  constexpr std::string_view member = "ContributorInsightsSpecification";
  const Spelling spelling = {.integers = {}, .booleans = {"Enabled"}};
  const auto read = [&](const json::object& from) { return spelled(json::value(map_of(from, member)), spelling).get_object(); };
  Insights out;
  if (properties.contains(member)) out[""] = read(properties);
  for (const json::value& index : list_of(properties, "GlobalSecondaryIndexes")) {
    const json::object* one = index.if_object();
    if (one && one->contains(member)) out[str(json::string_or(*one, "IndexName", ""))] = read(*one);
  }
  return out;
}

// The document of a ResourcePolicy, of the table or of its stream; "" when there is none.
std::string policy_in(const json::object& properties) {
  const json::object policy = map_of(properties, "ResourcePolicy");
  const json::value* document = json::find(policy, "PolicyDocument");
  return document ? document_text(*document) : std::string();
}

// Both operations may be repeated.
Task<Result<void>> update_policy(const ResourceStep& step, std::string arn, std::string before, std::string after) {
  if (before == after) co_return Result<void>();
  json::object input{{"ResourceArn", arn}};
  if (!after.empty()) input["Policy"] = after;
  auto done = co_await call(step, "dynamodb", after.empty() ? "DeleteResourcePolicy" : "PutResourcePolicy", std::move(input));
  if (!done) co_return done.error();
  co_return Result<void>();
}

Task<Result<void>> update_insights(const ResourceStep& step, Insights before, Insights after) {
  std::set<std::string> names;
  for (const json::value& one : list_of(step.properties, "GlobalSecondaryIndexes"))
    if (one.is_object()) names.emplace(json::string_or(one.get_object(), "IndexName", ""));
  for (const auto& [index, one] : before) {
    const bool is_there = index.empty() || names.contains(index);
    if (is_there && !after.contains(index)) after[index] = single("Enabled", false);
  }
  for (const auto& [index, wanted] : after) {
    const auto had = before.find(index);
    const bool is_on = json::bool_or(wanted, "Enabled", false);
    const bool was_on = had != before.end() && json::bool_or(had->second, "Enabled", false);
    if (is_on == was_on && (!is_on || had->second == wanted)) continue;
    json::object input{{"TableName", step.id}, {"ContributorInsightsAction", is_on ? "ENABLE" : "DISABLE"}};
    if (!index.empty()) input["IndexName"] = index;
    if (is_on && wanted.contains("Mode")) input["ContributorInsightsMode"] = wanted.at("Mode");
    auto done = co_await call(step, "dynamodb", "UpdateContributorInsights", std::move(input));
    if (!done) co_return done.error();
  }
  co_return Result<void>();
}

// That the object has these members alone, the first of them for certain.
Result<void> check_object(const std::string& where, const json::object& object, std::initializer_list<std::string_view> members) {
  for (const auto& [key, value] : object) {
    if (std::find(members.begin(), members.end(), view(key)) == members.end())
      return validation_error("Model validation failed (" + where + ": extraneous key [" + str(key) + "] is not permitted)");
  }
  if (object.contains(*members.begin())) return {};
  return validation_error("Model validation failed (" + where + ": required key [" + str(*members.begin()) + "] not found)");
}

Result<void> check_policy(const std::string& where, const json::object& properties) {
  if (!properties.contains("ResourcePolicy")) return {};
  return check_object(where + "/ResourcePolicy", map_of(properties, "ResourcePolicy"), {"PolicyDocument"});
}

}  // namespace

// Source: the resource type's schema.
Result<void> check_attachments(const json::object& properties) {
  for (const auto& [index, one] : insights_of(properties)) {
    const std::string where = index.empty() ? "#" : "#/GlobalSecondaryIndexes/" + index;
    if (auto checked = check_object(where + "/ContributorInsightsSpecification", one, {"Enabled", "Mode"}); !checked)
      return checked;
  }
  if (auto checked = check_policy("#", properties); !checked) return checked;
  return check_policy("#/StreamSpecification", map_of(properties, "StreamSpecification"));
}

Task<Result<void>> update_attachments(const ResourceStep& step, const json::object& before, const json::object& table) {
  const json::object& after = step.properties;
  std::string arn(json::string_or(table, "TableArn", "")), stream_arn(json::string_or(table, "LatestStreamArn", ""));
  auto kept = co_await update_policy(step, std::move(arn), policy_in(before), policy_in(after));
  if (!kept) co_return kept;
  // Another stream has none yet, whatever the last one had.
  const json::object had = map_of(before, "StreamSpecification"), wanted = map_of(after, "StreamSpecification");
  const bool is_another = differs(had, wanted, {"StreamViewType"});
  std::string before_stream = is_another ? std::string() : policy_in(had);
  kept = co_await update_policy(step, std::move(stream_arn), std::move(before_stream), policy_in(wanted));
  if (!kept) co_return kept;
  auto told = co_await update_insights(step, insights_of(before), insights_of(after));
  co_return told;
}

}  // namespace croft::cfn
