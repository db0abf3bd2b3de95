#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "identity/policy_condition.h"
#include "identity/policy_pattern.h"
#include "identity/policy_variables.h"
#include "types/result.h"

namespace croft::identity {

// What is asked of a policy: iot:Publish on arn:aws:iot:REGION:ACCOUNT:topic/a/b.
struct PolicyRequest {
  std::string_view action;
  std::string_view resource;
  const PolicyVariables& variables;
};

// The answer and the statement that gave it. The views live as long as the policy set that was asked; they are empty
// for implicit_deny, where no statement spoke.
struct Decision {
  enum class Kind { allowed, explicit_deny, implicit_deny };
  Kind kind = Kind::implicit_deny;
  std::string_view policy{};  // name of the policy
  std::string_view sid{};     // of the statement, if it has one
  std::size_t statement = 0;  // its index in the document

  bool allowed() const { return kind == Kind::allowed; }
};

// A policy document in IAM's grammar, compiled for evaluation on every message. Immutable; threads: any.
//
// A variable without a value keeps its pattern from matching; in NotResource, and in a condition that nothing else
// satisfies, it keeps the whole statement from matching, so that what is unknown never widens a permission.
class Policy {
 public:
  // Errors: MalformedPolicyException. `name` is only for Decision::policy.
  static Result<Policy> parse(std::string name, std::string_view document);

  const std::string& name() const { return name_; }
  // Whether any text of the document names a variable iot:Certificate…; reading a certificate for them is dear.
  bool mentions_certificate() const { return mentions_certificate_; }
  Decision decide(const PolicyRequest& request) const;

 private:
  enum class Effect { allow, deny };
  struct Statement {
    std::string sid;
    Effect effect = Effect::allow;
    bool not_action = false;
    std::vector<PolicyPattern> actions;
    bool not_resource = false;
    std::vector<PolicyPattern> resources;
    std::vector<PolicyCondition> conditions;

    bool matches(const PolicyRequest& request) const;
    bool matches_action(const PolicyRequest& request) const;
    bool matches_resource(const PolicyRequest& request) const;
  };
  friend class PolicyReader;

  std::string name_;
  std::vector<Statement> statements_;
  bool mentions_certificate_ = false;
};

// The policies that apply to one principal: an explicit deny wins over an allow, an allow over silence. Empty means
// deny. Immutable; threads: any. Cost: every statement is looked at unless one denies.
class PolicySet {
 public:
  PolicySet() = default;
  explicit PolicySet(std::vector<std::shared_ptr<const Policy>> policies) : policies_(std::move(policies)) {}

  Decision decide(const PolicyRequest& request) const;
  bool empty() const { return policies_.empty(); }
  bool mentions_certificate() const;
  const std::vector<std::shared_ptr<const Policy>>& policies() const { return policies_; }

 private:
  std::vector<std::shared_ptr<const Policy>> policies_;
};

}  // namespace croft::identity
