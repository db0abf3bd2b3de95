#pragma once

#include <map>
#include <string>
#include <string_view>

#include "types/result.h"

namespace croft::things {

using Attributes = std::map<std::string, std::string, std::less<>>;

// Each refuses with InvalidRequestException in the words of AWS's request validation; `member` is the name of the
// input member that holds the value. Patterns: the IoT API model.
Result<void> check_thing_name(std::string_view name, std::string_view member = "thingName");
Result<void> check_policy_name(std::string_view name);
Result<void> check_authorizer_name(std::string_view name);
Result<void> check_token_key_name(std::string_view name);
Result<void> check_signing_key_name(std::string_view name);
Result<void> check_certificate_id(std::string_view id);
Result<void> check_attributes(const Attributes& attributes);

// REGION:UUID, the one kind of principal that is no ARN.
bool is_cognito_identity(std::string_view principal);

}  // namespace croft::things
