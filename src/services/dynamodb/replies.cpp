#include "services/dynamodb/replies.h"

#include "dynamo/attribute_json.h"
#include "services/dynamodb/stream_requests.h"
#include "services/dynamodb/table_settings.h"

namespace croft::services::dynamodb {

namespace {

// Builds one JSON object member by member.
class ObjectText {
 public:
  std::string& member(std::string_view name) {
    if (text_.size() > 1) text_ += ',';
    json::append_string(text_, name);
    text_ += ':';
    return text_;
  }
  std::string take() {
    text_ += '}';
    return std::move(text_);
  }
  gateway::Reply reply() {
    gateway::Reply reply;
    reply.body = take();
    reply.content_type = "application/x-amz-json-1.0";
    return reply;
  }

 private:
  std::string text_ = "{";
};

void append_items(std::string& out, const std::vector<dynamo::Item>& items) {
  out += '[';
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i) out += ',';
    dynamo::append_json(out, items[i]);
  }
  out += ']';
}

json::object units(double n) { return {{"CapacityUnits", n}}; }

json::object by_index(const std::vector<std::pair<std::string, double>>& indexes) {
  json::object out;
  for (const auto& [name, n] : indexes) out[name] = units(n);
  return out;
}

void add_consumed(ObjectText& out, const dynamo::Capacity& capacity, const std::string& table,
                  CapacityWanted wanted) {
  if (wanted == CapacityWanted::none) return;
  out.member("ConsumedCapacity") += json::dump(consumed(capacity, table, wanted));
}

// The units of a transaction are told once more under what they were used for.
json::object units(double n, std::string_view kind) { return {{"CapacityUnits", n}, {kind, n}}; }

json::object by_index(const std::vector<std::pair<std::string, double>>& indexes, std::string_view kind) {
  json::object out;
  for (const auto& [name, n] : indexes) out[name] = units(n, kind);
  return out;
}

// Whole gigabytes that the size lies between. Source: API Reference, ItemCollectionMetrics.
json::object metrics(const dynamo::ItemCollection& collection) {
  constexpr std::uint64_t gigabyte = 1024 * 1024 * 1024;
  const double from = static_cast<double>(collection.bytes / gigabyte);
  return {{"ItemCollectionKey", dynamo::to_json(collection.key)}, {"SizeEstimateRangeGB", json::array{from, from + 1}}};
}

json::object metrics(const Collections& collections, const AskedNames& names) {
  json::object out;
  for (const auto& [table, of_table] : collections) {
    json::array list;
    for (const dynamo::ItemCollection& collection : of_table) list.push_back(metrics(collection));
    out[names.of(table)] = std::move(list);
  }
  return out;
}

json::array key_schema(const dynamo::KeySchema& keys) {
  json::array out;
  const auto add = [&](const dynamo::KeyAttribute& attribute, const char* kind) {
    out.push_back(json::object{{"AttributeName", attribute.name}, {"KeyType", kind}});
  };
  keys.each_partition([&](const dynamo::KeyAttribute& attribute) { add(attribute, "HASH"); });
  keys.each_sort([&](const dynamo::KeyAttribute& attribute) { add(attribute, "RANGE"); });
  return out;
}

json::object projection(const dynamo::IndexProjection& projection) {
  switch (projection.kind) {
    case dynamo::IndexProjection::Kind::all: return {{"ProjectionType", "ALL"}};
    case dynamo::IndexProjection::Kind::keys_only: return {{"ProjectionType", "KEYS_ONLY"}};
    case dynamo::IndexProjection::Kind::include: break;
  }
  json::array attributes;
  for (const std::string& name : projection.attributes) attributes.emplace_back(name);
  return {{"ProjectionType", "INCLUDE"}, {"NonKeyAttributes", std::move(attributes)}};
}

