// Refusals of SQS, by the names of its JSON protocol; the gateway knows those of the query protocol (services/sqs).
#pragma once

#include <string>
#include <string_view>

#include "types/result.h"

namespace croft::sqs {

inline Error queue_does_not_exist() {
  return {"QueueDoesNotExist", "The specified queue does not exist.", 400};
}
inline Error invalid_attribute_name(std::string message) {
  return {"InvalidAttributeName", std::move(message), 400};
}
inline Error unknown_attribute(std::string_view name) {
  return invalid_attribute_name("Unknown Attribute " + std::string(name) + ".");
}
inline Error invalid_attribute_value(std::string_view name, std::string_view reason = {}) {
  std::string message = "Invalid value for the parameter " + std::string(name) + ".";
  if (!reason.empty()) message += " Reason: " + std::string(reason);
  return {"InvalidAttributeValue", std::move(message), 400};
}
inline Error invalid_parameter(std::string message) {
  return {"InvalidParameterValueException", std::move(message), 400};
}
// "Value 11 for parameter MaxNumberOfMessages is invalid. Reason: ..."
inline Error invalid_value(std::string_view value, std::string_view parameter, std::string_view reason) {
  return invalid_parameter("Value " + std::string(value) + " for parameter " + std::string(parameter) +
                           " is invalid. Reason: " + std::string(reason));
}
inline Error missing_parameter(std::string_view name) {
  return {"MissingRequiredParameterException", "The request must contain the parameter " + std::string(name) + ".",
          400};
}
inline Error unsupported_operation(std::string message) {
  return {"UnsupportedOperation", std::move(message), 400};
}
inline Error resource_not_found(std::string message) {
  return {"ResourceNotFoundException", std::move(message), 404};
}
inline Error receipt_handle_is_invalid(std::string_view handle) {
  return {"ReceiptHandleIsInvalid",
          "The input receipt handle \"" + std::string(handle) + "\" is not a valid receipt handle.", 404};
}
inline Error over_limit(std::string message) {
  return {"OverLimit", std::move(message), 403};
}

}  // namespace croft::sqs
