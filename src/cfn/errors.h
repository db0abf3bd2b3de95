#pragma once

#include <string>
#include <utility>

#include "types/result.h"

namespace croft::cfn {

// What CloudFormation answers to every template or parameter that it refuses.
inline Error validation_error(std::string message) {
  return {"ValidationError", std::move(message), 400};
}

}  // namespace croft::cfn
