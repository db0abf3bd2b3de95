#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "dynamo/attribute_value.h"
#include "types/result.h"

namespace croft::dynamo::partiql {

// Where a SELECT goes on: in which of its reads, and after which item there.
struct Resume {
  std::size_t read = 0;
  std::optional<Item> start_key{};
};

// A NextToken, bound to `request`: the statement and its parameters.
std::string next_token(const Resume& resume, std::string_view request);

// ValidationException: "Invalid NextToken" for what next_token() did not make, "NextToken does not match request" for a
// token of another request. It is no secret: it only protects from mistakes.
Result<Resume> resume_of(std::string_view token, std::string_view request);

}  // namespace croft::dynamo::partiql
