// croft tables query, scan, get, sql
#include <algorithm>
#include <charconv>

#include "cli/commands.h"
#include "cli/tables_api.h"
#include "cli/tables_expression.h"
#include "cli/tables_output.h"
#include "cli/tables_view.h"
#include "cli/terminal.h"
#include "text/encoding.h"

namespace croft::cli {

namespace {

// The text as one word of a shell.
std::string shell_word(std::string_view text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? "'\\''" : std::string(1, c);
  return out + "'";
}

Result<std::size_t> pages_of(const std::string& text) {
  if (text == "all") return limits::pages_max;
  std::size_t pages = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), pages);
  if (failure != std::errc() || end != text.data() + text.size() || pages == 0)
    return Error{"InvalidOptions", "--pages is a number or all, not '" + text + "'"};
  return pages;
}

std::vector<std::string> names_in(const std::string& columns) {
  std::vector<std::string> names;
  for (std::size_t from = 0; from < columns.size();) {
    const std::size_t comma = std::min(columns.find(',', from), columns.size());
    std::string name = columns.substr(from, comma - from);
    name.erase(0, name.find_first_not_of(" `"));
    name.erase(std::min(name.find_first_of(".[` "), name.size()));
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    from = comma + 1;
  }
  return names;
}

Result<KeyNames> keys_of_index(const TableShape& shape, const std::string& index) {
  if (index.empty()) return shape.key;
  if (const KeyNames* keys = shape.index(index)) return *keys;
  std::string known;
  for (const auto& [name, keys] : shape.indexes) known += (known.empty() ? "" : ", ") + name;
  return Error{"InvalidOptions", shape.name + " has no index " + index +
                                     (known.empty() ? "; it has none" : "; it has " + known)};
}

// --where, --columns, --index and the like, as Query and Scan have them.
Result<void> add_reading(json::object& request, Expressions& expressions, const TableShape& shape,
                         const TablesReadOptions& options) {
  request["TableName"] = options.table;
  if (!options.index.empty()) request["IndexName"] = options.index;
  if (options.consistent) request["ConsistentRead"] = true;
  if (options.count) request["Select"] = "COUNT";
  if (!options.where.empty()) {
    auto filter = expressions.condition(options.where);
    if (!filter) return filter.error();
    request["FilterExpression"] = *filter;
  }
  if (!options.columns.empty() && !options.count) {
    auto projection = expressions.projection(options.columns);
    if (!projection) return projection.error();
    request["ProjectionExpression"] = *projection;
  }
  if (!options.start.empty()) {
    auto start = read_item(options.start, shape.types, shape.key.front());
    if (!start) return start.error();
    request["ExclusiveStartKey"] = *start;
  }
  return {};
}

// The key that reading goes on after, when `item` was the last one wanted of a page; nothing when it does not tell.
std::optional<json::object> key_after(const json::object& item, const TableShape& shape, const KeyNames& of_index) {
  json::object key;
  for (const KeyNames* names : {&shape.key, &of_index}) {
    for (const std::string& name : *names) {
      const json::value* value = json::find(item, name);
      if (!value) return std::nullopt;
      key[name] = *value;
    }
  }
  return key;
}

struct Reading {
  std::string operation;  // Query or Scan
  TableShape shape;
  KeyNames keys;  // of the index
  json::object request;
};

// What is to be read, and what was: pages go through on_page().
class Reader {
 public:
  Reader(const TablesReadOptions& options, Reading reading)
      : options_(options), reading_(std::move(reading)), output_(options.format(), first_columns()) {}

  int run(const TableApi& api) {
    auto pages = pages_of(options_.pages);
    if (!pages) return fail(pages.error());
    limit_next_page();
    const auto each = [this](const json::object& page) { return on_page(page); };
    auto more = api.pages(reading_.operation, reading_.request, *pages, each);
    if (!more) return fail(more.error());
    if (options_.count) {
      print_line(std::to_string(counted_));
    } else {
      output_.finish(empty_text());
    }
    tell_the_rest(*more);
    return 0;
  }

 private:
  std::vector<std::string> first_columns() const {
    if (!options_.columns.empty()) return names_in(options_.columns);
    std::vector<std::string> names = reading_.shape.key;
    for (const std::string& name : reading_.keys)
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    return names;
  }

  bool on_page(const json::object& page) {
    if (options_.count) {
      counted_ += static_cast<std::uint64_t>(json::int_or(page, "Count", 0));
      return true;
    }
    const json::value* items = json::find(page, "Items");
    if (!items || !items->is_array()) return true;
    for (const json::value& item : items->get_array()) {
      if (!item.is_object()) continue;
      if (wanted() == 0) return cut_ = true, false;
      output_.add(item.get_object());
      last_ = item.get_object();
    }
    limit_next_page();
    return wanted() > 0;
  }

  // A filter is applied after Limit, which would then say nothing about what is shown.
  void limit_next_page() {
    if (options_.limit == 0 || options_.count || !options_.where.empty()) return;
    reading_.request["Limit"] = std::clamp<std::uint64_t>(wanted(), 1, INT32_MAX);
  }

