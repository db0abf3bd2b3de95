#include "cli/tables_api.h"

#include <algorithm>
#include <thread>

#include "cli/terminal.h"

namespace croft::cli {

namespace {

KeyNames key_names(const json::object& described) {
  std::vector<std::pair<bool, std::string>> names;
  const json::value* schema = json::find(described, "KeySchema");
  if (!schema || !schema->is_array()) return {};
  for (const json::value& v : schema->get_array()) {
    if (v.is_object())
      names.emplace_back(json::string_or(v.get_object(), "KeyType", "") != "HASH",
                         json::string_or(v.get_object(), "AttributeName", ""));
  }
  std::stable_sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  KeyNames key;
  for (auto& [is_sort, name] : names) key.push_back(std::move(name));
  return key;
}

bool is_passing(const Error& error) {
  return error.http_status >= 500 || error.code == "ThrottlingException" || error.code == "RequestLimitExceeded" ||
         error.code == "ProvisionedThroughputExceededException";
}

}  // namespace

const KeyNames* TableShape::index(std::string_view wanted) const {
  const auto found = std::find_if(indexes.begin(), indexes.end(), [&](const auto& index) { return index.first == wanted; });
  return found == indexes.end() ? nullptr : &found->second;
}

std::string TableShape::key_text(const KeyNames& names) const {
  std::string text;
  for (const std::string& one : names) {
    const auto type = types.find(one);
    text += (text.empty() ? "" : ", ") + shown(one) + " (" + (type == types.end() ? "?" : shown(type->second)) + ")";
  }
  return text;
}

Result<json::object> TableShape::key_of(const std::vector<std::string>& arguments) const {
  json::object out;
  for (const std::string& argument : arguments) {
    // The longest name of the key that the argument begins with: names may have "=" in them.
    const auto fits = [&](const std::string& one) { return argument.starts_with(one + '='); };
    const auto found = std::find_if(key.begin(), key.end(), fits);
    if (found == key.end())
      return Error{"InvalidKey", "'" + argument + "' is not NAME=VALUE with a name of the key: " + key_text()};
    auto value = key_value(*found, types.find(*found)->second, std::string_view(argument).substr(found->size() + 1));
    if (!value) return value.error();
    out[*found] = *value;
  }
  if (out.size() < key.size()) return Error{"InvalidKey", "the whole key is needed: " + key_text()};
  return out;
}

std::string TableShape::example() const {
  std::string out = "{";
  for (const std::string& one : key) {
    const auto type = types.find(one);
    out += (out.size() > 1 ? ", " : "") + json::dump(json::value(one)) + ": ";
    out += type != types.end() && type->second == "N" ? "1" : "\"...\"";
  }
  return out + "}";
}

TableShape shape_of(const json::object& description) {
  TableShape shape;
  shape.name = json::string_or(description, "TableName", "");
  shape.key = key_names(description);
  if (const json::value* list = json::find(description, "AttributeDefinitions"); list && list->is_array()) {
    for (const json::value& v : list->get_array()) {
      if (v.is_object())
        shape.types[std::string(json::string_or(v.get_object(), "AttributeName", ""))] =
            json::string_or(v.get_object(), "AttributeType", "");
    }
  }
  for (const char* kind : {"LocalSecondaryIndexes", "GlobalSecondaryIndexes"}) {
    const json::value* list = json::find(description, kind);
    if (!list || !list->is_array()) continue;
    for (const json::value& v : list->get_array()) {
      if (v.is_object())
        shape.indexes.emplace_back(json::string_or(v.get_object(), "IndexName", ""), key_names(v.get_object()));
    }
  }
  shape.description = description;
  return shape;
}

Result<json::object> TableApi::call(std::string_view operation, const json::object& input) const {
  const std::string target = "DynamoDB_20120810." + std::string(operation);
  std::chrono::milliseconds wait = limits::retry_wait;
  for (int attempt = 1;; ++attempt, wait *= 2) {
    auto answer = api_.json("dynamodb", target, input);
    if (answer || attempt == limits::attempts_max || !is_passing(answer.error())) return answer;
    std::this_thread::sleep_for(wait);
  }
}

Result<TableShape> TableApi::table(const std::string& name) const {
  auto answer = call("DescribeTable", {{"TableName", name}});
  if (!answer) return answer.error();
  const json::value* table = json::find(*answer, "Table");
  if (!table || !table->is_object()) return Error{"InvalidResponse", "the answer has no table"};
  TableShape shape = shape_of(table->get_object());
  for (const std::string& one : shape.key)
    if (!shape.types.contains(one)) return Error{"InvalidResponse", "the answer does not tell the type of " + one};
  if (shape.key.empty()) return Error{"InvalidResponse", "the answer does not tell the table's key"};
  return shape;
}

Result<std::vector<std::string>> TableApi::names() const {
  std::vector<std::string> names;
  json::object input;
  for (std::size_t page = 0; page < limits::pages_max; ++page) {
    auto answer = call("ListTables", input);
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

Result<bool> TableApi::pages(std::string_view operation, json::object& request, std::size_t pages_max,
                             const std::function<bool(const json::object&)>& each) const {
  const bool is_statement = operation == "ExecuteStatement";
  const std::string_view last_member = is_statement ? "NextToken" : "LastEvaluatedKey";
  const std::string_view start_member = is_statement ? "NextToken" : "ExclusiveStartKey";
  for (std::size_t page = 0; page < pages_max; ++page) {
    auto answer = call(operation, request);
    if (!answer) return answer.error();
    const json::value* last = json::find(*answer, last_member);
    if (last) request[start_member] = *last;
    else request.erase(start_member);
    if (!each(*answer) || !last) return last != nullptr;
  }
  return true;
}

}  // namespace croft::cli
