// Thousands of random operations on a table with indexes, each answer held against the model (model_testing.h), which
// is a map of items and nothing else. A failure names its seed and step.
#include <gmock/gmock.h>

#include <random>

#include "dynamo/model_testing.h"
#include "dynamo/tables_testing.h"

namespace croft::dynamo {

namespace {

using namespace testing;  // NOLINT
using model::Action;
using model::Map;
using model::Operand;
using model::Path;
using model::Value;

using Key = std::pair<std::string, long long>;

const char* const attributes[] = {"g", "n", "x", "y", "ss", "ns", "l", "m"};

// What the random choices come from.
class Chooser {
 public:
  explicit Chooser(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class Things>
  auto of(const Things& things) {
    return *(std::begin(things) + below(std::size(things)));
  }

  std::string string() { return std::string(1 + below(3), 'a').replace(0, 1, 1, static_cast<char>('a' + below(4))); }
  long long number() { return static_cast<long long>(below(12)) - 3; }
  Key key() { return {std::string(1, static_cast<char>('p' + below(3))), static_cast<long long>(below(6))}; }
  Path path() {
    const std::string attribute = of(attributes);
    if (attribute == "l" && one_in(2)) return {attribute, std::nullopt, below(4)};
    if (attribute == "m" && one_in(2)) return {attribute, of(keys_), std::nullopt};
    return {attribute};
  }
  Value scalar() { return one_in(2) ? Value{number()} : Value{string()}; }
  Value set() {
    model::Strings strings;
    model::Numbers numbers;
    for (std::size_t i = 0, count = 1 + below(3); i < count; ++i) {
      strings.insert(string());
      numbers.insert(number());
    }
    return one_in(2) ? Value{strings} : Value{numbers};
  }
  Value value() {
    switch (below(8)) {
      case 0:
        return set();
      case 1:
        return list();
      case 2:
        return Value{Map{{of(keys_), scalar()}, {of(keys_), scalar()}}};
      case 3:
        return one_in(2) ? Value{one_in(2)} : Value{model::Null()};
      default:
        return scalar();
    }
  }
  Value list() {
    model::List list;
    for (std::size_t i = below(4); i > 0; --i) list.push_back(scalar());
    return Value{list};
  }
  // Now and then an index's key is of a type that it cannot be.
  Value value_of(const std::string& attribute) {
    if (one_in(40)) return value();
    if (attribute == "g") return Value{string()};
    if (attribute == "n") return Value{number()};
    if (attribute == "l") return list();
    if (attribute == "m") return Value{Map{{of(keys_), scalar()}}};
    if (attribute == "ss" || attribute == "ns") return set();
    return value();
  }

 private:
  const char* const keys_[3] = {"a", "b", "c"};
  std::mt19937 random_;
};

// Expressions of random conditions and updates: what the model evaluates, and the text for the tables.
class Writer {
 public:
  std::string bound(const Value& value) {
    values_ += (values_.empty() ? "" : ",") + ("':v" + std::to_string(count_)) + "':" + model::text(value);
    return ":v" + std::to_string(count_++);
  }
  std::string operand(const Operand& operand) {
    const std::string text = operand.path ? operand.path->text() : bound(operand.value);
    return operand.size ? "size(" + text + ")" : text;
  }
  std::string condition(const model::Condition& condition) {
    std::vector<std::string> parts;
    for (const Operand& one : condition.operands) parts.push_back(operand(one));
    const std::string& kind = condition.kind;
    if (kind == "NOT") return "NOT (" + this->condition(condition.children[0]) + ")";
    if (kind == "AND" || kind == "OR") {
      std::string out;
      for (const model::Condition& child : condition.children) {
        out += (out.empty() ? "(" : " " + kind + " (") + this->condition(child) + ")";
      }
      return out;
    }
    if (kind == "BETWEEN") return parts[0] + " BETWEEN " + parts[1] + " AND " + parts[2];
    std::string joined;
    for (std::size_t i = kind == "IN" ? 1 : 0; i < parts.size(); ++i)
      joined += (joined.empty() ? "" : ", ") + parts[i];
    if (kind == "IN") return parts[0] + " IN (" + joined + ")";
    if (kind[0] >= 'a') return kind + "(" + joined + ")";
    return parts[0] + " " + kind + " " + parts[1];
  }
  std::string update(const std::vector<Action>& actions) {
    std::string out;
    for (const char* section : {"SET", "REMOVE", "ADD", "DELETE"}) {
      std::string list;
      for (const Action& action : actions) {
        if (section_of(action) == section) list += (list.empty() ? " " : ", ") + this->action(action);
      }
      if (!list.empty()) out += section + list + " ";
    }
    return out;
  }
  Placeholders placeholders() const { return testing::placeholders("", values_.empty() ? "" : "{" + values_ + "}"); }

