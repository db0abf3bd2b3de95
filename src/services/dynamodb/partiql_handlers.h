#pragma once

#include "dynamo/tables.h"
#include "gateway/service.h"

namespace croft::services::dynamodb {

Task<gateway::Reply> execute_statement(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> batch_execute_statement(dynamo::Tables& tables, gateway::Call& call);
Task<gateway::Reply> execute_transaction(dynamo::Tables& tables, gateway::Call& call);  // partiql_transactions.cpp

}  // namespace croft::services::dynamodb
