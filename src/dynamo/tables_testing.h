// A store in memory with one table "t" (pk S, sk N), for the tests of Tables.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dynamo/tables.h"
#include "dynamo/testing.h"

namespace croft::dynamo::testing {

inline constexpr const char* key1 = "{'pk':{'S':'p'},'sk':{'N':'1'}}";

inline TableDefinition definition(std::string name) {
  TableDefinition table;
  table.name = std::move(name);
  table.keys = {{"pk", Type::string}, KeyAttribute{"sk", Type::number}};
  table.attributes = {{"pk", Type::string}, {"sk", Type::number}};
  table.on_demand = true;
  return table;
}

inline IndexDefinition index(std::string name, bool global, KeySchema keys, IndexProjection projection = {}) {
  IndexDefinition out;
  out.name = std::move(name);
  out.global = global;
  out.keys = std::move(keys);
  out.projection = std::move(projection);
  return out;
}

inline Placeholders values() {
  return placeholders("", "{':one':{'N':'1'},':two':{'N':'2'},':seven':{'N':'7'},':a':{'S':'a'},':b':{'S':'b'},"
                          "':p':{'S':'p'},':true':{'BOOL':true}}");
}

inline Condition condition(std::string_view text) {
  Placeholders p = values();
  return Condition::parse("ConditionExpression", text, p).value();
}

inline std::vector<std::string> sort_keys(const Page& page) {
  std::vector<std::string> out;
  for (const Item& item : page.items) out.push_back(item.find("sk")->get<Number>()->text());
  return out;
}

class TablesTest : public ::testing::Test {
 protected:
  TablesTest() { EXPECT_TRUE(await(tables.create(definition("t")))); }

  std::string put(std::string item, std::optional<Condition> condition = std::nullopt) {
    PutItem request{.table = "t", .item = item_of(std::move(item)), .condition = std::move(condition)};
    const auto written = await(tables.put(std::move(request)));
    return written ? "" : written.error().message;
  }
  std::string get(std::string key) {
    const auto found = await(tables.get({.table = "t", .key = item_of(std::move(key))}));
    if (!found) return found.error().message;
    return found->item ? text_of(*found->item) : "";
  }
  Result<Written> update(std::string key, std::string_view expression, ReturnValues wanted = ReturnValues::none) {
    Placeholders p = values();
    UpdateItem request{.table = "t", .key = item_of(std::move(key))};
    request.update = Update::parse(expression, p).value();
    request.return_values = wanted;
    return await(tables.update(std::move(request)));
  }
  Query query(std::string_view key_condition) {
    return {.reading = {.table = "t"}, .key_condition = condition(key_condition)};
  }
  void fill(int count) {
    for (int i = 0; i < count; ++i) {
      put("{'pk':{'S':'p'},'sk':{'N':'" + std::to_string(i) + "'},'odd':{'BOOL':" + (i % 2 ? "true" : "false") +
          "}}");
    }
  }

  std::unique_ptr<Store> store = Store::open("", Store::Durability::os).value();
  TaskRunner await;
  Tables tables{*store, Instance{}};
};

}  // namespace croft::dynamo::testing
