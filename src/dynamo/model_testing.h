// Items, conditions and updates once more, as plainly as they can be said: what DynamoDB's guide describes, without
// any of the code that it is compared with. Numbers are integers, strings are of a..z. For tests.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace croft::dynamo::model {

struct Value;
using Map = std::map<std::string, Value>;
using List = std::vector<Value>;
using Strings = std::set<std::string>;
using Numbers = std::set<long long>;
struct Null {
  friend bool operator==(const Null&, const Null&) = default;
};

struct Value {
  std::variant<Null, bool, long long, std::string, Strings, Numbers, List, Map> data;

  template <class T>
  const T* get() const {
    return std::get_if<T>(&data);
  }
  std::string type() const {
    const char* names[] = {"NULL", "BOOL", "N", "S", "SS", "NS", "L", "M"};
    return names[data.index()];
  }
  friend bool operator==(const Value&, const Value&) = default;
};

// DynamoDB JSON, single quotes for double ones; attributes and members of sets in order.
std::string text(const Map& map);

inline std::string text(const Value& value) {
  std::string out = "{'" + value.type() + "':";
  auto add = [&out, first = true](const std::string& one) mutable {
    out += (first ? "" : ",") + one;
    first = false;
  };
  if (value.get<Null>()) out += "true";
  if (const bool* truth = value.get<bool>()) out += *truth ? "true" : "false";
  if (const long long* number = value.get<long long>()) out += "'" + std::to_string(*number) + "'";
  if (const std::string* string = value.get<std::string>()) out += "'" + *string + "'";
  if (const Map* map = value.get<Map>()) out += text(*map);
  if (value.get<Strings>() || value.get<Numbers>() || value.get<List>()) {
    out += '[';
    if (const Strings* set = value.get<Strings>())
      for (const std::string& one : *set) add("'" + one + "'");
    if (const Numbers* set = value.get<Numbers>())
      for (long long one : *set) add("'" + std::to_string(one) + "'");
    if (const List* list = value.get<List>())
      for (const Value& one : *list) add(text(one));
    out += ']';
  }
  return out + "}";
}

inline std::string text(const Map& map) {
  std::string out = "{";
  for (const auto& [name, value] : map) out += (out.size() > 1 ? ",'" : "'") + name + "':" + text(value);
  return out + "}";
}

// a, a.key or a[index]
struct Path {
  std::string attribute;
  std::optional<std::string> key{};
  std::optional<std::size_t> index{};

  std::string text() const {
    return attribute + (key ? "." + *key : "") + (index ? "[" + std::to_string(*index) + "]" : "");
  }
};

inline const Value* find(const Map& item, const Path& path) {
  const auto found = item.find(path.attribute);
  if (found == item.end()) return nullptr;
  if (path.key) {
    const Map* map = found->second.get<Map>();
    return map && map->count(*path.key) ? &map->at(*path.key) : nullptr;
  }
  if (path.index) {
    const List* list = found->second.get<List>();
    return list && *path.index < list->size() ? &list->at(*path.index) : nullptr;
  }
  return &found->second;
}

// The parts of an item at the paths; elements of a list close up.
inline Map project(const Map& item, const std::vector<Path>& paths) {
  Map out;
  std::map<std::string, std::map<std::size_t, Value>> elements;
  for (const Path& path : paths) {
    const Value* value = find(item, path);
    if (!value) continue;
    if (path.index) {
      elements[path.attribute].emplace(*path.index, *value);
    } else if (path.key) {
      if (!out.count(path.attribute)) out[path.attribute] = Value{Map()};
      std::get<Map>(out[path.attribute].data)[*path.key] = *value;
    } else {
      out[path.attribute] = *value;
    }
  }
  for (const auto& [attribute, chosen] : elements) {
    List list;
    for (const auto& [index, value] : chosen) list.push_back(value);
    out[attribute] = Value{list};
  }
  return out;
}

struct Operand {
  std::optional<Path> path{};  // otherwise `value`
  Value value{};
  bool size = false;
};