 private:
  static std::string section_of(const Action& action) {
    if (action.kind == "remove") return "REMOVE";
    if (action.kind == "add") return "ADD";
    return action.kind == "delete" ? "DELETE" : "SET";
  }
  std::string action(const Action& action) {
    const std::string target = action.target.text();
    if (action.kind == "remove") return target;
    if (action.kind == "add" || action.kind == "delete") return target + " " + bound(action.left.value);
    const std::string left = operand(action.left);
    if (action.kind == "set") return target + " = " + left;
    const std::string right = operand(action.right);
    if (action.kind == "plus") return target + " = " + left + " + " + right;
    if (action.kind == "minus") return target + " = (" + left + " - " + right + ")";
    return target + " = " + action.kind + "(" + left + ", " + right + ")";
  }

  std::string values_;
  int count_ = 0;
};

Operand random_operand(Chooser& choose) {
  if (choose.one_in(2)) return {choose.path()};
  return {std::nullopt, choose.value()};
}

// `outside` are attributes that it may not name.
model::Condition random_condition(Chooser& choose, const std::set<std::string>& outside, int depth = 0) {
  if (depth < 3 && choose.one_in(3)) {
    const char* const joints[] = {"AND", "OR", "NOT"};
    model::Condition out{choose.of(joints)};
    for (std::size_t i = out.kind == "NOT" ? 1 : 2 + choose.below(2); i > 0; --i) {
      out.children.push_back(random_condition(choose, outside, depth + 1));
    }
    return out;
  }
  Path path = choose.path();
  while (outside.count(path.attribute)) path = choose.path();
  const auto value = [](Value value) { return Operand{std::nullopt, std::move(value)}; };
  switch (choose.below(9)) {
    case 0:
      return {"attribute_exists", {{path}}};
    case 1:
      return {"attribute_not_exists", {{path}}};
    case 2:
      return {"attribute_type", {{path}, value(Value{choose.value().type()})}};
    case 3:
      return {"begins_with", {{path}, value(Value{choose.string()})}};
    case 4:
      return {"contains", {{path}, value(choose.scalar())}};
    case 5:
      return {"IN", {{path}, value(choose.value()), value(choose.value()), value(choose.scalar())}};
    case 6: {
      const long long low = choose.number();
      return {"BETWEEN", {{path, {}, choose.one_in(2)}, value(Value{low}), value(Value{low + choose.number() + 3})}};
    }
    case 7: {
      const char* const kinds[] = {"=", "<>"};
      return {choose.of(kinds), {{path}, value(choose.value())}};
    }
    default: {
      const char* const kinds[] = {"<", "<=", ">", ">="};
      return {choose.of(kinds), {{path, {}, choose.one_in(3)}, value(choose.scalar())}};
    }
  }
}

Action random_action(Chooser& choose, const Path& target) {
  const char* const kinds[] = {"set",         "set",    "plus", "minus", "if_not_exists",
                               "list_append", "remove", "add",  "delete"};
  Action out{choose.of(kinds), target};
  const auto literal = [](Value value) { return Operand{std::nullopt, std::move(value)}; };
  if (out.kind == "add") {
    const bool set = target.attribute == "ss" || target.attribute == "ns";
    out.left = literal(choose.one_in(6) == set ? Value{choose.number()} : choose.set());
  }
  if (out.kind == "delete") out.left = literal(choose.set());
  if (out.kind == "set")
    out.left = choose.one_in(4) ? random_operand(choose) : literal(choose.value_of(target.attribute));
  if (out.kind == "plus" || out.kind == "minus") {
    out.left = {choose.one_in(4) ? choose.path() : Path{"n"}};
    out.right = choose.one_in(6) ? Operand{choose.path()} : literal(Value{choose.number()});
  }
  if (out.kind == "if_not_exists") {
    out.left = {choose.path()};
    out.right = choose.one_in(4) ? Operand{choose.path()} : literal(choose.value());
  }
  if (out.kind == "list_append") {
    out.left = choose.one_in(2) ? Operand{choose.one_in(4) ? choose.path() : Path{"l"}} : literal(choose.list());
    out.right = choose.one_in(6) ? Operand{choose.path()} : literal(choose.list());
  }
  return out;
}

// Each attribute is named once, but for two elements of one list.
std::vector<Action> random_update(Chooser& choose) {
  std::vector<Action> out;
  std::set<std::string> used;
  for (std::size_t i = 1 + choose.below(3); i > 0; --i) {
    const Path target = choose.path();
    if (used.insert(target.attribute).second) out.push_back(random_action(choose, target));
  }
  if (choose.one_in(6) && used.insert("l").second) {
    out.push_back({"remove", {"l", std::nullopt, 0}});
    out.push_back(choose.one_in(2) ? Action{"remove", {"l", std::nullopt, 2}}
                                   : Action{"set", {"l", std::nullopt, 1}, {std::nullopt, choose.scalar()}});
  }
  return out;
}

std::string mistake(const Map& item) {
  for (const auto& [attribute, type] : {std::pair("g", "S"), {"n", "N"}}) {
    if (item.count(attribute) && item.at(attribute).type() != type) return "index";
  }
  return "";
}

Key key_of_item(const Map& item) {
  return {*item.at("pk").get<std::string>(), *item.at("sk").get<long long>()};
}
Map key_map(const Key& key) {
  return {{"pk", Value{key.first}}, {"sk", Value{key.second}}};
}
Item real(const Map& item) {
  return item_of(model::text(item));
}

class Comparison {
 public:
  explicit Comparison(unsigned seed) : choose_(seed) {
    TableDefinition wanted = definition("t");
    wanted.attributes.push_back({"g", Type::string});
    wanted.attributes.push_back({"n", Type::number});
    wanted.indexes.push_back(index("global", true, {{"g", Type::string}, KeyAttribute{"n", Type::number}},
                                   {IndexProjection::Kind::include, {"x"}}));
    wanted.indexes.push_back(index("local", false, {{"pk", Type::string}, KeyAttribute{"n", Type::number}}));
    EXPECT_TRUE(await_(tables_.create(wanted)));
  }

