#include "lambda/event_filter.h"

#include <algorithm>

#include "lambda/errors.h"
#include "lambda/limits.h"
#include "text/encoding.h"

namespace croft::lambda {

namespace {

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }
std::string_view view(boost::json::string_view text) { return {text.data(), text.size()}; }

Error invalid_pattern(std::string_view why) {
  return invalid_parameter("Invalid filter pattern definition. " + std::string(why));
}

bool is_scalar(const json::value& v) { return !v.is_object() && !v.is_array(); }

// --- what a pattern may be ---

Result<void> check_pattern(const json::object& pattern);

Result<void> check_numeric(const json::value& operand) {
  const json::array* parts = operand.if_array();
  if (!parts || parts->empty() || parts->size() % 2 != 0 || parts->size() > 4)
    return invalid_pattern("Value of numeric must be an array of operators and numbers");
  for (std::size_t i = 0; i < parts->size(); i += 2) {
    const json::string* sign = (*parts)[i].if_string();
    const bool is_known = sign && (*sign == "=" || *sign == "<" || *sign == "<=" || *sign == ">" || *sign == ">=");
    if (!is_known || !(*parts)[i + 1].is_number()) return invalid_pattern("Unrecognized numeric range operator");
  }
  return {};
}

Result<void> check_text_operand(const json::value& operand, std::string_view name) {
  if (operand.is_string()) return {};
  const json::object* inner = operand.if_object();
  const json::value* text = inner && inner->size() == 1 ? json::find(*inner, "equals-ignore-case") : nullptr;
  if (text && text->is_string()) return {};
  return invalid_pattern(std::string(name) + " match pattern must be a string");
}

Result<void> check_operator(const json::object& condition) {
  if (condition.size() != 1) return invalid_pattern("Only one key allowed in match expression");
  const std::string_view name = view(condition.begin()->key());
  const json::value& operand = condition.begin()->value();
  if (name == "exists")
    return operand.is_bool() ? Result<void>() : invalid_pattern("exists match pattern must be either true or false.");
  if (name == "prefix" || name == "suffix") return check_text_operand(operand, name);
  if (name == "equals-ignore-case")
    return operand.is_string() ? Result<void>() : invalid_pattern("equals-ignore-case match pattern must be a string");
  if (name == "numeric") return check_numeric(operand);
  if (name != "anything-but") return invalid_pattern("Unrecognized match type " + std::string(name));
  if (const json::array* values = operand.if_array()) {
    const bool are_scalars = !values->empty() && std::all_of(values->begin(), values->end(), is_scalar);
    return are_scalars ? Result<void>() : invalid_pattern("Inside anything-but list, only strings and numbers are supported");
  }
  if (const json::object* inner = operand.if_object()) {
    const json::value* prefix = inner->size() == 1 ? json::find(*inner, "prefix") : nullptr;
    const json::value* suffix = inner->size() == 1 ? json::find(*inner, "suffix") : nullptr;
    if ((prefix && prefix->is_string()) || (suffix && suffix->is_string())) return {};
    return invalid_pattern("Unsupported anything-but pattern");
  }
  return {};
}

Result<void> check_leaf(const json::array& conditions) {
  if (conditions.empty()) return invalid_pattern("Empty arrays are not allowed");
  for (const json::value& condition : conditions) {
    if (condition.is_array()) return invalid_pattern("Match value must be String, number, true, false, or null");
    if (!condition.is_object()) continue;
    auto checked = check_operator(condition.get_object());
    if (!checked) return checked;
  }
  return {};
}

Result<void> check_pattern(const json::object& pattern) {
  if (pattern.empty()) return invalid_pattern("Empty objects are not allowed");
  for (const auto& [name, value] : pattern) {
    Result<void> checked = invalid_pattern("\"" + std::string(view(name)) + "\" must be an object or an array");
    if (view(name) == "$or" && value.is_array()) {
      checked = {};
      for (const json::value& one : value.get_array())
        if (checked)
          checked = one.is_object() ? check_pattern(one.get_object()) : invalid_pattern("$or must be an array of patterns");
    } else if (value.is_array()) {
      checked = check_leaf(value.get_array());
    } else if (value.is_object()) {
      checked = check_pattern(value.get_object());
    }
    if (!checked) return checked;
  }
  return {};
}

// --- what it matches ---

double number_of(const json::value& v) { return v.to_number<double>(); }

bool equal(const json::value& a, const json::value& b) {
  if (a.is_number() && b.is_number()) return number_of(a) == number_of(b);
  return a == b;
}

bool begins_or_ends(const json::value& operand, const json::value& value, bool at_begin) {
  if (!value.is_string()) return false;
  std::string text(view(value.get_string())), wanted;
  if (const json::string* plain = operand.if_string()) {
    wanted = view(*plain);
  } else {
    wanted = text::lower(json::string_or(operand.get_object(), "equals-ignore-case", ""));
    text = text::lower(text);
  }
  return at_begin ? text.starts_with(wanted) : text.ends_with(wanted);
}

bool in_range(const json::array& range, const json::value& value) {
  if (!value.is_number()) return false;
  const double n = number_of(value);
  for (std::size_t i = 0; i < range.size(); i += 2) {
    const std::string_view sign = view(range[i].get_string());
    const double border = number_of(range[i + 1]);
    const bool holds = sign == "="    ? n == border
                       : sign == "<"  ? n < border
                       : sign == "<=" ? n <= border
                       : sign == ">"  ? n > border
                                      : n >= border;
    if (!holds) return false;
  }
  return true;
}

bool is_but(const json::value& operand, const json::value& value) {
  if (const json::array* values = operand.if_array())
    return std::none_of(values->begin(), values->end(), [&](const json::value& one) { return equal(one, value); });
  if (const json::object* inner = operand.if_object()) {
    const json::value* prefix = json::find(*inner, "prefix");
    return !(prefix ? begins_or_ends(*prefix, value, true)
                    : begins_or_ends(*json::find(*inner, "suffix"), value, false));
  }
  return !equal(operand, value);
}

// One value against one condition of a leaf, but for "exists".
bool holds(const json::value& condition, const json::value& value) {
  const json::object* match = condition.if_object();
  if (!match) return equal(condition, value);
  const std::string_view name = view(match->begin()->key());
  const json::value& operand = match->begin()->value();
  if (name == "prefix" || name == "suffix") return begins_or_ends(operand, value, name == "prefix");
  if (name == "equals-ignore-case")
    return value.is_string() && text::lower(view(value.get_string())) == text::lower(view(operand.get_string()));
  if (name == "numeric") return in_range(operand.get_array(), value);
  return name == "anything-but" && is_but(operand, value);
}

// "exists" looks at leaves only.
bool leaf_matches(const json::array& conditions, const json::value* value) {
  const bool is_there = value && !value->is_object();
  return std::any_of(conditions.begin(), conditions.end(), [&](const json::value& condition) {
    const json::object* match = condition.if_object();
    if (const json::value* exists = match ? json::find(*match, "exists") : nullptr) return exists->get_bool() == is_there;
    if (!is_there) return false;
    const json::array* elements = value->if_array();
    if (!elements) return holds(condition, *value);
    return std::any_of(elements->begin(), elements->end(), [&](const json::value& one) { return holds(condition, one); });
  });
}

bool matches(const json::object& pattern, const json::value* event) {
  const json::object* members = event ? event->if_object() : nullptr;
  return std::all_of(pattern.begin(), pattern.end(), [&](const auto& member) {
    const json::value& wanted = member.value();
    if (view(member.key()) == "$or" && wanted.is_array()) {
      const json::array& ways = wanted.get_array();
      return std::any_of(ways.begin(), ways.end(),
                         [&](const json::value& way) { return matches(way.get_object(), event); });
    }
    const json::value* value = members ? json::find(*members, view(member.key())) : nullptr;
    return wanted.is_array() ? leaf_matches(wanted.get_array(), value) : matches(wanted.get_object(), value);
  });
}

}  // namespace

