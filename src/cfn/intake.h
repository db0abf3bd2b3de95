// Requests to deploy, and what has to be true of them before a stack is touched.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cfn/api.h"
#include "cfn/artifacts.h"
#include "cfn/blueprint.h"
#include "cfn/stack.h"

namespace croft::cfn {

// One of the three.
struct TemplateChoice {
  std::optional<std::string> body;
  std::optional<std::string> url;
  bool use_previous = false;
};

struct GivenParameter {
  std::string key;
  std::optional<std::string> value;
  bool use_previous = false;
};

struct StackRequest {
  std::string stack_name;  // of an update also its id
  TemplateChoice choice;
  std::vector<GivenParameter> parameters;
  std::vector<std::string> capabilities;
  std::optional<std::vector<Tag>> tags;                      // nothing: as they are
  std::optional<std::vector<std::string>> notification_arns;  // nothing: as they are
  std::string role_arn;
  std::string token;
  OnFailure on_failure = OnFailure::roll_back;
  bool has_termination_protection = false;
  std::int64_t timeout_minutes = 0;
};

// A request put together with what the stack has.
struct Proposal {
  StackSource source;
  Draft draft;
};

// ValidationError unless it is a name as stacks and change sets have; `member` is the API's ("stackName").
Result<void> check_name(std::string_view member, std::string_view name);

// Sizes and characters of what comes from outside.
Result<void> check_request(const StackRequest& request);

// The place in S3 of a TemplateURL: path style on any host (http://127.0.0.1:4566/bucket/key), or virtual-hosted style
// on Amazon's (https://bucket.s3.us-east-1.amazonaws.com/key). "TemplateURL must be a supported URL." otherwise.
Result<S3Location> template_location(std::string_view url);

// The text of the template: `previous` is that of the stack, if there is one.
Task<Result<std::string>> template_text(Api& api, TemplateChoice choice, std::optional<std::string> previous);

// `current` is null for a stack that is to be made.
Result<Proposal> propose(const StackRequest& request, std::string template_body, const Stack* current);

}  // namespace croft::cfn
