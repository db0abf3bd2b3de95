#include "dynamo/remote_tables.h"

#include <algorithm>

#include "dynamo/attribute_json.h"
#include "remote/answer.h"
#include "remote/limits.h"
#include "text/digest.h"

namespace croft::dynamo {

namespace {

// The next pause while nobody answers: half of it is random, so that lanes do not come back together.
std::chrono::milliseconds pause_of_round(unsigned round) {
  const std::int64_t whole = std::min<std::int64_t>(remote::limits::outage_pause_first.count() << std::min(round, 10u),
                                                    remote::limits::outage_pause_max.count());
  const auto random = static_cast<unsigned char>(text::random_bytes(1)[0]);
  return std::chrono::milliseconds(whole / 2 + whole * random / 512);
}

// {"TableName": table, "Key": key
std::string opened(const std::string& table, std::string_view member, const Item& item) {
  std::string body = R"({"TableName":)";
  json::append_string(body, table);
  body += ",\"" + std::string(member) + "\":";
  append_json(body, item);
  return body;
}

}  // namespace

bool may_pass(const Error& error) {
  return error.code == "ServiceUnavailable" || error.code == "ClientBusy" || remote::is_transient_connection_error(error) ||
         remote::verdict_on(error) != remote::Verdict::refused;
}

RemoteTables::RemoteTables(remote::RemoteServices& services)
    : services_(services), patience_(services.find(remote::tables_service)->patience) {}

Task<Result<json::object>> RemoteTables::ask(Shard& shard, std::string operation, std::string body) {
  remote::Request request = remote::json_request("1.0", "DynamoDB_20120810." + operation, {});
  request.body = std::move(body);
  auto answer = co_await services_.call(shard, std::string(remote::tables_service), std::move(request));
  if (!answer) co_return answer.error();
  auto document = json::parse(answer->body);
  if (!document || !document->is_object()) co_return Error{"InvalidResponse", "the tables' answer is not a JSON object", 502};
  co_return std::move(document->get_object());
}

Task<Result<void>> RemoteTables::write(Shard& shard, std::string operation, std::string body) {
  const MonoTime until{MonoTime::now().ms + patience_.count()};
  for (unsigned round = 0;; ++round) {
    auto answer = co_await ask(shard, operation, body);
    if (answer) co_return Result<void>();
    if (!may_pass(answer.error()) || MonoTime::now() >= until) co_return answer.error();
    co_await sleep_for(pause_of_round(round));
  }
}

Task<Result<void>> RemoteTables::put(Shard& shard, std::string table, Item item, WrittenItems*) {
  std::string body = opened(table, "Item", item) + "}";
  auto written = co_await write(shard, "PutItem", std::move(body));
  co_return written;
}

Task<Result<void>> RemoteTables::set(Shard& shard, std::string table, Item key, std::string attribute, AttributeValue value,
                                    WrittenItems*) {
  std::string body = opened(table, "Key", key) +
                     R"(,"UpdateExpression":"SET #a = :v","ExpressionAttributeNames":{"#a":)";
  json::append_string(body, attribute);
  body += R"(},"ExpressionAttributeValues":{":v":)";
  append_json(body, value);
  body += "}}";
  auto written = co_await write(shard, "UpdateItem", std::move(body));
  co_return written;
}

Task<Result<void>> RemoteTables::erase(Shard& shard, std::string table, Item key, WrittenItems*) {
  std::string body = opened(table, "Key", key) + "}";
  auto written = co_await write(shard, "DeleteItem", std::move(body));
  co_return written;
}

Task<Result<std::optional<Item>>> RemoteTables::get(Shard& shard, std::string table, Item key) {
  std::string body = opened(table, "Key", key) + R"(,"ConsistentRead":true})";
  auto answer = co_await ask(shard, "GetItem", std::move(body));
  if (!answer) co_return answer.error();
  const json::value* found = json::find(*answer, "Item");
  if (!found) co_return std::optional<Item>();
  auto read = item(*found);
  if (!read) co_return read.error();
  co_return std::optional<Item>(std::move(*read));
}

Task<Result<void>> RemoteTables::greet(Shard& shard) {
  auto answer = co_await ask(shard, "ListTables", R"({"Limit":1})");
  co_return answer ? Result<void>() : Result<void>(answer.error());
}

Task<bool> RemoteTables::answer_again(Shard& shard, MonoTime since) {
  const MonoTime until{since.ms + patience_.count()};
  for (unsigned round = 0; MonoTime::now() < until; ++round) {
    auto greeted = co_await greet(shard);
    if (greeted || !may_pass(greeted.error())) co_return true;
    co_await sleep_for(pause_of_round(round));
  }
  co_return false;
}

}  // namespace croft::dynamo