Result<EventFilter> EventFilter::parse(std::vector<std::string> patterns) {
  EventFilter filter;
  if (patterns.size() > limits::source_filters_max)
    return invalid_parameter("Number of filters exceeds the limit of " + std::to_string(limits::source_filters_max));
  for (const std::string& text : patterns) {
    if (text.size() > limits::source_filter_bytes_max)
      return validation_error("filterCriteria.filters.1.member.pattern", text,
                              "Member must have length less than or equal to 4096");
    auto parsed = json::parse(text);
    if (!parsed || !parsed->is_object()) return invalid_pattern("Filter is not an object");
    auto checked = check_pattern(parsed->get_object());
    if (!checked) return checked.error();
    filter.patterns_.push_back(std::move(parsed->get_object()));
  }
  filter.texts_ = std::move(patterns);
  return filter;
}

Result<EventFilter> EventFilter::of_criteria(const json::object& criteria) {
  std::vector<std::string> patterns;
  const json::value* filters = json::find(criteria, "Filters");
  if (filters && filters->is_array()) {
    for (const json::value& filter : filters->get_array()) {
      const json::value* pattern = filter.is_object() ? json::find(filter.get_object(), "Pattern") : nullptr;
      // Templates may spell it as a document.
      if (pattern && pattern->is_string()) patterns.emplace_back(view(pattern->get_string()));
      else if (pattern && pattern->is_object()) patterns.push_back(json::dump(*pattern));
      else return invalid_pattern("Filter is not an object");
    }
  }
  return parse(std::move(patterns));
}

bool EventFilter::takes(const json::value& event) const {
  return patterns_.empty() || std::any_of(patterns_.begin(), patterns_.end(),
                                          [&](const json::object& pattern) { return matches(pattern, &event); });
}

json::object EventFilter::criteria() const {
  json::array filters;
  for (const std::string& text : texts_) filters.push_back(json::object{{"Pattern", text}});
  return {{"Filters", std::move(filters)}};
}

}  // namespace croft::lambda
