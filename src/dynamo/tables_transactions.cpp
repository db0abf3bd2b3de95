// Transactions of Tables, and the size of item collections.
#include <algorithm>
#include <set>

#include "dynamo/attribute_encoding.h"
#include "dynamo/capacity.h"
#include "dynamo/errors.h"
#include "dynamo/item_rules.h"
#include "dynamo/limits.h"
#include "dynamo/tables.h"
#include "shard/shard.h"

namespace croft::dynamo {

// An action on its way: what it finds, and what it leaves.
struct TransactionStep {
  OpenTablePtr table;
  std::string key;                      // of the row
  std::optional<std::string> old_row{};
  std::optional<Item> before{};
  std::optional<Item> after{};
  bool writes = false;  // a condition check does not, nor does an update that removes from a missing item
};

namespace {

using Action = TransactWrite::Action;
using Steps = std::vector<TransactionStep>;

// Prepare and commit are two writes or reads of each item. Source: Developer Guide, "Managing complex workflows with
// DynamoDB transactions", capacity.
constexpr double prepare_and_commit = 2;

const std::string& table_of(const Action& action) {
  return std::visit([](const auto& of_kind) -> const std::string& { return of_kind.table; }, action);
}

// The key, or the item that holds it.
const Item& key_of(const Action& action) {
  if (const PutItem* put = std::get_if<PutItem>(&action)) return put->item;
  if (const UpdateItem* update = std::get_if<UpdateItem>(&action)) return update->key;
  if (const DeleteItem* erase = std::get_if<DeleteItem>(&action)) return erase->key;
  return std::get<ConditionCheck>(action).key;
}

const Update* update_of(const Action& action) {
  const UpdateItem* update = std::get_if<UpdateItem>(&action);
  return update && update->update ? &*update->update : nullptr;
}

std::size_t bytes_of(const ValuePtr& value) { return value ? counted_bytes(*value) : 0; }

// What the request brings along. A deletion of large items is small.
std::size_t payload_bytes(const Action& action) {
  std::size_t bytes = counted_bytes(key_of(action));
  const Update* update = update_of(action);
  if (!update) return bytes;
  for (const Update::Set& set : update->sets) bytes += bytes_of(set.left.value) + bytes_of(set.right.value);
  for (const Update::Change& change : update->adds) bytes += bytes_of(change.value);
  for (const Update::Change& change : update->deletes) bytes += bytes_of(change.value);
  return bytes;
}

Result<void> check_payload(const TransactWrite& request) {
  std::size_t bytes = 0;
  for (const Action& action : request.actions) bytes += payload_bytes(action);
  if (bytes <= limits::transaction_bytes_max) return {};
  return validation_error("Transaction payload size cannot exceed 4 MB");
}

// Empty keys are found in the request, before the transaction begins: also those that an update would set.
Result<void> check_empty_keys(const TableDefinition& table, const Action& action) {
  Result<void> checked = check_no_empty_key(table, key_of(action), false);
  const Update* update = update_of(action);
  if (!checked || !update) return checked;
  Item literals;
  for (const Update::Set& set : update->sets) {
    const bool is_literal = set.path.steps.size() == 1 && set.arithmetic == Update::Arithmetic::none &&
                            set.left.kind == UpdateOperand::Kind::value && set.left.value;
    if (is_literal && !table.keys.has(set.path.attribute())) literals.set(set.path.attribute(), *set.left.value);
  }
  return check_no_empty_key(table, literals, true);
}

// What the table's schema says to an action, whatever its item is like.
Result<void> check_schema(const TableDefinition& table, const Action& action) {
  const PutItem* put = std::get_if<PutItem>(&action);
  Result<void> checked = put ? check_put(table, put->item) : check_key(table.keys, key_of(action));
  const Update* update = update_of(action);
  if (checked && update) checked = check_update_paths(table, *update);
  if (!checked) return checked;
  return std::visit([&](const auto& of_kind) { return check_scalar_keys(table, of_kind.condition); }, action);
}

using Faults = std::vector<std::optional<Error>>;  // one for each action

Error cancelled_by(std::size_t at, std::size_t count, Error fault) {
  Faults faults(count);
  faults[at] = std::move(fault);
  return transaction_cancelled(faults);
}

// The steps of a transaction whose tables are there: their keys, or why there is no transaction. A fault that the schema
// finds cancels it, the first one alone is told; all others refuse the request as a whole.
// Source: the order of refusals that AWS's answers show.
Result<Steps> steps_of(const std::vector<OpenTablePtr>& tables, const std::vector<Result<void>>& empty_keys,
                       const std::vector<Result<void>>& schema, const std::vector<const Item*>& keys) {
  for (const Result<void>& checked : empty_keys) {
    if (!checked) return checked.error();
  }
  Steps steps;
  std::set<std::string> unique;
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const KeySchema& key_schema = tables[i]->definition.keys;
    const bool has_key = check_item_key(key_schema, *keys[i]).has_value();
    steps.push_back({tables[i], has_key ? tables[i]->row_key(*keys[i]) : std::string()});
    if (has_key && !unique.insert(steps.back().key).second) {
      return validation_error("Transaction request cannot include multiple operations on one item");
    }
  }
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (!schema[i]) return cancelled_by(i, tables.size(), schema[i].error());
  }
  return steps;
}

