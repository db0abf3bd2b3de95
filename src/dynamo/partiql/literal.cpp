#include "dynamo/partiql/literal.h"

#include <algorithm>

#include "dynamo/errors.h"
#include "dynamo/limits.h"

namespace croft::dynamo::partiql {

namespace {

using Kind = Expression::Kind;

std::string under(const std::vector<std::string>& place) {
  std::string out = " under root";
  for (const std::string& step : place) out += step;
  return out;
}

// As messages name what is no value.
std::string shown_type(const Expression& expression) {
  switch (expression.kind) {
    case Kind::call: return expression.text;
    case Kind::parameter: return "Parameter";
    case Kind::missing: return "LiteralMissing";
    case Kind::path: return expression.path.steps.size() == 1 ? "VariableReference" : "Path";
    default: return "NAry";
  }
}

class LiteralReader {
 public:
  explicit LiteralReader(const Parameters& parameters) : parameters_(parameters) {}

  Result<AttributeValue> value(const Expression& expression) {
    if (expression.kind == Kind::parameter && place_.empty()) return parameters_[expression.number];
    if (place_.size() >= croft::dynamo::limits::nesting_max) {
      return validation_error("Nesting Levels have exceeded supported limits" + under(place_));
    }
    switch (expression.kind) {
      case Kind::null: return AttributeValue{Null{}};
      case Kind::boolean: return AttributeValue{expression.text == "true"};
      case Kind::string: return AttributeValue{expression.text};
      case Kind::number: return number(expression);
      case Kind::list: return list(expression);
      case Kind::bag: return bag(expression);
      case Kind::tuple: return tuple(expression);
      case Kind::ion:
        return validation_error("Ion Literals are not supported: " + expression.text + " under key root");
      default:
        return validation_error("Unsupported data type: " + shown_type(expression) + " under key" +
                                under(place_).substr(6) + expression.at.text());
    }
  }

  Result<Map> members(const Expression& tuple, bool as_item) {
    std::vector<Attribute> out;
    for (std::size_t i = 0; i + 1 < tuple.operands.size(); i += 2) {
      const Expression& name = tuple.operands[i];
      if (name.kind != Kind::string) {
        return validation_error("Tuple keys must be of type String. Actual type: " + key_type(name) + under(place_));
      }
      const bool twice = std::any_of(out.begin(), out.end(), [&](const Attribute& a) { return a.name == name.text; });
      if (twice) return validation_error("Duplicate keys in tuple. Key: " + name.text + under(place_));
      if (!as_item) place_.push_back("." + name.text);
      Result<AttributeValue> member = value(tuple.operands[i + 1]);
      if (!as_item) place_.pop_back();
      if (!member) return member.error();
      out.push_back({name.text, *std::move(member)});
    }
    return Map(std::move(out));
  }

 private:
  static std::string key_type(const Expression& name) {
    switch (name.kind) {
      case Kind::number: return "N";
      case Kind::boolean: return "BOOL";
      case Kind::null: return "NULL";
      default: return shown_type(name);
    }
  }

  Result<AttributeValue> number(const Expression& expression) {
    const Result<Number> parsed = Number::parse(expression.text);
    if (!parsed) return validation_error(parsed.error().message + under(place_));
    return AttributeValue{*parsed};
  }

  Result<AttributeValue> list(const Expression& expression) {
    List out;
    for (std::size_t i = 0; i < expression.operands.size(); ++i) {
      place_.push_back("[" + std::to_string(i) + "]");
      Result<AttributeValue> element = value(expression.operands[i]);
      place_.pop_back();
      if (!element) return element;
      out.elements.push_back(*std::move(element));
    }
    return AttributeValue{std::move(out)};
  }

  Result<AttributeValue> tuple(const Expression& expression) {
    Result<Map> map = members(expression, false);
    if (!map) return map.error();
    return AttributeValue{*std::move(map)};
  }

  static Error duplicates(const Expression& bag, std::string_view end) {
    std::string shown;
    for (const Expression& member : bag.operands) shown += (shown.empty() ? "" : ", ") + member.text;
    return invalid_parameter("Input collection [" + shown + "] contains duplicates" + std::string(end));
  }

  Result<AttributeValue> bag(const Expression& expression) {
    if (expression.operands.empty()) return validation_error("Empty bags are not supported");
    const Kind kind = expression.operands.front().kind;
    const bool alike = std::all_of(expression.operands.begin(), expression.operands.end(),
                                   [&](const Expression& member) { return member.kind == kind; });
    if (!alike || (kind != Kind::string && kind != Kind::number)) {
      return validation_error(
          "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags");
    }
    if (kind == Kind::string) {
      StringSet set;
      for (const Expression& member : expression.operands) set.members.push_back(member.text);
      std::sort(set.members.begin(), set.members.end());
      if (repeats(set.members)) return duplicates(expression, ".");
      return AttributeValue{std::move(set)};
    }
    NumberSet set;
    for (const Expression& member : expression.operands) {
      const Result<AttributeValue> parsed = number(member);
      if (!parsed) return parsed;
      set.members.push_back(*parsed->get<Number>());
    }
    std::sort(set.members.begin(), set.members.end());
    if (repeats(set.members)) return duplicates(expression, "!" + under(place_));
    return AttributeValue{std::move(set)};
  }

  template <class T>
  static bool repeats(const std::vector<T>& sorted) {
    return std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end();
  }

  const Parameters& parameters_;
  std::vector<std::string> place_;
};

}  // namespace

bool is_value(const Expression& expression) {
  switch (expression.kind) {
    case Kind::null: case Kind::boolean: case Kind::number: case Kind::string: case Kind::ion: case Kind::list:
    case Kind::bag: case Kind::tuple: case Kind::parameter: return true;
    default: return false;
  }
}

Result<AttributeValue> value_of(const Expression& expression, const Parameters& parameters) {
  return LiteralReader(parameters).value(expression);
}

Result<Item> item_of(const Expression& expression, const Parameters& parameters) {
  if (expression.kind != Kind::parameter) return LiteralReader(parameters).members(expression, true);
  if (const Map* map = parameters[expression.number].get<Map>()) return *map;
  return validation_error(
      "Unsupported format in item expression. Please use struct format {...} to express item values for insert "
      "statement.");
}

}  // namespace croft::dynamo::partiql
