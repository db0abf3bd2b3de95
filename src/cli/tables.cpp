#include <algorithm>
#include <map>

#include "cli/aws_api.h"
#include "cli/commands.h"
#include "cli/item_text.h"
#include "cli/text_table.h"

namespace croft::cli {

namespace {

Result<json::object> call(const AwsApi& api, std::string_view operation, const json::object& input) {
  return api.json("dynamodb", "DynamoDB_20120810." + std::string(operation), input);
}

// Name and type of the key's attributes, partition key first.
struct Key {
  std::string name, type, role;
};

std::vector<Key> keys_of(const json::object& table) {
  std::map<std::string, std::string> types;
  std::vector<Key> keys;
  const json::value* attributes = json::find(table, "AttributeDefinitions");
  const json::value* schema = json::find(table, "KeySchema");
  if (!attributes || !attributes->is_array() || !schema || !schema->is_array()) return keys;
  for (const json::value& v : attributes->get_array()) {
    if (v.is_object())
      types[std::string(json::string_or(v.get_object(), "AttributeName", ""))] =
          json::string_or(v.get_object(), "AttributeType", "");
  }
  for (const json::value& v : schema->get_array()) {
    if (!v.is_object()) continue;
    const std::string name(json::string_or(v.get_object(), "AttributeName", ""));
    keys.push_back({name, types[name], std::string(json::string_or(v.get_object(), "KeyType", ""))});
  }
  std::stable_sort(keys.begin(), keys.end(),
                   [](const Key& a, const Key& b) { return a.role == "HASH" && b.role != "HASH"; });
  return keys;
}

Result<json::object> table_of(const AwsApi& api, const std::string& name) {
  auto answer = call(api, "DescribeTable", {{"TableName", name}});
  if (!answer) return answer.error();
  const json::value* table = json::find(*answer, "Table");
  if (!table || !table->is_object()) return Error{"InvalidResponse", "the answer has no table"};
  return table->get_object();
}

Result<std::vector<std::string>> table_names(const AwsApi& api) {
  std::vector<std::string> names;
  json::object input;
  for (std::size_t page = 0; page < limits::pages_max; ++page) {
    auto answer = call(api, "ListTables", input);
    if (!answer) return answer.error();
    if (const json::value* list = json::find(*answer, "TableNames"); list && list->is_array()) {
      for (const json::value& name : list->get_array())
        if (name.is_string()) names.emplace_back(name.get_string());
    }
    const std::string_view last = json::string_or(*answer, "LastEvaluatedTableName", "");
    if (last.empty()) break;
    input["ExclusiveStartTableName"] = last;
  }
  return names;
}

std::string key_text(const std::vector<Key>& keys) {
  std::string text;
  for (const Key& key : keys) text += (text.empty() ? "" : ", ") + shown(key.name) + " (" + shown(key.type) + ")";
  return text;
}

// Items as rows: the key's columns first, the others in the order in which they turn up.
class ItemTable {
 public:
  explicit ItemTable(const std::vector<Key>& keys) {
    for (const Key& key : keys) columns_.push_back(key.name);
  }

  void add(const json::object& item) {
    for (const auto& member : item) {
      if (std::find(columns_.begin(), columns_.end(), member.key()) == columns_.end())
        columns_.emplace_back(member.key());
    }
    items_.push_back(item);
  }
  std::size_t size() const { return items_.size(); }

  std::string text() const {
    std::vector<std::string> headings;
    for (const std::string& column : columns_) headings.push_back(shown(column));
    TextTable table(headings);
    for (const json::object& item : items_) {
      std::vector<Cell> row;
      for (const std::string& column : columns_) {
        const json::value* value = json::find(item, column);
        row.push_back(value ? Cell{cell_text(*value), is_number(*value)} : Cell{});
      }
      table.add(std::move(row));
    }
    return table.text();
  }

