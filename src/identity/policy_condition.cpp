#include "identity/policy_condition.h"

#include <arpa/inet.h>

#include <charconv>
#include <cstring>

#include "identity/policy_errors.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::identity {

using Match = PolicyPattern::Match;
using Syntax = PolicyPattern::Syntax;
using Case = PolicyPattern::Case;

struct PolicyCondition::Operator {
  std::string_view name;
  Type type;
  Order order = Order::equal;
  bool negated = false;
  Syntax syntax = Syntax::variables;
  Case letters = Case::sensitive;
};

const PolicyCondition::Operator* PolicyCondition::find_operator(std::string_view name) {
  static constexpr Operator operators[] = {
      {"StringEquals", Type::string},
      {"StringNotEquals", Type::string, Order::equal, true},
      {"StringEqualsIgnoreCase", Type::string, Order::equal, false, Syntax::variables, Case::insensitive},
      {"StringNotEqualsIgnoreCase", Type::string, Order::equal, true, Syntax::variables, Case::insensitive},
      {"StringLike", Type::string, Order::equal, false, Syntax::wildcards_variables},
      {"StringNotLike", Type::string, Order::equal, true, Syntax::wildcards_variables},
      {"ArnEquals", Type::arn},
      {"ArnLike", Type::arn},
      {"ArnNotEquals", Type::arn, Order::equal, true},
      {"ArnNotLike", Type::arn, Order::equal, true},
      {"NumericEquals", Type::number},
      {"NumericNotEquals", Type::number, Order::equal, true},
      {"NumericLessThan", Type::number, Order::less},
      {"NumericLessThanEquals", Type::number, Order::less_equal},
      {"NumericGreaterThan", Type::number, Order::greater},
      {"NumericGreaterThanEquals", Type::number, Order::greater_equal},
      {"DateEquals", Type::date},
      {"DateNotEquals", Type::date, Order::equal, true},
      {"DateLessThan", Type::date, Order::less},
      {"DateLessThanEquals", Type::date, Order::less_equal},
      {"DateGreaterThan", Type::date, Order::greater},
      {"DateGreaterThanEquals", Type::date, Order::greater_equal},
      {"Bool", Type::boolean},
      {"IpAddress", Type::address},
      {"NotIpAddress", Type::address, Order::equal, true},
      {"Null", Type::null},
  };
  for (const Operator& op : operators) {
    if (text::lower(op.name) == text::lower(name)) return &op;
  }
  return nullptr;
}

namespace {

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Seconds since 1970, from ISO 8601 (with or without a fraction) or from a number of seconds.
std::optional<double> date(std::string_view text) {
  if (const auto seconds = number(text)) return seconds;
  std::string full(text);
  if (full.size() == 10) full += "T00:00:00Z";
  if (full.size() == 20 && full.back() == 'Z') full.insert(19, ".000");
  const auto time = text::from_iso8601(full);
  if (!time) return std::nullopt;
  return time->seconds();
}

std::optional<bool> boolean(std::string_view text) {
  const std::string lower = text::lower(text);
  if (lower == "true") return true;
  if (lower == "false") return false;
  return std::nullopt;
}

// The six parts of an ARN; the last keeps its colons. A colon inside ${...} separates nothing. Fewer when it is none.
std::vector<std::string_view> arn_parts(std::string_view arn) {
  std::vector<std::string_view> parts;
  std::size_t from = 0;
  bool in_variable = false;
  for (std::size_t i = 0; i < arn.size() && parts.size() < 5; ++i) {
    if (arn[i] == '$' && i + 1 < arn.size() && arn[i + 1] == '{') in_variable = true;
    if (arn[i] == '}') in_variable = false;
    if (arn[i] != ':' || in_variable) continue;
    parts.push_back(arn.substr(from, i - from));
    from = i + 1;
  }
  parts.push_back(arn.substr(from));
  return parts;
}

// The document writes true and 5 as well as "true" and "5".
std::optional<std::string> operand_text(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_bool() || value.is_number()) return json::dump(value);
  return std::nullopt;
}

Match compared(bool equal) {
  return equal ? Match::yes : Match::no;
}

}  // namespace

Result<PolicyCondition> PolicyCondition::compile(std::string_view name, std::string_view key,
                                                 const json::value& values) {
  PolicyCondition condition;
  condition.key_ = PolicyVariables::normal(key);
  std::string_view rest = name;
  if (rest.starts_with("ForAnyValue:")) condition.quantifier_ = Quantifier::any, rest.remove_prefix(12);
  if (rest.starts_with("ForAllValues:")) condition.quantifier_ = Quantifier::all, rest.remove_prefix(13);
  if (rest.ends_with("IfExists")) condition.if_exists_ = true, rest.remove_suffix(8);

  const Operator* op = find_operator(rest);
  const bool null_if_exists = op && op->type == Type::null && condition.if_exists_;
  if (!op || null_if_exists) return malformed_policy("Invalid Condition type : " + text::printable(name));
  condition.type_ = op->type;
  condition.order_ = op->order;
  condition.negated_ = op->negated;

  const json::array one{values};
  for (const json::value& value : values.is_array() ? values.get_array() : one) {
    const auto text = operand_text(value);
    if (!text) return malformed_policy("Invalid policy syntax.");
    auto added = condition.add_operand(*op, *text);
    if (!added) return added.error();
  }
  if (condition.operands_.empty()) return malformed_policy("Invalid policy syntax.");
  return condition;
}

