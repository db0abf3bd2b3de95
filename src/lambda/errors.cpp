#include "lambda/errors.h"

namespace croft::lambda {

Error function_not_found(std::string_view arn) {
  return {"ResourceNotFoundException", "Function not found: " + std::string(arn), 404};
}

Error function_exists(std::string_view name) {
  return {"ResourceConflictException", "Function already exist: " + std::string(name), 409};
}

Error invalid_parameter(std::string message) {
  return {"InvalidParameterValueException", std::move(message), 400};
}

Error validation_error(std::string_view member, std::string_view value, std::string_view constraint) {
  return {"ValidationException", "1 validation error detected: Value '" + std::string(value) + "' at '" +
                                     std::string(member) +
                                     "' failed to satisfy constraint: " + std::string(constraint)};
}

Error could_not_unzip() {
  return invalid_parameter("Could not unzip uploaded file. Please check your file, then try to upload again.");
}

Error unzipped_too_large() {
  return invalid_parameter("Unzipped size must be smaller than 262144000 bytes");
}

Error payload_too_large(std::size_t bytes, std::string_view kind, std::size_t bytes_max) {
  return {"RequestTooLargeException",
          std::to_string(bytes) + " byte payload is too large for the " + std::string(kind) +
              " invocation type (limit " + std::to_string(bytes_max) + " bytes)",
          413};
}

Error invalid_request_content(std::string_view detail) {
  return {"InvalidRequestContentException", "Could not parse request body into json: " + std::string(detail)};
}

Error too_many_requests() {
  return {"TooManyRequestsException", "Rate Exceeded.", 429, R"({"Reason":"ConcurrentInvocationLimitExceeded"})"};
}

Error reserved_concurrency_exceeded() {
  return {"TooManyRequestsException", "Rate Exceeded.", 429,
          R"({"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded"})"};
}

Error revision_mismatch() {
  return {"PreconditionFailedException",
          "The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to "
          "retrieve the latest RevisionId",
          412};
}

Error not_supported(std::string_view what) {
  return invalid_parameter(std::string(what) + " is not supported by croft.");
}

Error service_exception(std::string message) {
  return {"ServiceException", std::move(message), 500};
}

Error invalid_runtime(std::string message) {
  return {"InvalidRuntimeException", std::move(message), 502};
}

}  // namespace croft::lambda
