#pragma once

#include "lambda/function.h"

namespace croft::lambda {

// Who wants to invoke a function on behalf of an AWS service.
struct ServiceCaller {
  std::string service;     // "iot.amazonaws.com"
  std::string source_arn;  // the rule's ARN
  std::string source_account;
};

// The policy statement that AddPermission's members describe, in the form GetPolicy shows.
Result<json::object> make_statement(const json::object& input, const std::string& function_arn);

// True when a statement of the function's resource policy lets the service invoke it. Source: Lambda Developer Guide,
// "Granting Lambda function access to AWS services".
bool permits(const Function& function, const ServiceCaller& caller);

// ArnLike of IAM: `*` is any text, `?` any one character.
bool arn_like(std::string_view pattern, std::string_view arn);

}  // namespace croft::lambda