Result<void> PolicyCondition::add_operand(const Operator& op, std::string_view text) {
  std::optional<Operand> operand;
  switch (op.type) {
    case Type::string:
      operand = PolicyPattern(text, op.syntax, op.letters);
      break;
    case Type::arn: {
      Arn arn;
      const auto parts = arn_parts(text);
      if (text.starts_with("arn:")) {
        for (std::string_view part : parts) arn.parts.emplace_back(part, Syntax::wildcards_variables);
      } else {
        arn.parts.emplace_back(text, Syntax::wildcards_variables);
      }
      operand = std::move(arn);
      break;
    }
    case Type::number:
      if (const auto value = number(text)) operand = *value;
      break;
    case Type::date:
      if (const auto value = date(text)) operand = *value;
      break;
    case Type::boolean:
    case Type::null:
      if (const auto value = boolean(text)) operand = *value;
      break;
    case Type::address:
      if (const auto value = network(text)) operand = *value;
      break;
  }
  if (!operand)
    return malformed_policy("Invalid value for Condition " + std::string(op.name) + " : " + text::printable(text));
  operands_.push_back(std::move(*operand));
  return {};
}

bool PolicyCondition::holds(const PolicyVariables& variables) const {
  const std::optional<PolicyVariables::Values> values = variables.find(key_);
  if (type_ == Type::null) return std::get<bool>(operands_.front()) == !values.has_value();
  if (!values) {
    if (quantifier_ == Quantifier::any) return if_exists_;
    return negated_ || if_exists_ || quantifier_ == Quantifier::all;
  }
  bool any = false, all = true;
  for (const std::string_view value : *values) {
    const std::optional<bool> matched = matches_any(value, variables);
    if (!matched) return false;
    any |= *matched;
    all &= *matched;
  }
  // Negated: "matches none" is the value-wise opposite, so "for all" turns "any" round and the other way about.
  if (quantifier_ == Quantifier::all) return negated_ ? !any : all;
  if (quantifier_ == Quantifier::any) return negated_ ? !all : any;
  return negated_ ? !any : any;
}

// Nothing when no operand matches and a variable in one of them has no value: then the condition can not hold.
std::optional<bool> PolicyCondition::matches_any(std::string_view value, const PolicyVariables& variables) const {
  bool unresolved = false;
  for (const Operand& operand : operands_) {
    const Match match = matches(operand, value, variables);
    if (match == Match::yes) return true;
    unresolved |= match == Match::unresolved;
  }
  if (unresolved) return std::nullopt;
  return false;
}

Match PolicyCondition::matches(const Operand& operand, std::string_view value,
                               const PolicyVariables& variables) const {
  if (const auto* pattern = std::get_if<PolicyPattern>(&operand)) return pattern->match(value, variables);
  if (const auto* arn = std::get_if<Arn>(&operand)) {
    if (arn->parts.size() == 1) return arn->parts.front().match(value, variables);
    const auto parts = arn_parts(value);
    if (parts.size() != arn->parts.size()) return Match::no;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const Match match = arn->parts[i].match(parts[i], variables);
      if (match != Match::yes) return match;
    }
    return Match::yes;
  }
  if (const auto* wanted = std::get_if<Network>(&operand)) return compared(contains(*wanted, value));
  if (const auto* wanted = std::get_if<bool>(&operand)) return compared(boolean(value) == *wanted);

  const double wanted = std::get<double>(operand);
  const auto actual = type_ == Type::date ? date(value) : number(value);
  if (!actual) return Match::no;
  switch (order_) {
    case Order::equal:
      return compared(*actual == wanted);
    case Order::less:
      return compared(*actual < wanted);
    case Order::less_equal:
      return compared(*actual <= wanted);
    case Order::greater:
      return compared(*actual > wanted);
    case Order::greater_equal:
      return compared(*actual >= wanted);
  }
  return Match::no;
}

std::optional<PolicyCondition::Network> PolicyCondition::network(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  Network network{};
  network.is_v6 = address.find(':') != std::string::npos;
  if (inet_pton(network.is_v6 ? AF_INET6 : AF_INET, address.c_str(), network.address.data()) != 1)
    return std::nullopt;

  network.prefix_bits = network.is_v6 ? 128 : 32;
  if (slash == std::string_view::npos) return network;
  const std::string_view bits = text.substr(slash + 1);
  int prefix = 0;
  const auto [end, error] = std::from_chars(bits.data(), bits.data() + bits.size(), prefix);
  const bool whole = error == std::errc() && end == bits.data() + bits.size();
  if (!whole || prefix < 0 || prefix > network.prefix_bits) return std::nullopt;
  network.prefix_bits = prefix;
  return network;
}

bool PolicyCondition::contains(const Network& network, std::string_view address) {
  const auto other = PolicyCondition::network(address);
  if (!other || other->is_v6 != network.is_v6) return false;
  const int bytes = network.prefix_bits / 8;
  if (std::memcmp(network.address.data(), other->address.data(), static_cast<std::size_t>(bytes)) != 0) return false;
  const int rest = network.prefix_bits % 8;
  if (rest == 0) return true;
  const int mask = 0xff << (8 - rest) & 0xff;
  const auto at = static_cast<std::size_t>(bytes);
  return (network.address[at] & mask) == (other->address[at] & mask);
}

}  // namespace croft::identity