  void step() {
    switch (choose_.below(12)) {
      case 0:
      case 1:
        return put();
      case 2:
        return erase();
      case 3:
      case 4:
      case 5:
      case 6:
        return update();
      case 7:
        return get();
      case 8:
        return query_table();
      case 9:
        return query_index();
      case 10:
        return scan();
      default:
        return batch();
    }
  }

  const std::string& last() const { return told_; }
  std::size_t items() const { return model_.size(); }
  std::int64_t counted() { return tables_.describe("t")->numbers.items; }

 private:
  // A third of the writes have a condition.
  std::optional<Condition> condition(std::optional<model::Condition>& modelled) {
    if (!choose_.one_in(3)) return std::nullopt;
    modelled = random_condition(choose_, {});
    Writer writer;
    const std::string text = writer.condition(*modelled);
    told_ += " if " + text;
    Placeholders placeholders = writer.placeholders();
    return Condition::parse("ConditionExpression", text, placeholders).value();
  }
  bool allows(const std::optional<model::Condition>& condition, const Key& key) const {
    return !condition || model::holds(*condition, model_.count(key) ? model_.at(key) : Map());
  }
  std::optional<Map> old(const Key& key) const {
    return model_.count(key) ? std::optional(model_.at(key)) : std::nullopt;
  }
  static std::string shown(const std::optional<Map>& item) {
    return item && !item->empty() ? model::text(*item) : "none";
  }
  static std::string shown(const Result<Written>& written) {
    if (!written) return written.error().code;
    return written->attributes ? text_of(*written->attributes) : "none";
  }

  Map random_item(const Key& key) {
    Map item = key_map(key);
    for (const char* attribute : attributes) {
      if (!choose_.one_in(3)) item[attribute] = choose_.value_of(attribute);
    }
    return item;
  }

  void put() {
    const Key key = choose_.key();
    const Map item = random_item(key);
    told_ = "put " + model::text(item);
    std::optional<model::Condition> modelled;
    PutItem request{.table = "t", .item = real(item), .condition = condition(modelled)};
    const bool wants_old = choose_.one_in(2);
    if (wants_old) request.return_values = ReturnValues::all_old;
    std::string expected = wants_old ? shown(old(key)) : "none";
    if (!mistake(item).empty())
      expected = "ValidationException";
    else if (!allows(modelled, key))
      expected = "ConditionalCheckFailedException";
    else
      model_[key] = item;
    EXPECT_EQ(shown(await_(tables_.put(std::move(request)))), expected);
  }

