// Contributor Insights: whether they are enabled is kept and told; there is no CloudWatch that would have their rules.
#include <algorithm>

#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "services/dynamodb/handlers.h"
#include "services/dynamodb/request_reader.h"
#include "text/encoding.h"

namespace croft::services::dynamodb {

namespace {

constexpr std::string_view actions[] = {"ENABLE", "DISABLE"};
constexpr std::string_view modes[] = {"ACCESSED_AND_THROTTLED_KEYS", "THROTTLED_KEYS"};

Error index_not_found(const std::string& index, const std::string& table) {
  return {"ResourceNotFoundException", "Requested resource not found: Index: " + index + " not found for table: " + table};
}

// What the request names: a table, or one of its global indexes.
struct Named {
  std::string table;
  std::string index;  // "" = the table itself

  Result<void> check(const dynamo::TableDefinition& definition) const {
    const dynamo::IndexDefinition* known = index.empty() ? nullptr : definition.index(index);
    if (index.empty() || (known && known->global)) return {};
    return index_not_found(index, table);
  }
};

Named read_named(RequestReader& reader) {
  Named named{reader.table_name(), {}};
  if (reader.has("IndexName")) named.index = reader.checked_name("IndexName", 3);
  return named;
}

const dynamo::Insights* enabled(const dynamo::TableDefinition& table, const std::string& index) {
  for (const dynamo::Insights& one : table.insights) {
    if (one.index == index) return &one;
  }
  return nullptr;
}

json::object summary(const std::string& table, const std::string& index, std::string_view status, const std::string& mode) {
  json::object out{{"TableName", table}};
  if (!index.empty()) out["IndexName"] = index;
  out["ContributorInsightsStatus"] = status;
  if (!mode.empty()) out["ContributorInsightsMode"] = mode;
  return out;
}

using Place = std::pair<std::string, std::string>;  // table, index

std::string token_of(const Place& place) { return text::hex(place.first + '/' + place.second); }

std::optional<Place> place_of(const std::string& token) {
  const std::optional<std::string> text = text::from_hex(token);
  const std::size_t at = text ? text->find('/') : std::string::npos;
  if (at == std::string::npos) return std::nullopt;
  return Place(text->substr(0, at), text->substr(at + 1));
}

// Everything that is enabled, tables before their indexes.
std::vector<std::pair<Place, dynamo::Insights>> all_enabled(const dynamo::Tables& tables, const std::string& only) {
  std::vector<std::pair<Place, dynamo::Insights>> out;
  const std::vector<std::string> names = only.empty() ? tables.names("", SIZE_MAX) : std::vector<std::string>{only};
  for (const std::string& name : names) {
    const dynamo::OpenTablePtr table = tables.open(name);
    if (!table) continue;
    for (const dynamo::Insights& one : table->definition.insights) out.emplace_back(Place(name, one.index), one);
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

}  // namespace

Task<gateway::Reply> update_contributor_insights(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  const Named named = read_named(reader);
  const bool enable = reader.required_choice("ContributorInsightsAction", actions) == "ENABLE";
  const std::optional<std::string> wanted_mode = reader.choice("ContributorInsightsMode", modes);
  reader.finish();
  std::string status, mode;
  const Result<void> done = co_await tables.edit(named.table, [&](dynamo::TableDefinition& definition) -> Result<void> {
    const Result<void> checked = named.check(definition);
    if (!checked) return checked;
    const dynamo::Insights* known = enabled(definition, named.index);
    mode = wanted_mode.value_or(known ? known->mode : std::string(modes[0]));
    const bool changes = known ? !enable || known->mode != mode : enable;
    status = enable ? (changes ? "ENABLING" : "ENABLED") : (changes ? "DISABLING" : "DISABLED");
    if (!changes) return {};
    std::erase_if(definition.insights, [&](const dynamo::Insights& one) { return one.index == named.index; });
    if (enable) definition.insights.push_back({named.index, mode, Timestamp::now()});
    return {};
  });
  done.value();
  gateway::Reply reply;
  reply.output = summary(named.table, named.index, status, mode);
  co_return reply;
}

Task<gateway::Reply> describe_contributor_insights(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  const Named named = read_named(reader);
  reader.finish();
  const dynamo::OpenTablePtr table = tables.open(named.table);
  if (!table) refuse(dynamo::table_not_found(named.table));
  named.check(table->definition).value();
  const dynamo::Insights* known = enabled(table->definition, named.index);
  gateway::Reply reply;
  reply.output = summary(named.table, named.index, known ? "ENABLED" : "DISABLED", known ? known->mode : std::string());
  if (known) reply.output["LastUpdateDateTime"] = known->since.seconds();
  co_return reply;
}

Task<gateway::Reply> list_contributor_insights(dynamo::Tables& tables, gateway::Call& call) {
  RequestReader reader(call.input);
  const std::string only = reader.has("TableName") ? reader.table_name() : std::string();
  const std::optional<std::string> token = reader.text("NextToken");
  const std::size_t max = static_cast<std::size_t>(
      reader.integer("MaxResults", INT64_MIN, 100).value_or(dynamo::limits::list_tables_page_max));
  reader.finish();
  if (!only.empty() && !tables.open(only)) refuse(dynamo::table_not_found(only));
  const std::optional<Place> after = token ? place_of(*token) : std::nullopt;
  if (token && !after) refuse(dynamo::validation_error("Provided NextToken is invalid: " + *token));
  json::array summaries;
  Place last;
  gateway::Reply reply;
  for (const auto& [place, one] : all_enabled(tables, only)) {
    if (after && place <= *after) continue;
    if (summaries.size() >= std::max<std::size_t>(max, 1)) {
      reply.output["NextToken"] = token_of(last);
      break;
    }
    summaries.push_back(summary(place.first, place.second, "ENABLED", one.mode));
    last = place;
  }
  reply.output["ContributorInsightsSummaries"] = std::move(summaries);
  co_return reply;
}

}  // namespace croft::services::dynamodb
