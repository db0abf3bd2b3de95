#include "services/iotdata/constraints.h"

#include "services/iotdata/limits.h"
#include "text/encoding.h"
#include "things/errors.h"

namespace croft::services::iotdata {

void refuse(std::string message) { throw ApiError(things::invalid_request(std::move(message))); }

static std::string constraint(std::int64_t value, std::string_view member, std::string_view relation, std::int64_t bound) {
  return "1 validation error detected: Value '" + std::to_string(value) + "' at '" + std::string(member) +
         "' failed to satisfy constraint: Member must have value " + std::string(relation) + " than or equal to " +
         std::to_string(bound);
}

std::int64_t number_in(const iot::Input& in, std::string_view member, std::int64_t otherwise, std::int64_t least,
                       std::int64_t most) {
  const std::int64_t value = in.integer(member).value_or(otherwise);
  if (value < least) refuse(constraint(value, member, "greater", least));
  if (value > most) refuse(constraint(value, member, "less", most));
  return value;
}

std::string page_start(const iot::Input& in) {
  const std::string token = in.text("nextToken");
  const auto start = text::from_base64(token);
  if (!start || token.size() > limits::page_token_bytes_max) refuse("Invalid nextToken");
  return *start;
}

// The sentence of the API reference.
Error not_found() { return {"ResourceNotFoundException", "The specified resource does not exist.", 404}; }

}  // namespace croft::services::iotdata
