#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "services/iot/input.h"

namespace croft::services::iotdata {

// InvalidRequestException.
[[noreturn]] void refuse(std::string message);

// The member, or `otherwise` when it is absent; outside its range it is refused in the words of AWS's request validation.
std::int64_t number_in(const iot::Input& in, std::string_view member, std::int64_t otherwise, std::int64_t least,
                       std::int64_t most);

// The key behind which a page starts: nextToken decoded, "" for the first page.
std::string page_start(const iot::Input& in);

// The error for what is not there.
Error not_found();

}  // namespace croft::services::iotdata
