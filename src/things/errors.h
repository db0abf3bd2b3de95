// The refusals of the registry, each with AWS's code, status and, where it is known, AWS's sentence.
#pragma once

#include <string>
#include <string_view>

#include "text/json.h"
#include "types/result.h"

namespace croft::things {

inline Error invalid_request(std::string message) {
  return {"InvalidRequestException", std::move(message), 400};
}

inline Error not_found(std::string_view kind, std::string_view name) {
  return {"ResourceNotFoundException", std::string(kind) + " " + std::string(name) + " not found", 404};
}

inline Error already_exists(std::string message, std::string_view id, std::string_view arn) {
  const json::object details{{"resourceId", id}, {"resourceArn", arn}};
  return {"ResourceAlreadyExistsException", std::move(message), 409, json::dump(details)};
}

inline Error version_conflict(std::string_view name, long long expected, long long actual) {
  return {"VersionConflictException",
          "The version for " + std::string(name) + " does not match the expected version. Expected version " +
              std::to_string(expected) + " but found " + std::to_string(actual),
          409};
}

inline Error delete_conflict(std::string message) {
  return {"DeleteConflictException", std::move(message), 409};
}
inline Error certificate_state(std::string message) {
  return {"CertificateStateException", std::move(message), 406};
}
inline Error limit_exceeded(std::string message) {
  return {"LimitExceededException", std::move(message), 410};
}

inline Error versions_limit_exceeded(std::string_view policy, std::size_t max) {
  return {"VersionsLimitExceededException",
          "The policy " + std::string(policy) + " already has the maximum number of versions (" +
              std::to_string(max) + ")",
          409};
}

}  // namespace croft::things
