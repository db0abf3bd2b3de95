#include "services/dynamodb/item_collections.h"

#include <algorithm>

namespace croft::services::dynamodb {

namespace {

// The collections of the table, which begin to exist when there is one.
std::vector<dynamo::ItemCollection>& of_table(Collections& all, const std::string& table) {
  const auto same = [&](const auto& known) { return known.first == table; };
  const auto found = std::find_if(all.begin(), all.end(), same);
  if (found != all.end()) return found->second;
  return all.emplace_back(table, std::vector<dynamo::ItemCollection>()).second;
}

}  // namespace

Task<Collections> collections_of(const dynamo::Tables& tables, Affected affected) {
  Collections all;
  for (auto& [table, item] : affected) {
    std::optional<dynamo::ItemCollection> collection = co_await tables.collection(table, std::move(item));
    if (!collection) continue;
    std::vector<dynamo::ItemCollection>& known = of_table(all, table);
    const auto same = [&](const dynamo::ItemCollection& other) { return other.key == collection->key; };
    if (std::none_of(known.begin(), known.end(), same)) known.push_back(*std::move(collection));
  }
  co_return all;
}

}  // namespace croft::services::dynamodb
