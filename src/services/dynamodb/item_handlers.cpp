#include "services/dynamodb/handlers.h"
#include "services/dynamodb/item_requests.h"
#include "services/dynamodb/replies.h"

namespace croft::services::dynamodb {

Task<gateway::Reply> put_item(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::PutItem> input = read_put(call.input);
  const std::string table = input.request.table;
  Result<dynamo::Written> written = co_await tables.put(std::move(input.request));
  co_return reply_written(std::move(written).value(), table, input.capacity);
}

Task<gateway::Reply> get_item(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::GetItem> input = read_get(call.input);
  const std::string table = input.request.table;
  const Result<dynamo::Found> found = co_await tables.get(std::move(input.request));
  co_return reply_found(found.value(), table, input.capacity);
}

Task<gateway::Reply> update_item(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::UpdateItem> input = read_update(call.input);
  const std::string table = input.request.table;
  Result<dynamo::Written> written = co_await tables.update(std::move(input.request));
  co_return reply_written(std::move(written).value(), table, input.capacity);
}

Task<gateway::Reply> delete_item(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::DeleteItem> input = read_delete(call.input);
  const std::string table = input.request.table;
  Result<dynamo::Written> written = co_await tables.erase(std::move(input.request));
  co_return reply_written(std::move(written).value(), table, input.capacity);
}

Task<gateway::Reply> query(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::Query> input = read_query(call.input);
  const dynamo::Reading reading{.table = input.request.reading.table, .count_only = input.request.reading.count_only};
  const Result<dynamo::Page> page = co_await tables.query(std::move(input.request));
  co_return reply_page(page.value(), reading, input.capacity);
}

Task<gateway::Reply> scan(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::Scan> input = read_scan(call.input);
  const dynamo::Reading reading{.table = input.request.reading.table, .count_only = input.request.reading.count_only};
  const Result<dynamo::Page> page = co_await tables.scan(std::move(input.request));
  co_return reply_page(page.value(), reading, input.capacity);
}

Task<gateway::Reply> batch_get_item(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::BatchGet> input = read_batch_get(call.input);
  const Result<dynamo::BatchGot> got = co_await tables.batch_get(std::move(input.request));
  co_return reply_batch_got(got.value(), call.input.at("RequestItems").as_object(), input.capacity);
}

Task<gateway::Reply> batch_write_item(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::BatchWrite> input = read_batch_write(call.input);
  const Result<dynamo::BatchWritten> written = co_await tables.batch_write(input.request);
  co_return reply_batch_written(written.value(), input.request, input.capacity);
}

}  // namespace croft::services::dynamodb