 private:
  std::vector<std::string> columns_;
  std::vector<json::object> items_;
};

// Calls `each` with every item of the table, page by page.
template <class F>
Result<void> scan_items(const AwsApi& api, const std::string& table, F each) {
  json::object input{{"TableName", table}};
  for (std::size_t page = 0; page < limits::pages_max; ++page) {
    auto answer = call(api, "Scan", input);
    if (!answer) return answer.error();
    if (const json::value* items = json::find(*answer, "Items"); items && items->is_array()) {
      for (const json::value& item : items->get_array())
        if (item.is_object() && !each(item.get_object())) return {};
    }
    const json::value* last = json::find(*answer, "LastEvaluatedKey");
    if (!last || !last->is_object() || last->get_object().empty()) break;
    input["ExclusiveStartKey"] = *last;
  }
  return {};
}

// NAME=VALUE arguments as the table's key.
Result<json::object> key_of(const std::vector<Key>& keys, const std::vector<std::string>& arguments) {
  json::object key;
  for (const std::string& argument : arguments) {
    const std::size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const auto found = std::find_if(keys.begin(), keys.end(), [&name](const Key& k) { return k.name == name; });
    if (equals == std::string::npos || found == keys.end()) {
      return Error{"InvalidOptions",
                   "'" + argument + "' is not NAME=VALUE with a name of the key: " + key_text(keys)};
    }
    key[name] = json::object{{found->type, argument.substr(equals + 1)}};
  }
  return key;
}

}  // namespace

int tables_list(const TablesOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const AwsApi api(*place);
  auto names = table_names(api);
  if (!names) return fail(names.error());
  TextTable view({"TABLE", "STATUS", "ITEMS", "KEY"});
  for (const std::string& name : *names) {
    if (options.json) {
      print_line(json_line(json::value(name)));
      continue;
    }
    auto table = table_of(api, name);
    if (!table) continue;  // deleted meanwhile
    view.add({{shown(name), false, Colour::bold},
              {shown(json::string_or(*table, "TableStatus", ""))},
              {std::to_string(json::int_or(*table, "ItemCount", 0)), true},
              {key_text(keys_of(*table))}});
  }
  if (!options.json) print_line(view.is_empty() ? "There are no tables." : view.text());
  return 0;
}

int tables_scan(const TablesOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const AwsApi api(*place);
  auto table = table_of(api, options.table);
  if (!table) return fail(table.error());
  ItemTable view(keys_of(*table));
  bool cut = false;
  auto scanned = scan_items(api, options.table, [&](const json::object& item) {
    if (options.json) {
      print_line(json_line(plain_item(item)));
      return true;
    }
    cut = view.size() == limits::rows_max;
    if (!cut) view.add(item);
    return !cut;
  });
  if (!scanned) return fail(scanned.error());
  if (options.json) return 0;
  print_line(view.size() == 0 ? "The table is empty." : view.text());
  if (cut) print_line("... only the first " + std::to_string(limits::rows_max) + " items; use --json for all");
  return 0;
}

int tables_describe(const TablesOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  auto table = table_of(AwsApi(*place), options.table);
  if (!table) return fail(table.error());
  print_line(options.json ? json_line(*table) : json_block(*table));
  return 0;
}

int tables_get(const TablesOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const AwsApi api(*place);
  auto table = table_of(api, options.table);
  if (!table) return fail(table.error());
  const std::vector<Key> keys = keys_of(*table);
  auto key = key_of(keys, options.key);
  if (!key) return fail(key.error());
  auto answer = call(api, "GetItem", {{"TableName", options.table}, {"Key", *key}, {"ConsistentRead", true}});
  if (!answer) return fail(answer.error());
  const json::value* item = json::find(*answer, "Item");
  if (!item || !item->is_object()) return fail({"NotFound", "the table has no such item"});
  if (options.json) {
    print_line(json_line(plain_item(item->get_object())));
    return 0;
  }
  ItemTable view(keys);
  view.add(item->get_object());
  print_line(view.text());
  return 0;
}

}  // namespace croft::cli
