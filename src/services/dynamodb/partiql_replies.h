#pragma once

#include <string>
#include <vector>

#include "dynamo/capacity.h"
#include "dynamo/partiql/reading.h"
#include "gateway/service.h"
#include "services/dynamodb/item_requests.h"

namespace croft::services::dynamodb {

// Of one statement of BatchExecuteStatement.
struct StatementAnswer {
  std::string table{};  // "" when it is not known
  std::optional<dynamo::Item> item{};
  std::optional<Error> error{};
  dynamo::Capacity capacity{};
};

gateway::Reply reply_statement(const dynamo::partiql::Selected& selected, const std::optional<std::string>& next_token,
                               const std::string& table, CapacityWanted capacity);
gateway::Reply reply_batch_statements(const std::vector<StatementAnswer>& answers, CapacityWanted capacity);

}  // namespace croft::services::dynamodb
