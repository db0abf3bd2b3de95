#include "services/dynamodbstreams/operations.h"

#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "services/dynamodb/request_reader.h"
#include "services/dynamodbstreams/shard_iterator.h"

namespace croft::services::dynamodbstreams {

namespace {

using dynamodb::refuse;
using dynamodb::RequestReader;
using gateway::Call;
using gateway::Reply;

constexpr std::string_view filter_types[] = {"CHILD_SHARDS"};
constexpr std::string_view iterator_types[] = {"TRIM_HORIZON", "LATEST", "AT_SEQUENCE_NUMBER",
                                               "AFTER_SEQUENCE_NUMBER"};

void check_length(RequestReader& reader, std::string_view name, std::size_t min, std::size_t max) {
  const std::optional<std::string> value = reader.text(name);
  if (!value) return;
  if (value->size() < min)
    reader.note("'" + *value + "'", name, "Member must have length greater than or equal to " + std::to_string(min));
  if (value->size() > max)
    reader.note("'" + *value + "'", name, "Member must have length less than or equal to " + std::to_string(max));
}

std::string required(RequestReader& reader, std::string_view name, std::size_t min, std::size_t max) {
  check_length(reader, name, min, max);
  return reader.required_text(name);
}

std::string stream_arn(RequestReader& reader) { return required(reader, "StreamArn", 37, 1024); }

struct StreamName {
  std::string table, label;
};

// Of an ARN of this croft; nothing for any other.
std::optional<StreamName> named(const dynamo::Tables& tables, std::string_view arn) {
  const std::string begin = tables.instance().arn("dynamodb", "table/");
  constexpr std::string_view mark = "/stream/";
  if (!arn.starts_with(begin)) return std::nullopt;
  arn.remove_prefix(begin.size());
  const std::size_t at = arn.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  return StreamName{std::string(arn.substr(0, at)), std::string(arn.substr(at + mark.size()))};
}

std::string arn_of(const dynamo::Tables& tables, const dynamo::Stream& stream) {
  return tables.instance().arn("dynamodb", stream.resource());
}

dynamo::Stream found(dynamo::Tables& tables, const std::string& arn) {
  std::optional<dynamo::Stream> stream;
  if (const auto name = named(tables, arn)) stream = tables.streams().find(name->table, name->label);
  if (!stream)
    refuse({"ResourceNotFoundException", "Requested resource not found: Stream: " + arn + " not found", 400});
  return *std::move(stream);
}

// Source: API Reference, the exception's description.
[[noreturn]] void refuse_trimmed() {
  refuse({"TrimmedDataAccessException", "The operation attempted to read past the oldest stream record in a shard.",
          400});
}

json::object shown(const dynamo::StreamShard& shard) {
  json::object range{{"StartingSequenceNumber", dynamo::shown(shard.first)}};
  if (shard.last) range["EndingSequenceNumber"] = dynamo::shown(*shard.last);
  json::object out{{"ShardId", shard.id}, {"SequenceNumberRange", std::move(range)}};
  if (!shard.parent.empty()) out["ParentShardId"] = shard.parent;
  return out;
}

json::array key_schema(const dynamo::KeySchema& keys) {
  json::array out;
  out.push_back(json::object{{"AttributeName", keys.partition.name}, {"KeyType", "HASH"}});
  if (keys.sort) out.push_back(json::object{{"AttributeName", keys.sort->name}, {"KeyType", "RANGE"}});
  return out;
}

Task<Reply> list_streams(dynamo::Tables& tables, Call& call) {
  RequestReader reader(call.input);
  const std::string table = reader.has("TableName") ? reader.checked_name("TableName", 3) : std::string();
  const auto limit = reader.integer("Limit", 1, dynamo::limits::streams_page_max);
  check_length(reader, "ExclusiveStartStreamArn", 37, 1024);
  const std::string after = reader.text("ExclusiveStartStreamArn").value_or("");
  reader.finish();
  const std::optional<StreamName> start = named(tables, after);
  if (!after.empty() && !start) refuse(dynamo::validation_error("Invalid StreamArn"));
  const auto count = static_cast<std::size_t>(limit.value_or(dynamo::limits::streams_page_max));
  std::vector<dynamo::Stream> streams =
      tables.streams().list(table, start ? start->table : "", start ? start->label : "", count + 1);
  Reply reply;
  if (streams.size() > count) {
    streams.pop_back();
    reply.output["LastEvaluatedStreamArn"] = arn_of(tables, streams.back());
  }
  json::array list;
  for (const dynamo::Stream& stream : streams) {
    list.push_back(json::object{
        {"StreamArn", arn_of(tables, stream)}, {"TableName", stream.table}, {"StreamLabel", stream.label}});
  }
  reply.output["Streams"] = std::move(list);
  co_return reply;
}

// The shard whose children are asked for; nothing when all shards are. AWS documents no refusal of a filter that says less
// than both of its members.
std::optional<std::string> read_parent(RequestReader& outer) {
  const json::object* filter = outer.object("ShardFilter");
  if (!filter) return std::nullopt;
  RequestReader reader(*filter, "shardFilter", outer);
  reader.required_choice("Type", filter_types);
  return required(reader, "ShardId", 28, 65);
}

std::vector<dynamo::StreamShard> shards_of(dynamo::Tables& tables, const dynamo::Stream& stream, const std::string& after,
                                           const std::optional<std::string>& parent, std::size_t count) {
  if (!parent) return tables.streams().shards(stream, after, count);
  std::vector<dynamo::StreamShard> shards = tables.streams().shards(stream, after, SIZE_MAX);
  std::erase_if(shards, [&](const dynamo::StreamShard& shard) { return shard.parent != *parent; });
  if (shards.size() > count) shards.resize(count);
  return shards;
}

Task<Reply> describe_stream(dynamo::Tables& tables, Call& call) {
  RequestReader reader(call.input);
  const std::string arn = stream_arn(reader);
  const auto limit = reader.integer("Limit", 1, dynamo::limits::streams_page_max);
  check_length(reader, "ExclusiveStartShardId", 28, 65);
  const std::string after = reader.text("ExclusiveStartShardId").value_or("");
  const std::optional<std::string> parent = read_parent(reader);
  reader.finish();
  const dynamo::Stream stream = found(tables, arn);
  const auto count = static_cast<std::size_t>(limit.value_or(dynamo::limits::streams_page_max));
  std::vector<dynamo::StreamShard> shards = shards_of(tables, stream, after, parent, count + 1);
  json::object out{{"StreamArn", arn},
                   {"StreamLabel", stream.label},
                   {"StreamStatus", stream.is_enabled() ? "ENABLED" : "DISABLED"},
                   {"StreamViewType", std::string(dynamo::name_of(stream.view))},
                   {"CreationRequestDateTime", stream.created.seconds()},
                   {"TableName", stream.table},
                   {"KeySchema", key_schema(stream.keys)}};
  if (shards.size() > count) {
    shards.pop_back();
    out["LastEvaluatedShardId"] = shards.back().id;
  }
  json::array list;
  for (const dynamo::StreamShard& shard : shards) list.push_back(shown(shard));
  out["Shards"] = std::move(list);
  Reply reply;
  reply.output["StreamDescription"] = std::move(out);
  co_return reply;
}

// Where an iterator by sequence number begins.
dynamo::ChangeSequence place_at(const std::string& digits, const dynamo::StreamShard& shard,
                                dynamo::ChangeSequence horizon, bool behind) {
  const std::optional<dynamo::ChangeSequence> sequence = dynamo::shown_sequence(digits);
  if (!sequence || *sequence < shard.first || (shard.last && *sequence > *shard.last))
    refuse(dynamo::validation_error("Invalid SequenceNumber for the shard"));
  if (*sequence < horizon) refuse_trimmed();
  return *sequence + (behind ? 1 : 0);
}

Task<Reply> get_shard_iterator(dynamo::Tables& tables, Call& call) {
  RequestReader reader(call.input);
  ShardIterator iterator;
  iterator.stream_arn = stream_arn(reader);
  iterator.shard = required(reader, "ShardId", 28, 65);
  const std::string type = reader.required_choice("ShardIteratorType", iterator_types);
  check_length(reader, "SequenceNumber", 21, 40);
  const std::optional<std::string> digits = reader.text("SequenceNumber");
  reader.finish();
  const bool is_by_number = type.ends_with("_SEQUENCE_NUMBER");
  if (is_by_number && !digits)
    refuse(dynamo::invalid_parameter("SequenceNumber is required for ShardIteratorType " + type));
  if (!is_by_number && digits)
    refuse(dynamo::invalid_parameter("SequenceNumber must not be specified for ShardIteratorType " + type));
  const dynamo::Stream stream = found(tables, iterator.stream_arn);
  const std::optional<dynamo::StreamShard> shard = tables.streams().shard(stream, iterator.shard);
  if (!shard) {
    refuse({"ResourceNotFoundException",
            "Requested resource not found: Shard: " + iterator.shard + " in Stream: " + iterator.stream_arn +
                " not found",
            400});
  }
  if (type == "TRIM_HORIZON") iterator.from = ShardIterator::oldest;
  else if (type == "LATEST") iterator.from = tables.streams().next();
  else iterator.from = place_at(*digits, *shard, tables.streams().horizon(), type == "AFTER_SEQUENCE_NUMBER");
  iterator.issued = Timestamp::now();
  Reply reply;
  reply.output["ShardIterator"] = iterator.text();
  co_return reply;
}

Task<Reply> get_records(dynamo::Tables& tables, Call& call) {
  RequestReader reader(call.input);
  const std::string text = required(reader, "ShardIterator", 1, 2048);
  const auto limit = reader.integer("Limit", 1, static_cast<std::int64_t>(dynamo::limits::stream_records_max));
  reader.finish();
  ShardIterator iterator = ShardIterator::parse(text, Timestamp::now()).value();
  const dynamo::Stream stream = found(tables, iterator.stream_arn);
  const std::optional<dynamo::StreamShard> shard = tables.streams().shard(stream, iterator.shard);
  const dynamo::ChangeSequence horizon = tables.streams().horizon();
  if (!shard || (iterator.from != ShardIterator::oldest && iterator.from < horizon)) refuse_trimmed();
  const dynamo::Streams::Part part = tables.streams().read(
      stream, *shard, std::max(iterator.from, horizon),
      static_cast<std::size_t>(limit.value_or(dynamo::limits::stream_records_max)), dynamo::limits::stream_bytes_max);
  // What a reader was told of must not be gone after a crash.
  if (!part.changes.empty()) co_await tables.streams().durable();
  std::string body = "{\"Records\":[";
  for (const dynamo::ItemChange& change : part.changes) {
    if (body.back() == '}') body += ',';
    body += dynamo::record_text(stream, change, tables.instance().region).json;
  }
  body += ']';
  if (!part.at_end) {
    iterator.from = part.next;
    iterator.issued = Timestamp::now();
    body += ",\"NextShardIterator\":";
    json::append_string(body, iterator.text());
  }
  body += '}';
  Reply reply;
  reply.body = std::move(body);
  reply.content_type = "application/x-amz-json-1.0";
  co_return reply;
}

}  // namespace

gateway::Service dynamodbstreams_service(dynamo::Tables& tables) {
  const auto to = [&tables](Task<Reply> (*handler)(dynamo::Tables&, Call&)) -> gateway::Handler {
    return [&tables, handler](Call& call) { return handler(tables, call); };
  };
  gateway::Service service;
  service.name = "dynamodbstreams";
  service.signing_names = {"dynamodb"};
  service.protocol = gateway::Protocol::json_1_0;
  service.target_prefix = "DynamoDBStreams_20120810";
  service.operations = {
      {"ListStreams", "", to(list_streams)},
      {"DescribeStream", "", to(describe_stream)},
      {"GetShardIterator", "", to(get_shard_iterator)},
      {"GetRecords", "", to(get_records)},
  };
  return service;
}

}  // namespace croft::services::dynamodbstreams
