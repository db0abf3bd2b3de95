#pragma once

#include <string_view>

namespace croft::identity {

// Whether a role's trust policy lets this service ("iot.amazonaws.com") assume it: a statement allows it, and none denies
// it. Conditions are not looked at. A document that cannot be read trusts nobody.
// Source: IAM user guide, "AWS JSON policy elements: Principal".
bool trusts_service(std::string_view trust_policy, std::string_view service);

}  // namespace croft::identity