  std::uint64_t wanted() const {
    const std::uint64_t of_output = options_.json || options_.plain ? UINT64_MAX : limits::rows_max;
    const std::uint64_t most = options_.limit > 0 ? options_.limit : of_output;
    return most - std::min<std::uint64_t>(most, output_.size());
  }

  std::string empty_text() const {
    if (!options_.where.empty() || reading_.operation == "Query") return "No item fits.";
    if (!options_.index.empty())
      return "The index is empty: no item has its key, " + reading_.shape.key_text(reading_.keys) + ".";
    return "The table is empty. To put an item: croft tables put " + shown(options_.table) + " " +
           shell_word(reading_.shape.example());
  }

  void tell_the_rest(bool more) const {
    if (!cut_ && !more) return;
    std::optional<json::object> key;
    const json::value* next = json::find(reading_.request, "ExclusiveStartKey");
    if (cut_) key = key_after(last_, reading_.shape, reading_.keys);
    else if (next && next->is_object()) key = next->get_object();
    const std::string how = key ? "; go on with --start " + shell_word(plain_json(*key)) : "";
    std::fprintf(stderr, "There may be more%s\n", shown(how).c_str());
  }

  const TablesReadOptions& options_;
  Reading reading_;
  ItemOutput output_;
  json::object last_;
  std::uint64_t counted_ = 0;
  bool cut_ = false;
};

Result<std::string> key_condition(Expressions& expressions, const TablesReadOptions& options, const Reading& reading) {
  if (options.key.empty()) {
    const std::string& partition = reading.keys.front();
    return Error{"MissingOption", "give --key " + partition + "=VALUE; the key is " + reading.shape.key_text(reading.keys)};
  }
  std::string out;
  for (const std::string& text : options.key) {
    auto part = expressions.key_condition(text);
    if (!part) return part.error();
    out += (out.empty() ? "" : " AND ") + *part;
  }
  return out;
}

int read(const TablesReadOptions& options, bool is_query) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const TableApi api(*place);
  auto shape = api.table(options.table);
  if (!shape) return fail(shape.error());
  auto keys = keys_of_index(*shape, options.index);
  if (!keys) return fail(keys.error());
  Expressions expressions(shape->types);
  Reading reading{is_query ? "Query" : "Scan", *shape, *keys, {}};
  if (is_query) {
    auto condition = key_condition(expressions, options, reading);
    if (!condition) return fail(condition.error());
    reading.request["KeyConditionExpression"] = *condition;
    if (options.reverse) reading.request["ScanIndexForward"] = false;
  }
  auto added = add_reading(reading.request, expressions, *shape, options);
  if (!added) return fail(added.error());
  expressions.add_to(reading.request);
  return Reader(options, std::move(reading)).run(api);
}

}  // namespace

int tables_query(const TablesReadOptions& options) { return read(options, true); }

int tables_scan(const TablesReadOptions& options) { return read(options, false); }

int tables_get(const TablesReadOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const TableApi api(*place);
  auto shape = api.table(options.table);
  if (!shape) return fail(shape.error());
  auto key = shape->key_of(options.key);
  if (!key) return fail(key.error());
  json::object request{{"TableName", options.table}, {"Key", *key}, {"ConsistentRead", true}};
  if (!options.columns.empty()) {
    Expressions expressions(shape->types);
    auto projection = expressions.projection(options.columns);
    if (!projection) return fail(projection.error());
    request["ProjectionExpression"] = *projection;
    expressions.add_to(request);
  }
  auto answer = api.call("GetItem", request);
  if (!answer) return fail(answer.error());
  const json::value* item = json::find(*answer, "Item");
  if (!item || !item->is_object()) return fail({"NotFound", "the table has no such item"});
  ItemOutput output(options.format(), options.columns.empty() ? shape->key : names_in(options.columns));
  output.add(item->get_object());
  output.finish("");
  return 0;
}

int tables_sql(const TablesReadOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  auto pages = pages_of(options.pages);
  if (!pages) return fail(pages.error());
  const TableApi api(*place);
  json::object request{{"Statement", options.statement}};
  if (options.consistent) request["ConsistentRead"] = true;
  json::array parameters;
  for (const std::string& text : options.parameters) parameters.push_back(attribute_of_text(text));
  if (!parameters.empty()) request["Parameters"] = std::move(parameters);
  ItemOutput output(options.format(), {});
  const std::size_t most = options.limit > 0 ? options.limit : limits::rows_max;
  bool cut = false;
  auto more = api.pages("ExecuteStatement", request, *pages, [&](const json::object& page) {
    const json::value* items = json::find(page, "Items");
    if (!items || !items->is_array()) return true;
    for (const json::value& item : items->get_array()) {
      cut = output.size() == most;
      if (cut) return false;
      if (item.is_object()) output.add(item.get_object());
    }
    return true;
  });
  if (!more) return fail(more.error());
  const std::string_view statement = text::trim(options.statement);
  output.finish(text::lower(statement.substr(0, 6)) == "select" ? "No item fits." : "Done.");
  if (cut || *more) std::fputs("There may be more\n", stderr);
  return 0;
}

}  // namespace croft::cli