std::vector<std::string> keys_of(const Steps& steps) {
  std::vector<std::string> keys;
  for (const TransactionStep& step : steps) keys.push_back(step.key);
  return keys;
}

Result<void> judge(const PutItem& put, TransactionStep& step) {
  step.after = put.item;
  step.writes = true;
  return check_put_condition(put, step.before);
}

Result<void> judge(const DeleteItem& erase, TransactionStep& step) {
  step.writes = true;
  return check_condition(erase.condition, step.before, erase.item_in_failure);
}

Result<void> judge(const ConditionCheck& check, TransactionStep& step) {
  return check_condition(check.condition, step.before, check.item_in_failure);
}

Result<void> judge(const UpdateItem& request, TransactionStep& step) {
  const Result<void> condition = check_condition(request.condition, step.before, request.item_in_failure);
  if (!condition) return condition;
  const Item& base = step.before ? *step.before : request.key;
  step.writes = step.before || !request.update || request.update->creates_item();
  step.after = base;
  if (!request.update) return {};
  Result<Item> updated = request.update->apply(base);
  if (!updated) return updated.error();
  step.after = *std::move(updated);
  return check_updated(step.table->definition, *request.update, *step.after);
}

void add_capacity(CapacityByTable& sums, const std::string& table, Capacity capacity) {
  capacity.table *= prepare_and_commit;
  for (auto& [index, units] : capacity.global_indexes) units *= prepare_and_commit;
  for (auto& [index, units] : capacity.local_indexes) units *= prepare_and_commit;
  for (auto& [name, sum] : sums) {
    if (name != table) continue;
    sum += capacity;
    return;
  }
  sums.emplace_back(table, std::move(capacity));
}

Capacity read_capacity(const std::optional<std::string>& row) {
  return {read_units(row ? counted_bytes_of_row(*row) : 0, true), {}, {}};
}

// A request with a token that was used before: it changes nothing and costs reading its items. Source: API Reference,
// TransactWriteItems, ClientRequestToken.
TransactWritten repetition(const TransactWrite& request, const Steps& steps) {
  TransactWritten written{{}, true};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    add_capacity(written.capacity, table_of(request.actions[i]), read_capacity(steps[i].old_row));
  }
  return written;
}

}  // namespace

// All conditions hold, all locks are held.
TransactWritten Tables::write_steps(const TransactWrite& request, Steps& steps) {
  Batch batch;
  TransactWritten written;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    TransactionStep& step = steps[i];
    const std::size_t old_bytes = step.old_row ? counted_bytes_of_row(*step.old_row) : 0;
    Capacity capacity{write_units(old_bytes), {}, {}};
    if (step.writes) {
      capacity = apply(batch, {*step.table, step.key, step.old_row, pointer(step.before), pointer(step.after), false, request.tell});
    }
    add_capacity(written.capacity, table_of(request.actions[i]), std::move(capacity));
  }
  if (!request.token.empty()) tokens_.remember(batch, request.token, request.fingerprint, Timestamp::now());
  if (!batch.empty()) store_.write(std::move(batch));
  return written;
}

Result<TransactWritten> Tables::transact_write_now(const TransactWrite& request) {
  const Result<void> payload = check_payload(request);
  if (!payload) return payload.error();
  const SharedLock lock(tables_mutex_);
  std::vector<OpenTablePtr> tables;
  std::vector<Result<void>> empty_keys, schema;
  std::vector<const Item*> keys;
  for (const Action& action : request.actions) {
    tables.push_back(find_held(table_of(action)));
    if (!tables.back()) return resource_not_found();
    empty_keys.push_back(check_empty_keys(tables.back()->definition, action));
    schema.push_back(check_schema(tables.back()->definition, action));
    keys.push_back(&key_of(action));
  }
  Result<Steps> steps = steps_of(tables, empty_keys, schema, keys);
  if (!steps) return steps.error();

  std::vector<std::string> locked = keys_of(*steps);
  if (!request.token.empty()) locked.push_back(TransactionTokens::lock_key(request.token));
  const auto held = locks_.lock(locked);
  for (TransactionStep& step : *steps) step.old_row = store_.get(Family::items, step.key);
  if (!request.token.empty()) {
    const std::optional<std::string> used = tokens_.find(store_, request.token, Timestamp::now());
    if (used && *used != request.fingerprint) return token_mismatch();
    if (used) return repetition(request, *steps);
  }
  Faults faults(steps->size());
  bool cancelled = false;
  for (std::size_t i = 0; i < steps->size(); ++i) {
    TransactionStep& step = (*steps)[i];
    step.before = decoded(step.old_row, true);
    Result<void> judged = std::visit([&](const auto& of_kind) { return judge(of_kind, step); }, request.actions[i]);
    if (judged) judged = admit_write(*step.table, pointer(step.before), pointer(step.writes ? step.after : step.before));
    if (judged) continue;
    faults[i] = judged.error();
    cancelled = true;
  }
  if (cancelled) return transaction_cancelled(faults);
  return write_steps(request, *steps);
}