  void erase() {
    const Key key = choose_.key();
    told_ = "delete " + model::text(key_map(key));
    std::optional<model::Condition> modelled;
    DeleteItem request{.table = "t", .key = real(key_map(key)), .condition = condition(modelled)};
    request.return_values = ReturnValues::all_old;
    std::string expected = shown(old(key));
    if (!allows(modelled, key))
      expected = "ConditionalCheckFailedException";
    else
      model_.erase(key);
    EXPECT_EQ(shown(await_(tables_.erase(std::move(request)))), expected);
  }

  void update() {
    const Key key = choose_.key();
    const std::vector<Action> actions = random_update(choose_);
    Writer writer;
    const std::string text = writer.update(actions);
    told_ = "update " + model::text(key_map(key)) + " " + text;
    Placeholders placeholders = writer.placeholders();
    std::optional<model::Condition> modelled;
    UpdateItem request{.table = "t", .key = real(key_map(key)), .condition = condition(modelled)};
    const Result<Update> parsed = Update::parse(text, placeholders);
    if (!parsed) return;  // an operand that no item could make right
    request.update = *parsed;
    const ReturnValues all[] = {ReturnValues::none, ReturnValues::all_old, ReturnValues::updated_old,
                                ReturnValues::all_new, ReturnValues::updated_new};
    request.return_values = choose_.of(all);
    const std::string expected = expected_of_update(key, actions, modelled, request.return_values);
    const Result<Written> written = await_(tables_.update(std::move(request)));
    const bool by_message = !written && actions.size() == 1 && expected != written.error().code;
    EXPECT_EQ(by_message ? written.error().message : shown(written), expected);
  }

  // Changes the model.
  std::string expected_of_update(const Key& key, const std::vector<Action>& actions,
                                 const std::optional<model::Condition>& condition, ReturnValues wanted) {
    if (!allows(condition, key)) return "ConditionalCheckFailedException";
    const std::optional<Map> before = old(key);
    const model::Outcome outcome = model::apply(actions, before.value_or(key_map(key)));
    if (!outcome.error.empty()) return actions.size() == 1 ? outcome.error : "ValidationException";
    if (!mistake(outcome.item).empty()) return "ValidationException";
    const bool makes = std::any_of(actions.begin(), actions.end(),
                                   [](const Action& one) { return one.kind != "remove" && one.kind != "delete"; });
    if (!before && !makes) return "none";
    model_[key] = outcome.item;
    std::vector<Path> paths;
    for (const Action& action : actions) paths.push_back(action.target);
    switch (wanted) {
      case ReturnValues::none:
        return "none";
      case ReturnValues::all_old:
        return shown(before);
      case ReturnValues::all_new:
        return shown(outcome.item);
      case ReturnValues::updated_old:
        return before ? shown(model::project(*before, paths)) : "none";
      case ReturnValues::updated_new:
        return shown(model::project(outcome.item, paths));
    }
    return "";
  }

  std::optional<Projection> projection(std::vector<Path>& paths) {
    if (choose_.one_in(2)) return std::nullopt;
    std::set<std::string> used;
    std::string text;
    for (std::size_t i = 0; i < 3; ++i) {
      const Path path = choose_.path();
      if (!used.insert(path.attribute).second) continue;
      paths.push_back(path);
      text += (text.empty() ? "" : ", ") + path.text();
    }
    told_ += " of " + text;
    Placeholders none = testing::placeholders("", "");
    return Projection::parse(text, none).value();
  }

  void get() {
    const Key key = choose_.key();
    told_ = "get " + model::text(key_map(key));
    std::vector<Path> paths;
    GetItem request{.table = "t", .key = real(key_map(key)), .projection = projection(paths)};
    const bool projected = request.projection.has_value();
    const Result<Found> found = await_(tables_.get(std::move(request)));
    ASSERT_TRUE(found);
    const std::optional<Map> expected = old(key);
    ASSERT_EQ(found->item.has_value(), expected.has_value());
    if (expected) {
      EXPECT_EQ(text_of(*found->item), model::text(projected ? model::project(*expected, paths) : *expected));
    }
  }

