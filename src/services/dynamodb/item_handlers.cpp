#include "services/dynamodb/handlers.h"
#include "services/dynamodb/item_collections.h"
#include "services/dynamodb/item_requests.h"
#include "services/dynamodb/replies.h"
#include "services/dynamodb/traced_writes.h"

namespace croft::services::dynamodb {

namespace {

// The item's or key's collection when it is asked for.
Affected affected_by(bool asked, const std::string& table, const dynamo::Item& item) {
  Affected affected;
  if (asked) affected.emplace_back(table, item);
  return affected;
}

Affected affected_by(const dynamo::BatchWrite& request) {
  Affected affected;
  for (const dynamo::BatchWrite::Part& part : request.parts) {
    for (const dynamo::BatchWrite::Request& one : part.requests) {
      affected.emplace_back(part.table, one.put ? *one.put : one.erase);
    }
  }
  return affected;
}

Collection only(Collections collections) {
  return collections.empty() ? std::nullopt : Collection(std::move(collections[0].second[0]));
}

}  // namespace

Task<gateway::Reply> put_item(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::PutItem> input = read_put(call.input);
  const std::string table = input.request.table;
  Affected affected = affected_by(input.collection_size, table, input.request.item);
  TracedWrites traced(call, table);
  input.request.tell = traced.list();
  Result<dynamo::Written> written = co_await tables.put(std::move(input.request));
  written.value();
  traced.tell();
  Collections collections = co_await collections_of(tables, std::move(affected));
  co_return reply_written(std::move(written).value(), input.names.of(table), input.capacity, only(std::move(collections)));
}

Task<gateway::Reply> get_item(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::GetItem> input = read_get(call.input);
  const std::string table = input.request.table;
  const Result<dynamo::Found> found = co_await tables.get(std::move(input.request));
  co_return reply_found(found.value(), input.names.of(table), input.capacity);
}

Task<gateway::Reply> update_item(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::UpdateItem> input = read_update(call.input);
  const std::string table = input.request.table;
  Affected affected = affected_by(input.collection_size, table, input.request.key);
  TracedWrites traced(call, table);
  input.request.tell = traced.list();
  Result<dynamo::Written> written = co_await tables.update(std::move(input.request));
  written.value();
  traced.tell();
  Collections collections = co_await collections_of(tables, std::move(affected));
  co_return reply_written(std::move(written).value(), input.names.of(table), input.capacity, only(std::move(collections)));
}

Task<gateway::Reply> delete_item(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::DeleteItem> input = read_delete(call.input);
  const std::string table = input.request.table;
  Affected affected = affected_by(input.collection_size, table, input.request.key);
  TracedWrites traced(call, table);
  input.request.tell = traced.list();
  Result<dynamo::Written> written = co_await tables.erase(std::move(input.request));
  written.value();
  traced.tell();
  Collections collections = co_await collections_of(tables, std::move(affected));
  co_return reply_written(std::move(written).value(), input.names.of(table), input.capacity, only(std::move(collections)));
}

Task<gateway::Reply> query(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::Query> input = read_query(call.input);
  const std::string table = input.request.reading.table;
  const bool count_only = input.request.reading.count_only;
  const Result<dynamo::Page> page = co_await tables.query(std::move(input.request));
  co_return reply_page(page.value(), input.names.of(table), count_only, input.capacity);
}

Task<gateway::Reply> scan(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::Scan> input = read_scan(call.input);
  const std::string table = input.request.reading.table;
  const bool count_only = input.request.reading.count_only;
  const Result<dynamo::Page> page = co_await tables.scan(std::move(input.request));
  co_return reply_page(page.value(), input.names.of(table), count_only, input.capacity);
}

Task<gateway::Reply> batch_get_item(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::BatchGet> input = read_batch_get(call.input);
  const Result<dynamo::BatchGot> got = co_await tables.batch_get(std::move(input.request));
  co_return reply_batch_got(got.value(), call.input.at("RequestItems").as_object(), input.capacity);
}

Task<gateway::Reply> batch_write_item(dynamo::Tables& tables, gateway::Call& call) {
  Read<dynamo::BatchWrite> input = read_batch_write(call.input);
  TracedWrites traced(call, "");
  input.request.tell = traced.list();
  const Result<dynamo::BatchWritten> written = co_await tables.batch_write(input.request);
  written.value();
  traced.tell();
  Affected affected;
  if (input.collection_size) affected = affected_by(input.request);
  const Collections collections = co_await collections_of(tables, std::move(affected));
  co_return reply_batch_written(*written, input, call.input.at("RequestItems").as_object(), collections);
}

}  // namespace croft::services::dynamodb