json::object index_description(const dynamo::TableDescription& table, std::size_t at) {
  const dynamo::IndexDefinition& index = table.definition.indexes[at];
  const dynamo::TableStatistics::Numbers numbers =
      at < table.index_numbers.size() ? table.index_numbers[at] : dynamo::TableStatistics::Numbers();
  json::object out{{"IndexName", index.name},
                   {"KeySchema", key_schema(index.keys)},
                   {"Projection", projection(index.projection)},
                   {"IndexSizeBytes", numbers.bytes},
                   {"ItemCount", numbers.items},
                   {"IndexArn", table.arn + "/index/" + index.name}};
  if (!index.global) return out;
  const bool is_changed = !table.changed_index.empty() && table.changed_index == index.name;
  out["IndexStatus"] = is_changed ? table.index_status : index.backfilling || table.status == "CREATING" ? "CREATING" : "ACTIVE";
  if (index.backfilling) out["Backfilling"] = !is_changed;  // it begins after the answer
  add_throughput(out, index.throughput, index.notes, table.definition.on_demand);
  return out;
}

}  // namespace

json::object consumed(const dynamo::Capacity& capacity, const std::string& table, CapacityWanted wanted) {
  json::object out{{"TableName", table}, {"CapacityUnits", capacity.total()}};
  if (wanted != CapacityWanted::indexes) return out;
  out["Table"] = units(capacity.table);
  if (!capacity.global_indexes.empty()) out["GlobalSecondaryIndexes"] = by_index(capacity.global_indexes);
  if (!capacity.local_indexes.empty()) out["LocalSecondaryIndexes"] = by_index(capacity.local_indexes);
  return out;
}

gateway::Reply reply_written(dynamo::Written written, const std::string& table, CapacityWanted capacity,
                             const Collection& collection) {
  ObjectText out;
  if (written.attributes) dynamo::append_json(out.member("Attributes"), *written.attributes);
  add_consumed(out, written.capacity, table, capacity);
  if (collection) out.member("ItemCollectionMetrics") += json::dump(metrics(*collection));
  return out.reply();
}

gateway::Reply reply_found(const dynamo::Found& found, const std::string& table, CapacityWanted capacity) {
  ObjectText out;
  if (found.item) dynamo::append_json(out.member("Item"), *found.item);
  add_consumed(out, found.capacity, table, capacity);
  return out.reply();
}

gateway::Reply reply_page(const dynamo::Page& page, const std::string& table, bool count_only, CapacityWanted capacity) {
  ObjectText out;
  if (!count_only) out.member("Items").append("[").append(page.json).append("]");
  out.member("Count") += std::to_string(page.count);
  out.member("ScannedCount") += std::to_string(page.scanned);
  if (page.last_key) dynamo::append_json(out.member("LastEvaluatedKey"), *page.last_key);
  add_consumed(out, page.capacity, table, capacity);
  return out.reply();
}

gateway::Reply reply_batch_got(const dynamo::BatchGot& got, const json::object& request_items,
                               CapacityWanted capacity) {
  ObjectText out, responses, unprocessed;
  json::array consumption;
  auto asked = request_items.begin();
  for (const dynamo::BatchGot::Part& part : got.parts) {
    const std::string table(asked->key());  // name or ARN
    append_items(responses.member(table), part.items);
    if (!part.unprocessed.empty()) {
      json::object again = asked->value().as_object();
      json::array keys;
      for (const dynamo::Item& key : part.unprocessed) keys.push_back(dynamo::to_json(key));
      again["Keys"] = std::move(keys);
      unprocessed.member(table) += json::dump(again);
    }
    consumption.push_back(consumed(part.capacity, table, capacity));
    ++asked;
  }
  out.member("Responses") += responses.take();
  out.member("UnprocessedKeys") += unprocessed.take();
  if (capacity != CapacityWanted::none) out.member("ConsumedCapacity") += json::dump(consumption);
  return out.reply();
}

static json::array unprocessed(const dynamo::BatchPartWritten& part) {
  json::array again;
  for (const dynamo::BatchWrite::Request& one : part.unprocessed) {
    if (one.put) again.push_back({{"PutRequest", {{"Item", dynamo::to_json(*one.put)}}}});
    else again.push_back({{"DeleteRequest", {{"Key", dynamo::to_json(one.erase)}}}});
  }
  return again;
}

gateway::Reply reply_batch_written(const dynamo::BatchWritten& written, const Read<dynamo::BatchWrite>& input,
                                   const json::object& request_items, const Collections& collections) {
  gateway::Reply reply;
  json::object again;
  json::array consumption;
  auto asked = request_items.begin();
  for (const dynamo::BatchPartWritten& part : written) {
    const std::string table(asked->key());  // name or ARN
    if (!part.unprocessed.empty()) again[table] = unprocessed(part);
    consumption.push_back(consumed(part.capacity, table, input.capacity));
    ++asked;
  }
  reply.output["UnprocessedItems"] = std::move(again);
  if (!collections.empty()) reply.output["ItemCollectionMetrics"] = metrics(collections, input.names);
  if (input.capacity != CapacityWanted::none) reply.output["ConsumedCapacity"] = std::move(consumption);
  return reply;
}