  // The sort key's condition, if any, with what the model makes of it.
  model::Condition sort_condition(const char* attribute) {
    const Operand path{Path{attribute}};
    const auto value = [](long long number) { return Operand{std::nullopt, Value{number}}; };
    const long long low = choose_.number();
    if (choose_.one_in(4)) return {"BETWEEN", {path, value(low), value(low + 2)}};
    const char* const kinds[] = {"=", "<", "<=", ">", ">="};
    return {choose_.of(kinds), {path, value(low)}};
  }

  // Pages of `request`, read to the end, are those of `rows`, which come in order before any filter.
  void compare_pages(Query request, std::vector<Map> rows, const std::set<std::string>& keys,
                     const std::optional<model::Condition>& filter, const std::vector<Path>& paths) {
    if (!request.forward) std::reverse(rows.begin(), rows.end());
    const bool projected = request.reading.projection.has_value(), counted = request.reading.count_only;
    const std::size_t limit = request.reading.limit.value_or(1000);
    for (std::size_t from = 0;; from += limit) {
      const Result<Page> page = await_(tables_.query(request));
      ASSERT_TRUE(page) << page.error().message;
      const std::size_t to = std::min(from + limit, rows.size());
      std::vector<std::string> expected, got;
      for (std::size_t i = from; i < to; ++i) {
        if (filter && !model::holds(*filter, rows[i])) continue;
        expected.push_back(model::text(projected ? model::project(rows[i], paths) : rows[i]));
      }
      for (const Item& item : page->items) got.push_back(text_of(item));
      EXPECT_EQ(page->scanned, to - from);
      EXPECT_EQ(page->count, expected.size());
      EXPECT_EQ(got, counted ? std::vector<std::string>() : expected);
      ASSERT_EQ(page->last_key.has_value(), to - from == limit);
      if (!page->last_key) return;
      Map last;
      for (const std::string& key : keys) last[key] = rows[to - 1].at(key);
      ASSERT_EQ(text_of(*page->last_key), model::text(last));
      request.reading.start_key = page->last_key;
    }
  }

  // What all queries have: a limit, a filter, a direction, a choice of attributes.
  void query(Query request, const std::string& partition, const Value& value, const char* sort_attribute,
             std::vector<Map> rows, std::set<std::string> keys, bool may_project) {
    Writer writer;
    std::string text = partition + " = " + writer.bound(value);
    if (choose_.one_in(2)) {
      const model::Condition sort = sort_condition(sort_attribute);
      text += " AND " + writer.condition(sort);
      std::erase_if(rows, [&](const Map& row) { return !model::holds(sort, row); });
    }
    told_ += " " + text;
    Placeholders bound = writer.placeholders();
    request.key_condition = Condition::parse("KeyConditionExpression", text, bound).value();
    std::optional<model::Condition> filter;
    if (choose_.one_in(2)) {
      filter = random_condition(choose_, keys);
      Writer of_filter;
      const std::string filter_text = of_filter.condition(*filter);
      told_ += " filter " + filter_text;
      Placeholders placeholders = of_filter.placeholders();
      request.reading.filter = Condition::parse("FilterExpression", filter_text, placeholders).value();
    }
    std::vector<Path> paths;
    if (may_project) request.reading.projection = projection(paths);
    if (choose_.one_in(2)) request.reading.limit = static_cast<std::uint32_t>(1 + choose_.below(4));
    request.reading.count_only = !request.reading.projection && choose_.one_in(6);
    request.forward = choose_.one_in(2);
    compare_pages(std::move(request), std::move(rows), keys, filter, paths);
  }

  void query_table() {
    told_ = "query";
    const std::string partition = choose_.key().first;
    std::vector<Map> rows;
    for (const auto& [key, item] : model_) {
      if (key.first == partition) rows.push_back(item);
    }
    query({.reading = {.table = "t"}}, "pk", Value{partition}, "sk", std::move(rows), {"pk", "sk"}, true);
  }

  void query_index() {
    const bool global = choose_.one_in(2);
    told_ = global ? "query global" : "query local";
    const std::string partition = global ? choose_.string() : choose_.key().first;
    std::vector<Map> rows;
    for (const auto& [key, item] : model_) {
      if (!item.count("n") || (global && !item.count("g"))) continue;
      if (item.at(global ? "g" : "pk") != Value{partition}) continue;
      rows.push_back(item);
      if (global) rows.back() = model::project(item, {{"pk"}, {"sk"}, {"g"}, {"n"}, {"x"}});
    }
    std::stable_sort(rows.begin(), rows.end(), [](const Map& a, const Map& b) {
      return *a.at("n").get<long long>() < *b.at("n").get<long long>();
    });
    std::set<std::string> keys = {"pk", "sk", "n"};
    if (global) keys.insert("g");
    query({.reading = {.table = "t", .index = global ? "global" : "local"}}, global ? "g" : "pk", Value{partition},
          "n", std::move(rows), std::move(keys), !global);
  }

