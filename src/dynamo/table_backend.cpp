#include "dynamo/table_backend.h"

#include "dynamo/tables.h"

namespace croft::dynamo {

Task<bool> TableBackend::answer_again(Shard&, MonoTime) { co_return true; }

Task<Result<void>> LocalTables::put(Shard&, std::string table, Item item, WrittenItems* tell) {
  PutItem request{.table = std::move(table), .item = std::move(item), .tell = tell};
  auto written = co_await tables_.put(std::move(request));
  co_return written ? Result<void>() : Result<void>(written.error());
}

Task<Result<void>> LocalTables::set(Shard&, std::string table, Item key, std::string attribute, AttributeValue value,
                                    WrittenItems* tell) {
  UpdateOperand operand;
  operand.value = std::make_shared<const AttributeValue>(std::move(value));
  Update update;
  update.sets.push_back({.path = {.steps = {std::move(attribute)}}, .left = std::move(operand)});
  UpdateItem request{.table = std::move(table), .key = std::move(key), .update = std::move(update), .tell = tell};
  auto written = co_await tables_.update(std::move(request));
  co_return written ? Result<void>() : Result<void>(written.error());
}

Task<Result<void>> LocalTables::erase(Shard&, std::string table, Item key, WrittenItems* tell) {
  DeleteItem request{.table = std::move(table), .key = std::move(key), .tell = tell};
  auto written = co_await tables_.erase(std::move(request));
  co_return written ? Result<void>() : Result<void>(written.error());
}

Task<Result<std::optional<Item>>> LocalTables::get(Shard&, std::string table, Item key) {
  GetItem request{.table = std::move(table), .key = std::move(key), .consistent = true};
  auto found = co_await tables_.get(std::move(request));
  if (!found) co_return found.error();
  co_return std::move(found->item);
}

}  // namespace croft::dynamo