static json::object restore_summary(const dynamo::TableDescription& table) {
  const dynamo::RestoredFrom& from = *table.definition.restored;
  json::object out{{"SourceTableArn", from.table_arn},
                   {"RestoreDateTime", from.at.seconds()},
                   {"RestoreInProgress", table.status == "CREATING"}};
  if (!from.backup_arn.empty()) out["SourceBackupArn"] = from.backup_arn;
  return out;
}

json::array transaction_capacity(const dynamo::CapacityByTable& capacity, CapacityWanted wanted, std::string_view kind,
                                 const AskedNames& names) {
  json::array out;
  for (const auto& [table, consumed] : capacity) {
    json::object of_table = units(consumed.total(), kind);
    of_table["TableName"] = names.of(table);
    if (wanted == CapacityWanted::indexes) {
      of_table["Table"] = units(consumed.table, kind);
      if (!consumed.global_indexes.empty()) of_table["GlobalSecondaryIndexes"] = by_index(consumed.global_indexes, kind);
      if (!consumed.local_indexes.empty()) of_table["LocalSecondaryIndexes"] = by_index(consumed.local_indexes, kind);
    }
    out.push_back(std::move(of_table));
  }
  return out;
}

gateway::Reply reply_transact_written(const dynamo::TransactWritten& written, CapacityWanted capacity,
                                      const Collections& collections, const AskedNames& names) {
  gateway::Reply reply;
  const std::string_view kind = written.repeated ? "ReadCapacityUnits" : "WriteCapacityUnits";
  if (capacity != CapacityWanted::none) {
    reply.output["ConsumedCapacity"] = transaction_capacity(written.capacity, capacity, kind, names);
  }
  if (!collections.empty()) reply.output["ItemCollectionMetrics"] = metrics(collections, names);
  return reply;
}

gateway::Reply reply_transact_got(const dynamo::TransactGot& got, CapacityWanted capacity, const AskedNames& names) {
  ObjectText out;
  std::string& responses = out.member("Responses");
  responses += '[';
  for (std::size_t i = 0; i < got.items.size(); ++i) {
    responses += i ? ",{" : "{";
    if (got.items[i]) dynamo::append_json(responses += "\"Item\":", *got.items[i]);
    responses += '}';
  }
  responses += ']';
  if (capacity != CapacityWanted::none) {
    out.member("ConsumedCapacity") += json::dump(transaction_capacity(got.capacity, capacity, "ReadCapacityUnits", names));
  }
  return out.reply();
}

json::object description(const dynamo::TableDescription& table) {
  const dynamo::TableDefinition& definition = table.definition;
  json::array attributes, local, global;
  for (const dynamo::KeyAttribute& attribute : definition.attributes) {
    attributes.push_back(json::object{{"AttributeName", attribute.name},
                                      {"AttributeType", std::string(dynamo::type_name(attribute.type))}});
  }
  for (std::size_t i = 0; i < definition.indexes.size(); ++i)
    (definition.indexes[i].global ? global : local).push_back(index_description(table, i));
  json::object out{{"AttributeDefinitions", std::move(attributes)},
                   {"TableName", definition.name},
                   {"KeySchema", key_schema(definition.keys)},
                   {"TableStatus", table.status},
                   {"CreationDateTime", definition.created.seconds()},
                   {"TableSizeBytes", table.numbers.bytes},
                   {"ItemCount", table.numbers.items},
                   {"TableArn", table.arn},
                   {"TableId", definition.id},
                   {"DeletionProtectionEnabled", definition.deletion_protection}};
  add_settings(out, table);
  if (!local.empty()) out["LocalSecondaryIndexes"] = std::move(local);
  if (!global.empty()) out["GlobalSecondaryIndexes"] = std::move(global);
  add_stream(out, table);
  if (definition.restored) out["RestoreSummary"] = restore_summary(table);
  return out;
}

}  // namespace croft::services::dynamodb
