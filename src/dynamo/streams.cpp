#include "dynamo/streams.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "dynamo/attribute_encoding.h"
#include "dynamo/attribute_json.h"
#include "text/digest.h"
#include "text/encoding.h"
#include "types/assert.h"

namespace croft::dynamo {

namespace {

constexpr std::size_t sequence_digits = 21;

std::string rows_prefix() { return table_prefix(0); }

std::string row_key_of(const Stream& stream) { return rows_prefix() + stream.table + "/" + stream.label; }

// 2015-05-20T20:51:10.252
std::string label_at(Timestamp time) {
  const std::time_t seconds = static_cast<std::time_t>(time.ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[24];
  const std::size_t used = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  char fraction[8];
  std::snprintf(fraction, sizeof fraction, ".%03d", static_cast<int>(time.ms % 1000));
  return std::string(text, used) + fraction;
}

Timestamp shard_begin(const Stream& stream, std::int64_t n) { return {stream.created.ms + n * stream.shard_ms}; }

ChangeSequence shard_first(const Stream& stream, std::int64_t n) {
  return n == 0 ? stream.first : first_sequence_at(shard_begin(stream, n));
}

// shardId-00000001414576573621-f55eea83, as AWS spells them.
std::string shard_id(const Stream& stream, std::int64_t n) {
  if (n < 0) return {};
  char id[48];
  std::snprintf(id, sizeof id, "shardId-%020lld-%08x", static_cast<long long>(shard_begin(stream, n).ms),
                text::crc32(stream.resource() + "/" + std::to_string(n)));
  return id;
}

// The other way; nothing for what is no id of the stream.
std::optional<std::int64_t> shard_number(const Stream& stream, std::string_view id) {
  constexpr std::string_view mark = "shardId-";
  if (!id.starts_with(mark)) return std::nullopt;
  const std::string begin(id.substr(mark.size(), 20));
  const std::int64_t since = std::strtoll(begin.c_str(), nullptr, 10) - stream.created.ms;
  if (since < 0 || since % stream.shard_ms != 0) return std::nullopt;
  const std::int64_t n = since / stream.shard_ms;
  return shard_id(stream, n) == id ? std::optional(n) : std::nullopt;
}

// The number of the shard that has `sequence`.
std::int64_t shard_of(const Stream& stream, ChangeSequence sequence) {
  if (sequence <= stream.first) return 0;
  return std::max<std::int64_t>(0, (time_of(sequence).ms - stream.created.ms) / stream.shard_ms);
}

json::object to_json(const Stream& stream, const TableDefinition& keys_of) {
  return {{"table", to_json(keys_of)},
          {"label", stream.label},
          {"view", std::string(name_of(stream.view))},
          {"created", stream.created.ms},
          {"shard_ms", stream.shard_ms},
          {"first", stream.first},
          {"last", stream.last.value_or(0)}};
}

// The table of a stream's row: what is needed of it when it is gone.
TableDefinition bare(const Stream& stream) {
  TableDefinition table;
  table.name = stream.table;
  table.number = stream.number;
  table.keys = stream.keys;
  return table;
}

ChangeSequence sequence_in(const json::object& o, std::string_view name) {
  return static_cast<ChangeSequence>(json::int_or(o, name, 0));
}

Stream from_row(std::string_view row) {
  const json::value document = json::parse(row).value();
  const json::object& o = document.as_object();
  const TableDefinition table = table_from_json(o.at("table").as_object());
  Stream stream{.table = table.name,
                .label = std::string(json::string_or(o, "label", "")),
                .number = table.number,
                .keys = table.keys,
                .view = stream_view_named(json::string_or(o, "view", "")).value_or(StreamView::keys_only),
                .created = {json::int_or(o, "created", 0)},
                .shard_ms = json::int_or(o, "shard_ms", 0),
                .first = sequence_in(o, "first")};
  if (const ChangeSequence last = sequence_in(o, "last")) stream.last = last;
  CROFT_ASSERT(!stream.label.empty() && stream.shard_ms > 0);
  return stream;
}

bool shows_new(StreamView view) { return view == StreamView::new_image || view == StreamView::new_and_old_images; }
bool shows_old(StreamView view) { return view == StreamView::old_image || view == StreamView::new_and_old_images; }

// Of one record wherever and however often it is read.
std::string event_id(const Stream& stream, ChangeSequence sequence) {
  return text::hex(text::md5(stream.resource() + "/" + shown(sequence)));
}

}  // namespace

std::string Stream::resource() const { return "table/" + table + "/stream/" + label; }

std::vector<StreamShard> shards_of(const Stream& stream, ChangeSequence settled, ChangeSequence horizon,
                                   std::string_view after, std::size_t limit) {
  const ChangeSequence reach = stream.last ? *stream.last : settled + 1;
  const std::int64_t newest = shard_of(stream, reach);
  std::int64_t n = shard_of(stream, std::min(horizon, reach));
  if (const auto known = shard_number(stream, after)) n = std::max(n, *known + 1);
  std::vector<StreamShard> shards;
  for (; n <= newest && shards.size() < limit; ++n) {
    StreamShard shard{.id = shard_id(stream, n), .parent = shard_id(stream, n - 1), .first = shard_first(stream, n)};
    if (n < newest) shard.last = shard_first(stream, n + 1) - 1;
    else if (stream.last) shard.last = std::max(*stream.last, shard.first);
    if (!shard.last || *shard.last >= horizon) shards.push_back(std::move(shard));
  }
  return shards;
}

std::string shard_id_at(const Stream& stream, ChangeSequence sequence) {
  return shard_id(stream, shard_of(stream, sequence));
}

std::string shown(ChangeSequence sequence) {
  char digits[sequence_digits + 1];
  std::snprintf(digits, sizeof digits, "1%020llu", static_cast<unsigned long long>(sequence));
  return digits;
}

std::optional<ChangeSequence> shown_sequence(std::string_view digits) {
  if (digits.size() != sequence_digits || digits.front() != '1') return std::nullopt;
  ChangeSequence sequence = 0;
  for (char c : digits.substr(1)) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<ChangeSequence>(c - '0');
    if (sequence > (UINT64_MAX - digit) / 10) return std::nullopt;
    sequence = sequence * 10 + digit;
  }
  return sequence;
}

RecordText record_text(const Stream& stream, const ItemChange& change, std::string_view region,
                       std::string_view function_arn) {
  const bool is_event = !function_arn.empty();
  std::optional<Item> before, after;
  if (change.before) before = decode_item(*change.before);
  if (change.after) after = decode_item(*change.after);
  const Item keys = key_of(stream.keys, after ? *after : *before);
  RecordText out;
  std::string& text = out.json;
  const auto image = [&](const char* name, const Item& item) {
    text += name;
    append_json(text, item);
    out.bytes += counted_bytes(item);
  };
  text = "{\"eventID\":\"" + event_id(stream, change.sequence) + "\",\"eventName\":\"";
  text += !after ? "REMOVE" : before ? "MODIFY" : "INSERT";
  text += "\",\"eventVersion\":\"1.1\",\"eventSource\":\"aws:dynamodb\",\"awsRegion\":\"";
  text += region;
  text += "\",\"dynamodb\":{\"ApproximateCreationDateTime\":" + std::to_string(change.time().ms / 1000);
  image(",\"Keys\":", keys);
  if (after && shows_new(stream.view)) image(",\"NewImage\":", *after);
  if (before && shows_old(stream.view)) image(",\"OldImage\":", *before);
  text += ",\"SequenceNumber\":\"" + shown(change.sequence) + "\",\"SizeBytes\":" + std::to_string(out.bytes);
  text += ",\"StreamViewType\":\"" + std::string(name_of(stream.view)) + "\"}";
  if (change.by_ttl) {
    text += is_event ? ",\"userIdentity\":{\"type\":\"Service\",\"principalId\":\"dynamodb.amazonaws.com\"}"
                     : ",\"userIdentity\":{\"PrincipalId\":\"dynamodb.amazonaws.com\",\"Type\":\"Service\"}";
  }
  if (is_event) {
    text += ",\"eventSourceARN\":";
    json::append_string(text, function_arn);
  }
  text += '}';
  return out;
}

Streams::Streams(Store& store, ChangeLog& changes) : store_(store), changes_(changes) {
  store_.visit(Family::changes, rows_prefix(), end_of_prefix(rows_prefix()), false,
               [this](std::string_view, std::string_view row) {
                 Stream stream = from_row(row);
                 changes_.go_on_above(std::max(stream.first, stream.last.value_or(0)));
                 Key key{stream.table, stream.label};
                 streams_.emplace(std::move(key), std::move(stream));
                 return true;
               });
}

void Streams::save(Batch& batch, const Stream& stream) const {
  batch.put(Family::changes, row_key_of(stream), json::dump(to_json(stream, bare(stream))));
}

std::string Streams::begin(Batch& batch, const TableDefinition& table, StreamView view) {
  const std::lock_guard lock(mutex_);
  const ChangeSequence first = changes_.next();
  Stream stream{.table = table.name,
                .label = {},
                .number = table.number,
                .keys = table.keys,
                .view = view,
                .created = time_of(first),
                .shard_ms = settings_.shard_ms,
                .first = first};
  Timestamp named = stream.created;
  do stream.label = label_at(named);
  while (++named.ms, streams_.contains({stream.table, stream.label}));
  save(batch, stream);
  std::string label = stream.label;
  streams_.insert_or_assign({stream.table, label}, std::move(stream));
  return label;
}

void Streams::end(Batch& batch, const TableDefinition& table) {
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find({table.name, table.stream_label});
  if (found == streams_.end() || !found->second.is_enabled()) return;
  found->second.last = std::max(found->second.first, changes_.next() - 1);
  changes_.go_on_above(*found->second.last);  // the next stream of the table begins behind it
  save(batch, found->second);
}

std::optional<Stream> Streams::find(std::string_view table, std::string_view label) const {
  const std::lock_guard lock(mutex_);
  const auto found = streams_.find({std::string(table), std::string(label)});
  return found == streams_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Stream> Streams::list(std::string_view only, std::string_view table, std::string_view label,
                                  std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<Stream> out;
  for (auto it = streams_.upper_bound({std::string(table), std::string(label)});
       it != streams_.end() && out.size() < limit; ++it) {
    if (only.empty() || it->first.first == only) out.push_back(it->second);
  }
  return out;
}

std::uint32_t Streams::last_table_number() const {
  const std::lock_guard lock(mutex_);
  std::uint32_t last = 0;
  for (const auto& [key, stream] : streams_) last = std::max(last, stream.number);
  return last;
}

bool Streams::has_table(std::uint32_t number) const {
  const std::lock_guard lock(mutex_);
  return std::any_of(streams_.begin(), streams_.end(), [&](const auto& one) { return one.second.number == number; });
}

ChangeSequence Streams::horizon() const {
  return first_sequence_at({Timestamp::now().ms - settings_.kept_ms});
}

std::vector<StreamShard> Streams::shards(const Stream& stream, std::string_view after, std::size_t limit) const {
  return shards_of(stream, changes_.settled(), horizon(), after, limit);
}

std::optional<StreamShard> Streams::shard(const Stream& stream, std::string_view id) const {
  const auto n = shard_number(stream, id);
  if (!n) return std::nullopt;
  std::vector<StreamShard> found = shards(stream, shard_id(stream, *n - 1), 1);
  if (found.empty() || found.front().id != id) return std::nullopt;
  return std::move(found.front());
}

Streams::Part Streams::read(const Stream& stream, const StreamShard& shard, ChangeSequence from, std::size_t count,
                            std::size_t bytes) const {
  Part part;
  const ChangeSequence settled = changes_.settled();
  const ChangeSequence end = std::min(settled, shard.last.value_or(settled));
  bool is_full = false;
  std::size_t size = 0;
  changes_.visit(stream.number, std::max(from, shard.first), end, [&](const ItemChange& change) {
    size += change.row_key.size() + (change.before ? change.before->size() : 0) +
            (change.after ? change.after->size() : 0);
    is_full = part.changes.size() == count || (!part.changes.empty() && size > bytes);
    if (!is_full) part.changes.push_back(change);
    return !is_full;
  });
  part.next = is_full ? part.changes.back().sequence + 1 : std::max(from, end + 1);
  part.at_end = shard.last && part.next > *shard.last;
  return part;
}

Task<void> Streams::durable() const { co_await store_.durable(); }

void Streams::forget_old() {
  const ChangeSequence oldest = horizon();
  Batch batch;
  {
    const std::lock_guard lock(mutex_);
    for (auto it = streams_.begin(); it != streams_.end();) {
      const bool is_old = it->second.last && *it->second.last < oldest;
      if (is_old) batch.erase(Family::changes, row_key_of(it->second));
      it = is_old ? streams_.erase(it) : std::next(it);
    }
  }
  if (!batch.empty()) store_.write(std::move(batch));
}

}  // namespace croft::dynamo
