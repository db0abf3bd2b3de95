// Statements from anywhere: reading them, compiling them for a table with indexes, and evaluating what comes of it never
// throws, hangs or overruns. Input: a statement, a zero byte, an item in DynamoDB JSON.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "dynamo/attribute_json.h"
#include "dynamo/partiql/compiler.h"
#include "dynamo/partiql/next_token.h"
#include "types/assert.h"

namespace {

using namespace croft;
using namespace croft::dynamo;

constexpr const char* fallback =
    R"({"pk":{"S":"a"},"sk":{"S":"b"},"g":{"S":"x"},"n":{"N":"1"},"l":{"L":[{"N":"0"},{"M":{"x":{"N":"3"}}}]},)"
    R"("m":{"M":{"k":{"N":"5"}}},"ss":{"SS":["a","c"]},"z":{"NULL":true},"t":{"BOOL":true}})";

TableDefinition table() {
  TableDefinition out;
  out.name = "tab";
  out.keys = {{"pk", Type::string}, KeyAttribute{"sk", Type::string}};
  IndexDefinition index;
  index.name = "idx";
  index.keys = {{"g", Type::string}, KeyAttribute{"n", Type::number}};
  index.projection = {IndexProjection::Kind::include, {"m"}};
  out.indexes = {index};
  return out;
}

partiql::Parameters parameters(std::size_t count) {
  const AttributeValue known[] = {{std::string("a")}, {Number(1)}, {StringSet{{"a", "b"}}}, {List{}}, {Map{}}, {true}};
  partiql::Parameters out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(known[i % std::size(known)]);
  return out;
}

void check(const partiql::Statement& statement, const TableDefinition& definition, const Item& item) {
  const partiql::Parameters given = parameters(statement.parameters);
  CROFT_ASSERT(partiql::check_parameters(statement, given));
  if (const auto* select = std::get_if<partiql::Select>(&statement.action)) {
    const auto plan = partiql::compile(*select, given, definition, false);
    if (!plan) return;
    if (plan->filter) (void)plan->filter->matches(item);
    for (const KeyCondition& read : plan->reads) (void)read.range("p");
    (void)partiql::chosen(plan->columns, item);
    (void)partiql::compile_get(*select, given, definition, true, "BatchExecuteStatement");
    return;
  }
  for (const auto surface : {partiql::Surface::single, partiql::Surface::transaction}) {
    const auto plan = partiql::compile_write(statement, given, definition, surface);
    if (!plan) continue;
    const auto* update = std::get_if<UpdateItem>(&*plan);
    if (!update) continue;
    (void)update->condition->matches(item);
    (void)update->update->apply(item);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TableDefinition definition = table();
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t end = std::min(all.find('\0'), all.size());
  const std::string_view text = all.substr(0, end);
  const Result<json::value> document = json::parse(all.substr(std::min(end + 1, all.size())));
  Result<Item> item = document ? dynamo::item(*document) : Result<Item>(Item());
  if (!item || item->empty()) item = dynamo::item(json::parse(fallback).value());
  (void)partiql::resume_of(text, "request");
  if (const Result<partiql::Statement> statement = partiql::parse(text)) check(*statement, definition, *item);
  return 0;
}
