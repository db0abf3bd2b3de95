#include "services/dynamodb/replies.h"

#include "dynamo/attribute_json.h"

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

json::object consumed(const dynamo::Capacity& capacity, const std::string& table, CapacityWanted wanted) {
  json::object out{{"TableName", table}, {"CapacityUnits", capacity.total()}};
  if (wanted != CapacityWanted::indexes) return out;
  out["Table"] = units(capacity.table);
  if (!capacity.global_indexes.empty()) out["GlobalSecondaryIndexes"] = by_index(capacity.global_indexes);
  if (!capacity.local_indexes.empty()) out["LocalSecondaryIndexes"] = by_index(capacity.local_indexes);
  return out;
}

void add_consumed(ObjectText& out, const dynamo::Capacity& capacity, const std::string& table,
                  CapacityWanted wanted) {
  if (wanted == CapacityWanted::none) return;
  out.member("ConsumedCapacity") += json::dump(consumed(capacity, table, wanted));
}

json::array key_schema(const dynamo::KeySchema& keys) {
  json::array out;
  out.push_back(json::object{{"AttributeName", keys.partition.name}, {"KeyType", "HASH"}});
  if (keys.sort) out.push_back(json::object{{"AttributeName", keys.sort->name}, {"KeyType", "RANGE"}});
  return out;
}

json::object throughput(const dynamo::Throughput& units) {
  return {{"NumberOfDecreasesToday", 0}, {"ReadCapacityUnits", units.read}, {"WriteCapacityUnits", units.write}};
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

json::object index_description(const dynamo::TableDescription& table, const dynamo::IndexDefinition& index) {
  json::object out{{"IndexName", index.name},
                   {"KeySchema", key_schema(index.keys)},
                   {"Projection", projection(index.projection)},
                   {"IndexSizeBytes", 0},
                   {"ItemCount", 0},
                   {"IndexArn", table.arn + "/index/" + index.name}};
  if (!index.global) return out;
  out["IndexStatus"] = index.backfilling ? "CREATING" : "ACTIVE";
  if (index.backfilling) out["Backfilling"] = true;
  out["ProvisionedThroughput"] = throughput(index.throughput);
  return out;
}

}  // namespace

gateway::Reply reply_written(dynamo::Written written, const std::string& table, CapacityWanted capacity) {
  ObjectText out;
  if (written.attributes) dynamo::append_json(out.member("Attributes"), *written.attributes);
  add_consumed(out, written.capacity, table, capacity);
  return out.reply();
}

gateway::Reply reply_found(const dynamo::Found& found, const std::string& table, CapacityWanted capacity) {
  ObjectText out;
  if (found.item) dynamo::append_json(out.member("Item"), *found.item);
  add_consumed(out, found.capacity, table, capacity);
  return out.reply();
}

gateway::Reply reply_page(const dynamo::Page& page, const dynamo::Reading& reading, CapacityWanted capacity) {
  ObjectText out;
  if (!reading.count_only) append_items(out.member("Items"), page.items);
  out.member("Count") += std::to_string(page.count);
  out.member("ScannedCount") += std::to_string(page.scanned);
  if (page.last_key) dynamo::append_json(out.member("LastEvaluatedKey"), *page.last_key);
  add_consumed(out, page.capacity, reading.table, capacity);
  return out.reply();
}

gateway::Reply reply_batch_got(const dynamo::BatchGot& got, const json::object& request_items,
                               CapacityWanted capacity) {
  ObjectText out, responses, unprocessed;
  json::array consumption;
  auto asked = request_items.begin();
  for (const dynamo::BatchGot::Part& part : got.parts) {
    append_items(responses.member(part.table), part.items);
    if (!part.unprocessed.empty()) {
      json::object again = asked->value().as_object();
      json::array keys;
      for (const dynamo::Item& key : part.unprocessed) keys.push_back(dynamo::to_json(key));
      again["Keys"] = std::move(keys);
      unprocessed.member(part.table) += json::dump(again);
    }
    consumption.push_back(consumed(part.capacity, part.table, capacity));
    ++asked;
  }
  out.member("Responses") += responses.take();
  out.member("UnprocessedKeys") += unprocessed.take();
  if (capacity != CapacityWanted::none) out.member("ConsumedCapacity") += json::dump(consumption);
  return out.reply();
}

gateway::Reply reply_batch_written(const dynamo::BatchWritten& written, const dynamo::BatchWrite& request,
                                   CapacityWanted capacity) {
  gateway::Reply reply;
  reply.output["UnprocessedItems"] = json::object();
  if (capacity == CapacityWanted::none) return reply;
  json::array consumption;
  for (std::size_t i = 0; i < written.size(); ++i) {
    consumption.push_back(consumed(written[i], request.parts[i].table, capacity));
  }
  reply.output["ConsumedCapacity"] = std::move(consumption);
  return reply;
}

json::object description(const dynamo::TableDescription& table) {
  const dynamo::TableDefinition& definition = table.definition;
  json::array attributes, local, global;
  for (const dynamo::KeyAttribute& attribute : definition.attributes) {
    attributes.push_back(json::object{{"AttributeName", attribute.name},
                                      {"AttributeType", std::string(dynamo::type_name(attribute.type))}});
  }
  for (const dynamo::IndexDefinition& index : definition.indexes)
    (index.global ? global : local).push_back(index_description(table, index));
  json::object out{{"AttributeDefinitions", std::move(attributes)},
                   {"TableName", definition.name},
                   {"KeySchema", key_schema(definition.keys)},
                   {"TableStatus", table.status},
                   {"CreationDateTime", definition.created.seconds()},
                   {"ProvisionedThroughput", throughput(definition.throughput)},
                   {"TableSizeBytes", table.numbers.bytes},
                   {"ItemCount", table.numbers.items},
                   {"TableArn", table.arn},
                   {"TableId", definition.id},
                   {"DeletionProtectionEnabled", definition.deletion_protection}};
  if (definition.on_demand) {
    out["BillingModeSummary"] =
        json::object{{"BillingMode", "PAY_PER_REQUEST"},
                     {"LastUpdateToPayPerRequestDateTime", definition.on_demand_since.seconds()}};
  }
  if (!definition.table_class.empty())
    out["TableClassSummary"] = json::object{{"TableClass", definition.table_class}};
  if (!local.empty()) out["LocalSecondaryIndexes"] = std::move(local);
  if (!global.empty()) out["GlobalSecondaryIndexes"] = std::move(global);
  return out;
}

}  // namespace croft::services::dynamodb