  // The order of partitions is nobody's business, that of a partition's items is.
  void scan() {
    const std::uint32_t segments = static_cast<std::uint32_t>(1 + choose_.below(3));
    const std::uint32_t limit = static_cast<std::uint32_t>(1 + choose_.below(5));
    const model::Condition filter = random_condition(choose_, {});
    Writer writer;
    const std::string text = writer.condition(filter);
    told_ = "scan of " + std::to_string(segments) + " filter " + text;
    Placeholders placeholders = writer.placeholders();
    std::vector<std::string> got, expected;
    std::size_t scanned = 0;
    for (std::uint32_t segment = 0; segment < segments; ++segment) {
      Scan request{.reading = {.table = "t"}, .segment = segment, .segments = segments};
      request.reading.limit = limit;
      request.reading.filter = Condition::parse("FilterExpression", text, placeholders).value();
      std::map<std::string, Item> last_of_partition;
      for (bool more = true; more;) {
        const Result<Page> page = await_(tables_.scan(request));
        ASSERT_TRUE(page) << page.error().message;
        ASSERT_LE(page->scanned, limit);
        scanned += page->scanned;
        for (const Item& item : page->items) {
          got.push_back(text_of(item));
          Item& before = last_of_partition[*item.find("pk")->get<std::string>()];
          if (!before.empty()) ASSERT_LT(*before.find("sk")->get<Number>(), *item.find("sk")->get<Number>());
          before = item;
        }
        more = page->last_key.has_value();
        request.reading.start_key = page->last_key;
      }
    }
    for (const auto& [key, item] : model_) {
      if (model::holds(filter, item)) expected.push_back(model::text(item));
    }
    EXPECT_EQ(scanned, model_.size());
    EXPECT_THAT(got, ::testing::UnorderedElementsAreArray(expected));
  }

  // Writes some keys, then reads these and others.
  void batch() {
    told_ = "batch";
    std::set<Key> written, read;
    BatchWrite::Part part{"t", {}};
    for (std::size_t i = 1 + choose_.below(5); i > 0; --i) {
      const Key key = choose_.key();
      if (!written.insert(key).second) continue;
      Map item = random_item(key);
      if (choose_.one_in(3)) {
        part.requests.push_back({std::nullopt, real(key_map(key))});
        model_.erase(key);
        continue;
      }
      if (!mistake(item).empty()) item = key_map(key);
      part.requests.push_back({real(item), {}});
      model_[key] = item;
    }
    ASSERT_TRUE(await_(tables_.batch_write({{part}})));
    BatchGet::Part wanted{"t", {}};
    std::vector<std::string> expected, got;
    for (int i = 0; i < 6; ++i) {
      const Key key = choose_.key();
      if (!read.insert(key).second) continue;
      wanted.keys.push_back(real(key_map(key)));
      if (model_.count(key)) expected.push_back(model::text(model_.at(key)));
    }
    const Result<BatchGot> answer = await_(tables_.batch_get({{wanted}}));
    ASSERT_TRUE(answer);
    for (const Item& item : answer->parts[0].items) got.push_back(text_of(item));
    EXPECT_EQ(got, expected);
  }

  Chooser choose_;
  std::map<Key, Map> model_;
  std::string told_;
  std::unique_ptr<Store> store_ = Store::open("", Store::Durability::os).value();
  TaskRunner await_;
  Tables tables_{*store_, Instance{}};
};

}  // namespace

class TablesModel : public ::testing::TestWithParam<unsigned> {};

TEST_P(TablesModel, AnswersAsTheModelDoes) {
  Comparison comparison(GetParam());
  for (int step = 0; step < 2500; ++step) {
    comparison.step();
    ASSERT_FALSE(HasFailure()) << "seed " << GetParam() << ", step " << step << ": " << comparison.last();
    ASSERT_EQ(comparison.counted(), static_cast<std::int64_t>(comparison.items())) << comparison.last();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, TablesModel, ::testing::Values(1u, 2u, 3u, 4u));

}  // namespace croft::dynamo
