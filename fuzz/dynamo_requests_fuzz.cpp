// Inputs of the operations on items from anywhere, with legacy parameters or expressions: they are read or refused
// with an AWS error, and what is read can be evaluated. Input: a letter for the operation, then its JSON.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dynamo/expressions/key_condition.h"
#include "services/dynamodb/item_requests.h"
#include "services/dynamodb/request_shapes.h"
#include "types/assert.h"

namespace {

using namespace croft;
using namespace croft::services::dynamodb;

void evaluate(const std::optional<dynamo::Condition>& condition, const dynamo::Item& item) {
  if (condition) (void)condition->matches(item);
}

void read(char operation, const json::object& input) {
  const dynamo::KeySchema schema{{"p", dynamo::Type::string}, dynamo::KeyAttribute{"c", dynamo::Type::number}};
  switch (operation) {
    case 'p': {
      const auto put = read_put(input).request;
      return evaluate(put.condition, put.item);
    }
    case 'u': {
      const auto update = read_update(input).request;
      evaluate(update.condition, update.key);
      if (update.update) (void)update.update->apply(update.key);
      return;
    }
    case 'd': {
      const auto erase = read_delete(input).request;
      return evaluate(erase.condition, erase.key);
    }
    case 'g': {
      const auto get = read_get(input).request;
      if (get.projection) (void)get.projection->apply(get.key);
      return;
    }
    case 'q': {
      const auto query = read_query(input).request;
      evaluate(query.reading.filter, query.reading.start_key.value_or(dynamo::Item()));
      if (const auto key = dynamo::KeyCondition::from(query.key_condition, schema)) (void)key->range("p");
      return;
    }
    case 's':
      return (void)read_scan(input);
    case 'b':
      return (void)read_batch_get(input);
    default:
      return (void)read_batch_write(input);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Result<json::value> document = json::parse({reinterpret_cast<const char*>(data) + 1, size - 1});
  if (!document || !document->is_object()) return 0;
  try {
    read(static_cast<char>(data[0]), document->get_object());
  } catch (const ApiError& refusal) {
    const std::string& code = refusal.error().code;
    CROFT_ASSERT(code == "ValidationException" || code == "SerializationException");
    CROFT_ASSERT(!refusal.error().message.empty());
  }
  return 0;
}
