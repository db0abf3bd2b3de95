#include "dynamo/errors.h"

#include "text/json.h"

namespace croft::dynamo {

namespace {

// What a reason calls a fault. Source: API Reference, TransactionCanceledException.
std::string_view reason_code(const std::optional<Error>& fault) {
  if (!fault) return "None";
  if (fault->code == "ConditionalCheckFailedException") return "ConditionalCheckFailed";
  if (fault->code == "ResourceNotFoundException") return "ResourceNotFound";
  if (fault->code == "DuplicateItemException") return "DuplicateItem";
  if (fault->code == "ItemCollectionSizeLimitExceededException") return "ItemCollectionSizeLimitExceeded";
  if (fault->code == "ProvisionedThroughputExceededException") return "ProvisionedThroughputExceeded";
  if (fault->code == "ThrottlingException") return "ThrottlingError";
  return "ValidationError";
}

// The members of an object's text without its braces.
std::string_view members(std::string_view object) { return object.substr(1, object.size() - 2); }

}  // namespace

Error transaction_cancelled(const std::vector<std::optional<Error>>& faults) {
  std::string codes, reasons;
  for (const std::optional<Error>& fault : faults) {
    const std::string_view code = reason_code(fault);
    codes.append(codes.empty() ? "" : ", ").append(code);
    reasons.append(reasons.empty() ? "" : ",").append("{\"Code\":\"").append(code).append("\"");
    if (fault) {
      reasons += ",\"Message\":";
      json::append_string(reasons, fault->message);
      if (!fault->details.empty()) reasons.append(",").append(members(fault->details));
    }
    reasons += '}';
  }
  return {"TransactionCanceledException",
          "Transaction cancelled, please refer cancellation reasons for specific reasons [" + codes + "]", 400,
          "{\"CancellationReasons\":[" + reasons + "]}"};
}

}  // namespace croft::dynamo
