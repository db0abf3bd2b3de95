// The refusals of AWS Lambda, each with its text in one place.
#pragma once

#include <string>
#include <string_view>

#include "types/result.h"

namespace croft::lambda {

// Source of the texts: Lambda API Reference and the service's observable answers.
Error function_not_found(std::string_view arn);
Error function_exists(std::string_view name);
Error invalid_parameter(std::string message);
// "1 validation error detected: Value 'x' at 'member' failed to satisfy constraint: <constraint>"
Error validation_error(std::string_view member, std::string_view value, std::string_view constraint);
Error could_not_unzip();
Error unzipped_too_large();
Error payload_too_large(std::size_t bytes, std::string_view kind, std::size_t bytes_max);
Error invalid_request_content(std::string_view detail);
Error too_many_requests();
Error reserved_concurrency_exceeded();
Error revision_mismatch();
Error not_supported(std::string_view what);
Error service_exception(std::string message);
// The function's runtime cannot run on this machine.
Error invalid_runtime(std::string message);

}  // namespace croft::lambda
