#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/expressions/condition.h"
#include "dynamo/expressions/projection.h"
#include "dynamo/expressions/update.h"
#include "services/dynamodb/request_reader.h"

namespace croft::services::dynamodb {

// The expressions of one request with their shared placeholders. Takes them in the order of the calls, which is AWS's
// order of telling what is wrong; finish() then checks that every placeholder was used. Refusals are thrown as ApiError.
class ExpressionParameters {
 public:
  // `expressions` are the expression members the operation has, `legacy` the older members they replaced, in AWS's
  // order. Mixing both is refused here, as are placeholders without expressions; what is in them is looked at later.
  ExpressionParameters(RequestReader& reader, std::vector<std::string_view> expressions,
                       std::vector<std::string_view> legacy);

  std::optional<dynamo::Condition> condition(std::string_view member);
  std::optional<dynamo::Update> update();
  // ProjectionExpression, or AttributesToGet.
  std::optional<dynamo::Projection> projection();
  void finish();

 private:
  dynamo::Placeholders& placeholders();

  RequestReader& reader_;
  const json::value* names_ = nullptr;
  const json::value* values_ = nullptr;
  std::optional<dynamo::Placeholders> placeholders_;
};

}  // namespace croft::services::dynamodb
