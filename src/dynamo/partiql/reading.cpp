#include "dynamo/partiql/reading.h"

#include "dynamo/limits.h"

namespace croft::dynamo::partiql {

namespace {

Condition key_condition(const KeyCondition& read, const KeySchema& keys) {
  const auto operand = [](const AttributeValue& value) {
    return Operand::of(std::make_shared<const AttributeValue>(value));
  };
  Condition out{Condition::Kind::all, {}, {}};
  out.children.push_back(
      {Condition::Kind::equal, {}, {Operand::of(Path{{keys.partition.name}}), operand(read.partition)}});
  if (read.sort_operator == Condition::Kind::all) return out;
  Condition sort{read.sort_operator, {}, {Operand::of(Path{{keys.sort->name}})}};
  for (const AttributeValue& value : read.sort_values) sort.operands.push_back(operand(value));
  out.children.push_back(std::move(sort));
  return out;
}

bool keeps(const ReadPlan& plan, const Item& item) { return !plan.filter || plan.filter->matches(item); }

// One page of read `n`, or of the scan. The filter is not the page's: a statement's may name the key.
Task<Result<Page>> page(Tables& tables, const ReadPlan& plan, std::size_t n, Reading reading) {
  if (plan.reads.empty()) {
    Scan scan{std::move(reading)};
    Result<Page> scanned = co_await tables.scan(std::move(scan));
    co_return scanned;
  }
  Query query{std::move(reading), key_condition(plan.reads[n], plan.keys), plan.forward};
  Result<Page> queried = co_await tables.query(std::move(query));
  co_return queried;
}

Task<Result<Selected>> get(Tables& tables, ReadPlan plan) {
  GetItem request{.table = plan.table, .key = *plan.key, .projection = std::nullopt, .consistent = plan.consistent};
  Result<Found> found = co_await tables.get(std::move(request));
  if (!found) co_return found.error();
  Selected out;
  out.capacity = std::move(found->capacity);
  if (found->item && keeps(plan, *found->item)) out.items.push_back(chosen(plan.columns, *std::move(found->item)));
  co_return out;
}

}  // namespace

Task<Result<Selected>> read(Tables& tables, ReadPlan plan, std::optional<std::uint32_t> limit, Resume from) {
  if (plan.key) {
    Result<Selected> got = co_await get(tables, std::move(plan));
    co_return got;
  }
  Selected out;
  std::size_t looked_at = 0, bytes = 0;
  const std::size_t reads = std::max<std::size_t>(plan.reads.size(), 1);
  for (std::size_t n = from.read; n < reads; ++n) {
    Reading reading{.table = plan.table, .index = plan.index, .consistent = plan.consistent};
    if (!plan.attributes.empty()) reading.projection = Projection::of_attributes(plan.attributes);
    if (limit) reading.limit = static_cast<std::uint32_t>(*limit - looked_at);
    if (n == from.read) reading.start_key = from.start_key;
    Result<Page> got = co_await page(tables, plan, n, std::move(reading));
    if (!got) co_return got.error();
    out.capacity += got->capacity;
    looked_at += got->scanned;
    for (Item& item : got->items) {
      bytes += counted_bytes(item);
      if (keeps(plan, item)) out.items.push_back(chosen(plan.columns, std::move(item)));
    }
    if (got->last_key) {
      out.last_key = got->last_key;
      out.next = Resume{n, std::move(got->last_key)};
      co_return out;
    }
    const bool full = (limit && looked_at >= *limit) || bytes >= croft::dynamo::limits::page_bytes_max;
    if (full && n + 1 < reads) {
      out.next = Resume{n + 1, std::nullopt};
      co_return out;
    }
  }
  co_return out;
}

}  // namespace croft::dynamo::partiql
