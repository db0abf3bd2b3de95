#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "identity/policy_pattern.h"
#include "text/json.h"
#include "types/result.h"

namespace croft::identity {

// One row of a statement's Condition: operator, key, values. Holds when the request's value of the key matches one of
// the policy's; the negated operators hold when it matches none.
//
// An absent key fails a plain operator, satisfies a negated one, one with IfExists and one with ForAllValues.
// Source: IAM user guide, "JSON policy elements: Condition operators".
class PolicyCondition {
 public:
  // `name` is the operator as written ("ForAnyValue:StringLikeIfExists"). Errors: MalformedPolicyException.
  static Result<PolicyCondition> compile(std::string_view name, std::string_view key, const json::value& values);

  bool holds(const PolicyVariables& variables) const;

 private:
  enum class Type : std::uint8_t { string, arn, number, date, boolean, address, null };
  enum class Order : std::uint8_t { equal, less, less_equal, greater, greater_equal };
  enum class Quantifier : std::uint8_t { none, any, all };

  struct Arn {  // the parts between colons, each matched on its own; or one pattern, for a text such as "*"
    std::vector<PolicyPattern> parts;
  };
  struct Network {
    bool is_v6;
    std::array<std::uint8_t, 16> address;
    int prefix_bits;
  };
  using Operand = std::variant<PolicyPattern, Arn, double, bool, Network>;
  struct Operator;

  Result<void> add_operand(const Operator& op, std::string_view text);
  PolicyPattern::Match matches(const Operand& operand, std::string_view value,
                               const PolicyVariables& variables) const;
  std::optional<bool> matches_any(std::string_view value, const PolicyVariables& variables) const;
  static std::optional<Network> network(std::string_view text);
  static bool contains(const Network& network, std::string_view address);

  static const Operator* find_operator(std::string_view name);

  Type type_ = Type::string;
  Order order_ = Order::equal;
  Quantifier quantifier_ = Quantifier::none;
  bool negated_ = false;
  bool if_exists_ = false;
  std::string key_;
  std::vector<Operand> operands_;
};

}  // namespace croft::identity