inline std::optional<Value> read(const Operand& operand, const Map& item) {
  const Value* value = operand.path ? find(item, *operand.path) : &operand.value;
  if (!value) return std::nullopt;
  if (!operand.size) return *value;
  const auto size = [](std::size_t n) { return Value{static_cast<long long>(n)}; };
  if (const std::string* string = value->get<std::string>()) return size(string->size());
  if (const Strings* set = value->get<Strings>()) return size(set->size());
  if (const Numbers* set = value->get<Numbers>()) return size(set->size());
  if (const List* list = value->get<List>()) return size(list->size());
  if (const Map* map = value->get<Map>()) return size(map->size());
  return std::nullopt;
}

// "=", "<>", "<", "<=", ">", ">=", "BETWEEN", "IN", the functions, and "AND", "OR", "NOT" over children.
struct Condition {
  std::string kind;
  std::vector<Operand> operands{};
  std::vector<Condition> children{};
};

inline bool ordered(const std::string& kind, const Value& a, const Value& b) {
  const auto holds = [&](const auto& x, const auto& y) {
    if (kind == "<") return x < y;
    if (kind == "<=") return x <= y;
    if (kind == ">") return x > y;
    return x >= y;
  };
  if (a.get<long long>() && b.get<long long>()) return holds(*a.get<long long>(), *b.get<long long>());
  if (a.get<std::string>() && b.get<std::string>()) return holds(*a.get<std::string>(), *b.get<std::string>());
  return false;
}

inline bool contains(const Value& whole, const Value& part) {
  if (const List* list = whole.get<List>()) return std::find(list->begin(), list->end(), part) != list->end();
  const std::string* string = part.get<std::string>();
  const long long* number = part.get<long long>();
  if (string && whole.get<std::string>()) return whole.get<std::string>()->find(*string) != std::string::npos;
  if (string && whole.get<Strings>()) return whole.get<Strings>()->count(*string) > 0;
  return number && whole.get<Numbers>() && whole.get<Numbers>()->count(*number) > 0;
}

inline bool holds(const Condition& condition, const Map& item) {
  const std::string& kind = condition.kind;
  if (kind == "NOT") return !holds(condition.children[0], item);
  if (kind == "AND" || kind == "OR") {
    bool all = true, any = false;
    for (const Condition& child : condition.children) {
      all = holds(child, item) && all;
      any = holds(child, item) || any;
    }
    return kind == "AND" ? all : any;
  }
  std::vector<std::optional<Value>> values;
  for (const Operand& operand : condition.operands) values.push_back(read(operand, item));
  if (kind == "attribute_exists") return values[0].has_value();
  if (kind == "attribute_not_exists") return !values[0].has_value();
  if (kind == "<>") return !(values[0] && values[1] && *values[0] == *values[1]);
  if (!values[0]) return false;
  if (kind == "IN") {
    return std::any_of(values.begin() + 1, values.end(), [&](const auto& one) { return one && *one == *values[0]; });
  }
  if (kind == "BETWEEN") {
    return values[1] && values[2] && ordered(">=", *values[0], *values[1]) && ordered("<=", *values[0], *values[2]);
  }
  if (!values[1]) return false;
  if (kind == "=") return *values[0] == *values[1];
  if (kind == "attribute_type") return values[0]->type() == *values[1]->get<std::string>();
  if (kind == "contains") return contains(*values[0], *values[1]);
  if (kind == "begins_with") {
    return values[0]->get<std::string>() &&
           values[0]->get<std::string>()->starts_with(*values[1]->get<std::string>());
  }
  return ordered(kind, *values[0], *values[1]);
}

// One action of an update: "set" (left), "plus", "minus" (left, right), "if_not_exists" (left's path, right),
// "list_append" (left, right), "remove", "add", "delete" (left's value).
struct Action {
  std::string kind;
  Path target;
  Operand left{}, right{};
};

constexpr const char* wrong_type = "An operand in the update expression has an incorrect data type";
constexpr const char* wrong_path = "The document path provided in the update expression is invalid for update";
constexpr const char* no_attribute = "The provided expression refers to an attribute that does not exist in the item";