Task<Result<TransactWritten>> Tables::transact_write(TransactWrite request) {
  Result<TransactWritten> written = transact_write_now(request);
  if (written) charge(written->capacity, written->repeated ? Units::read : Units::write);
  if (written) co_await store_.durable();  // of a repetition: the first may not have come so far
  co_return written;
}

Result<TransactGot> Tables::transact_get_now(const TransactGet& request) {
  const SharedLock lock(tables_mutex_);
  std::vector<OpenTablePtr> tables;
  std::vector<Result<void>> empty_keys, schema;
  std::vector<const Item*> keys;
  for (const GetItem& get : request.gets) {
    tables.push_back(find_held(get.table));
    if (!tables.back()) return resource_not_found();
    const TableDefinition& definition = tables.back()->definition;
    empty_keys.push_back(check_no_empty_key(definition, get.key, false));
    schema.push_back(check_key(definition.keys, get.key));
    if (schema.back()) schema.back() = check_scalar_keys(definition, get.projection);
    keys.push_back(&get.key);
  }
  const Result<Steps> steps = steps_of(tables, empty_keys, schema, keys);
  if (!steps) return steps.error();

  Faults faults(steps->size());
  for (std::size_t i = 0; i < steps->size(); ++i) {
    const Result<void> admitted = admit(*tables[i], Units::read);
    if (!admitted) faults[i] = admitted.error();
  }
  if (std::any_of(faults.begin(), faults.end(), [](const auto& fault) { return fault.has_value(); })) {
    return transaction_cancelled(faults);
  }

  std::vector<std::optional<std::string>> rows;
  {
    const auto held = locks_.lock(keys_of(*steps));
    for (const TransactionStep& step : *steps) rows.push_back(store_.get(Family::items, step.key));
  }
  TransactGot got;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const GetItem& get = request.gets[i];
    add_capacity(got.capacity, get.table, read_capacity(rows[i]));
    std::optional<Item> item = decoded(rows[i], true);
    bytes += rows[i] ? counted_bytes_of_row(*rows[i]) : 0;
    if (item && get.projection) item = get.projection->apply(*item);
    got.items.push_back(std::move(item));
  }
  if (bytes > limits::transaction_bytes_max) {
    return validation_error("The aggregate size of the items in the transaction cannot exceed 4 MB");
  }
  return got;
}

Task<Result<TransactGot>> Tables::transact_get(TransactGet request) {
  Result<TransactGot> got = transact_get_now(request);
  if (got) charge(got->capacity, Units::read);
  co_return got;
}

namespace {

// Adds what the rows from `from` on take, a turn's worth; the key to go on from, "" at the end.
std::string add_bytes(const Store& store, Family family, const std::string& from, const std::string& to,
                       std::uint64_t& bytes) {
  std::size_t rows = 0;
  std::string next;
  store.visit(family, from, to, false, [&](std::string_view key, std::string_view row) {
    if (rows++ == limits::page_rows_max) {
      next = key;
      return false;
    }
    bytes += counted_bytes_of_row(row);
    return true;
  });
  return next;
}

}  // namespace

Task<std::optional<ItemCollection>> Tables::collection(std::string name, Item item) const {
  const OpenTablePtr table = find(name);
  if (!table) co_return std::nullopt;
  const TableDefinition& definition = table->definition;
  const AttributeValue* partition = item.find(definition.keys.partition.name);
  std::vector<std::pair<Family, std::string>> starts = {{Family::items, table->prefix}};
  for (const IndexDefinition& index : definition.indexes) {
    if (!index.global) starts.emplace_back(Family::indexes, index_prefix(definition.number, index.number));
  }
  if (!partition || starts.size() == 1) co_return std::nullopt;
  ItemCollection collection;
  collection.key.set(definition.keys.partition.name, *partition);
  for (auto& [family, from] : starts) {
    append_partition(from, *partition);
    const std::string to = end_of_prefix(from);
    while (!from.empty()) {
      from = add_bytes(store_, family, from, to, collection.bytes);
      if (!from.empty()) co_await sleep_for(std::chrono::milliseconds(0));
    }
  }
  co_return collection;
}

}  // namespace croft::dynamo
