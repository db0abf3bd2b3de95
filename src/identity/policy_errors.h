#pragma once

#include <string>
#include <string_view>

#include "types/result.h"

namespace croft::identity {

// The first half is AWS's text, as seen by users of CreatePolicy; `reason` may be empty.
inline Error malformed_policy(std::string_view reason) {
  std::string message = "Policy document is Malformed";
  if (!reason.empty()) message.append(": ").append(reason);
  return {"MalformedPolicyException", std::move(message), 400};
}

}  // namespace croft::identity
