#pragma once

#include "dynamo/table_backend.h"
#include "lambda/functions.h"
#include "lambda/invoker.h"
#include "rules/actions/action_types.h"

namespace croft::rules {

// lambda: invokes a function with the outgoing payload as its event. AWS invokes asynchronously; croft does too, but
// the lane waits until the function succeeded or its retries are used up, so a client's events stay in order across
// functions. The function's resource policy must let iot.amazonaws.com in. Source: AWS IoT developer guide, "Lambda".
// An event whose function failed while tables elsewhere did not answer is kept until they do, and the function run again: its
// retries would be used up within seconds of an outage. The references outlive the types.
void add_lambda_action(ActionTypes& types, lambda::Functions& functions, lambda::Invoker& invoker, dynamo::TableBackend& tables);

// AccessDeniedException unless the resource policy of the function lets iot.amazonaws.com in for this rule;
// ResourceNotFoundException.
Result<void> check_lambda_permission(const lambda::Functions& functions, const std::string& arn, const std::string& rule_name);

}  // namespace croft::rules
