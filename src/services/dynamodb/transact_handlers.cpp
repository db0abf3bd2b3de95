#include "services/dynamodb/handlers.h"
#include "services/dynamodb/item_collections.h"
#include "services/dynamodb/replies.h"
#include "services/dynamodb/traced_writes.h"
#include "services/dynamodb/transact_requests.h"

namespace croft::services::dynamodb {

namespace {

// A condition check changes nothing.
Affected affected_by(const dynamo::TransactWrite& request) {
  Affected affected;
  for (const dynamo::TransactWrite::Action& action : request.actions) {
    if (const auto* put = std::get_if<dynamo::PutItem>(&action)) affected.emplace_back(put->table, put->item);
    if (const auto* update = std::get_if<dynamo::UpdateItem>(&action)) affected.emplace_back(update->table, update->key);
    if (const auto* erase = std::get_if<dynamo::DeleteItem>(&action)) affected.emplace_back(erase->table, erase->key);
  }
  return affected;
}

}  // namespace

Task<gateway::Reply> transact_write_items(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::TransactWrite> input = read_transact_write(call.input);
  Affected affected;
  if (input.collection_size) affected = affected_by(input.request);
  TracedWrites traced(call, "");
  input.request.tell = traced.list();
  const Result<dynamo::TransactWritten> written = co_await tables.transact_write(std::move(input.request));
  written.value();
  traced.tell();
  const Collections collections = co_await collections_of(tables, std::move(affected));
  co_return reply_transact_written(*written, input.capacity, collections, input.names);
}

Task<gateway::Reply> transact_get_items(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::TransactGet> input = read_transact_get(call.input);
  const Result<dynamo::TransactGot> got = co_await tables.transact_get(std::move(input.request));
  co_return reply_transact_got(got.value(), input.capacity, input.names);
}

}  // namespace croft::services::dynamodb