// An item, or what is wrong.
struct Outcome {
  Map item;
  std::string error{};
};

// What an action writes at its target: nothing for what goes away.
inline std::optional<Value> written(const Action& action, const Map& before, std::string& error) {
  const auto fail = [&](const char* what) {
    error = what;
    return std::nullopt;
  };
  const Value* old = find(before, action.target);
  if (action.kind == "remove") return std::nullopt;
  if (action.kind == "add" || action.kind == "delete") {
    const Value& change = action.left.value;
    if (!old) return action.kind == "add" ? std::optional(change) : std::nullopt;
    if (old->type() != change.type()) return fail(wrong_type);
    if (const long long* number = change.get<long long>()) return Value{*old->get<long long>() + *number};
    const auto changed = [&](auto set, const auto& members) -> std::optional<Value> {
      for (const auto& member : members) {
        if (action.kind == "add")
          set.insert(member);
        else
          set.erase(member);
      }
      return set.empty() ? std::nullopt : std::optional(Value{set});
    };
    if (const Strings* set = change.get<Strings>()) return changed(*old->get<Strings>(), *set);
    return changed(*old->get<Numbers>(), *change.get<Numbers>());
  }
  std::optional<Value> left = read(action.left, before), right = read(action.right, before);
  if (action.kind == "if_not_exists" && left) return left;
  if (action.kind == "if_not_exists") return right ? right : fail(no_attribute);
  if (!left) return fail(no_attribute);
  if (action.kind == "set") return left;
  if (!right) return fail(no_attribute);
  if (action.kind == "list_append") {
    if (!left->get<List>() || !right->get<List>()) return fail(wrong_type);
    List joined = *left->get<List>();
    for (const Value& value : *right->get<List>()) joined.push_back(value);
    return Value{joined};
  }
  if (!left->get<long long>() || !right->get<long long>()) return fail(wrong_type);
  const long long a = *left->get<long long>(), b = *right->get<long long>();
  return Value{action.kind == "plus" ? a + b : a - b};
}

inline void place(Map& item, const Path& target, const std::optional<Value>& value, std::string& error) {
  if (!target.key && !target.index) {
    if (value)
      item[target.attribute] = *value;
    else
      item.erase(target.attribute);
    return;
  }
  const auto holder = item.find(target.attribute);
  Map* map = holder == item.end() ? nullptr : std::get_if<Map>(&holder->second.data);
  List* list = holder == item.end() ? nullptr : std::get_if<List>(&holder->second.data);
  if (target.key ? !map : !list) {
    error = wrong_path;
  } else if (target.key) {
    if (value)
      (*map)[*target.key] = *value;
    else
      map->erase(*target.key);
  } else if (*target.index < list->size()) {
    if (value)
      (*list)[*target.index] = *value;
    else
      list->erase(list->begin() + static_cast<std::ptrdiff_t>(*target.index));
  } else if (value) {
    list->push_back(*value);
  }
}

// Everything is read from the item before. Elements are set from the front and removed from the back, so that no
// other element that is named moves before.
inline Outcome apply(const std::vector<Action>& update, const Map& before) {
  Outcome out{before};
  std::vector<std::pair<Path, std::optional<Value>>> steps;
  for (const Action& action : update) {
    const std::optional<Value> value = written(action, before, out.error);
    if (!out.error.empty()) return out;
    const bool nothing = action.kind == "delete" && !find(before, action.target);
    if (!nothing) steps.emplace_back(action.target, value);
  }
  const auto index = [](const auto& step) { return step.first.index.value_or(0); };
  std::stable_sort(steps.begin(), steps.end(), [&](auto& a, auto& b) { return index(a) < index(b); });
  for (const auto& [target, value] : steps) {
    if (value) place(out.item, target, value, out.error);
  }
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    if (!step->second) place(out.item, step->first, std::nullopt, out.error);
  }
  return out;
}

}  // namespace croft::dynamo::model
