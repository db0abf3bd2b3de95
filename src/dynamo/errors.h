// The refusals of DynamoDB, each text in one place.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "types/result.h"

namespace croft::dynamo {

inline Error validation_error(std::string message) { return {"ValidationException", std::move(message), 400}; }

inline Error invalid_parameter(std::string_view what) {
  return validation_error("One or more parameter values were invalid: " + std::string(what));
}

// A document whose JSON types do not fit the operation's shape.
inline Error serialization_error(std::string message) { return {"SerializationException", std::move(message), 400}; }

// Data operations do not say which table; control operations do (table_not_found).
inline Error resource_not_found() { return {"ResourceNotFoundException", "Requested resource not found", 400}; }

inline Error table_not_found(std::string_view table) {
  return {"ResourceNotFoundException", "Requested resource not found: Table: " + std::string(table) + " not found",
          400};
}

inline Error table_exists(std::string_view table) {
  return {"ResourceInUseException", "Table already exists: " + std::string(table), 400};
}

inline Error in_use(std::string_view why) {
  return {"ResourceInUseException", "Attempt to change a resource which is still in use: " + std::string(why), 400};
}

// `item_json`: {"Item": ...} when the request asked for the item that failed its condition, otherwise "".
inline Error condition_failed(std::string item_json) {
  return {"ConditionalCheckFailedException", "The conditional request failed", 400, std::move(item_json)};
}

// PartiQL's INSERT of an item that there is; `item_json` as above.
inline Error duplicate_item(std::string item_json) {
  return {"DuplicateItemException", "Duplicate primary key exists in table", 400, std::move(item_json)};
}

// `faults` has one entry for each action, nothing where it could have been done: TransactionCanceledException with a
// reason for each.
Error transaction_cancelled(const std::vector<std::optional<Error>>& faults);

inline Error token_mismatch() {
  return {"IdempotentParameterMismatchException",
          "DynamoDB rejected the request because you retried a request with a different payload but with an idempotent "
          "token that was already used."};
}

}  // namespace croft::dynamo
