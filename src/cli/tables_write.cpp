// croft tables put, update, delete
#include <iostream>
#include <iterator>

#include "cli/commands.h"
#include "cli/tables_api.h"
#include "cli/tables_expression.h"
#include "cli/tables_output.h"
#include "cli/terminal.h"
#include "device/config.h"
#include "text/encoding.h"

namespace croft::cli {

namespace {

// The item as given: text that begins with {, a file, or "-".
Result<std::string> item_text(const std::string& item) {
  if (text::trim(item).starts_with('{')) return item;
  if (item != "-") return device::read_file(item, limits::item_text_bytes_max);
  std::string text(std::istreambuf_iterator<char>(std::cin), {});
  if (text.size() > limits::item_text_bytes_max) return Error{"FileTooLarge", "an item has at most 400 KB"};
  return text;
}

Result<void> add_condition(json::object& request, Expressions& expressions, const TablesWriteOptions& options,
                           const TableShape& shape) {
  if (options.if_absent && !options.condition.empty())
    return Error{"InvalidOptions", "--if-absent and --if are not for one command"};
  if (options.if_absent) {
    request["ConditionExpression"] = "attribute_not_exists(" + expressions.name(shape.key.front()) + ")";
  } else if (!options.condition.empty()) {
    auto condition = expressions.condition(options.condition);
    if (!condition) return condition.error();
    request["ConditionExpression"] = *condition;
  }
  expressions.add_to(request);
  return {};
}

int show(const TablesWriteOptions& options, const TableShape& shape, const json::object& item) {
  ItemOutput output(options.format(), shape.key);
  output.add(item);
  output.finish("");
  return 0;
}

// SET and the like of one update: `sign` is null for REMOVE, which has paths alone.
Result<std::string> clause(Expressions& expressions, const char* word, const std::vector<std::string>& parts, const char* sign) {
  std::string out;
  for (const std::string& part : parts) {
    auto text = sign ? expressions.assignment(part, sign) : expressions.path(part);
    if (!text) return text.error();
    out += (out.empty() ? std::string(word) + " " : ", ") + *text;
  }
  return out;
}

Result<std::string> update_expression(Expressions& expressions, const TablesWriteOptions& options) {
  std::string out;
  for (const auto& [word, parts, sign] : {std::tuple{"SET", &options.set, " = "}, {"ADD", &options.add, " "},
                                          {"REMOVE", &options.remove, static_cast<const char*>(nullptr)}}) {
    auto text = clause(expressions, word, *parts, sign);
    if (!text) return text.error();
    if (!text->empty()) out += (out.empty() ? "" : " ") + *text;
  }
  if (out.empty()) return Error{"MissingOption", "give --set NAME=VALUE, --add NAME=NUMBER or --remove NAME"};
  return out;
}

// The request of a command that takes a key, up to its condition.
struct Write {
  TableApi api;
  TableShape shape;
  Expressions expressions;
};

Result<Write> write_to(const TablesWriteOptions& options) {
  auto place = find_place(options.place);
  if (!place) return place.error();
  TableApi api(*place);
  auto shape = api.table(options.table);
  if (!shape) return shape.error();
  return Write{std::move(api), *shape, Expressions(shape->types)};
}

}  // namespace

int tables_put(const TablesWriteOptions& options) {
  auto write = write_to(options);
  if (!write) return fail(write.error());
  auto text = item_text(options.item);
  if (!text) return fail(text.error());
  auto item = read_item(*text, write->shape.types, write->shape.key.front());
  if (!item) return fail(item.error());
  json::object request{{"TableName", options.table}, {"Item", *item}};
  auto condition = add_condition(request, write->expressions, options, write->shape);
  if (!condition) return fail(condition.error());
  auto answer = write->api.call("PutItem", request);
  if (!answer) return fail(answer.error());
  return show(options, write->shape, *item);
}

int tables_update(const TablesWriteOptions& options) {
  auto write = write_to(options);
  if (!write) return fail(write.error());
  auto key = write->shape.key_of(options.key);
  if (!key) return fail(key.error());
  auto update = update_expression(write->expressions, options);
  if (!update) return fail(update.error());
  json::object request{
      {"TableName", options.table}, {"Key", *key}, {"UpdateExpression", *update}, {"ReturnValues", "ALL_NEW"}};
  auto condition = add_condition(request, write->expressions, options, write->shape);
  if (!condition) return fail(condition.error());
  auto answer = write->api.call("UpdateItem", request);
  if (!answer) return fail(answer.error());
  const json::value* item = json::find(*answer, "Attributes");
  return show(options, write->shape, item && item->is_object() ? item->get_object() : *key);
}

int tables_delete(const TablesWriteOptions& options) {
  auto write = write_to(options);
  if (!write) return fail(write.error());
  auto key = write->shape.key_of(options.key);
  if (!key) return fail(key.error());
  json::object request{{"TableName", options.table}, {"Key", *key}, {"ReturnValues", "ALL_OLD"}};
  auto condition = add_condition(request, write->expressions, options, write->shape);
  if (!condition) return fail(condition.error());
  auto answer = write->api.call("DeleteItem", request);
  if (!answer) return fail(answer.error());
  const json::value* item = json::find(*answer, "Attributes");
  if (!item || !item->is_object() || item->get_object().empty()) return fail({"NotFound", "the table has no such item"});
  return show(options, write->shape, item->get_object());
}

}  // namespace croft::cli
