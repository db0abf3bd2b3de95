#include "dynamo/export_files.h"

#include <zlib.h>

#include "dynamo/attribute_encoding.h"
#include "dynamo/attribute_json.h"
#include "dynamo/change_log.h"
#include "dynamo/key.h"
#include "dynamo/limits.h"
#include "store/big_endian.h"
#include "text/digest.h"
#include "text/encoding.h"
#include "types/assert.h"

namespace croft::dynamo {

// One gzip stream that grows.
struct ExportFiles::Deflater {
  static constexpr int gzip_window_bits = 15 + 16;
  static constexpr std::size_t step_bytes = 64 * 1024;

  z_stream stream{};
  std::string out;

  Deflater() {
    CROFT_ASSERT(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window_bits, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  }
  ~Deflater() { deflateEnd(&stream); }
  Deflater(const Deflater&) = delete;

  void add(std::string_view bytes, int flush) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    int done = Z_OK;
    do {
      const std::size_t had = out.size();
      out.resize(had + step_bytes);
      stream.next_out = reinterpret_cast<Bytef*>(out.data() + had);
      stream.avail_out = step_bytes;
      done = deflate(&stream, flush);
      out.resize(had + step_bytes - stream.avail_out);
    } while (stream.avail_out == 0 && done != Z_STREAM_END);
  }
};

ExportFiles::ExportFiles(ObjectStore& objects, std::string bucket, std::string folder, std::string id)
    : objects_(objects), bucket_(std::move(bucket)), folder_(std::move(folder)), id_(std::move(id)) {}

ExportFiles::~ExportFiles() = default;

Result<void> ExportFiles::add(std::string_view line) {
  if (!deflater_) deflater_ = std::make_unique<Deflater>();
  deflater_->add(line, Z_NO_FLUSH);
  deflater_->add("\n", Z_NO_FLUSH);
  ++items_in_file_;
  bytes_in_file_ += static_cast<std::int64_t>(line.size()) + 1;
  if (bytes_in_file_ < static_cast<std::int64_t>(limits::export_file_bytes)) return {};
  return store_file();
}

Result<void> ExportFiles::store_file() {
  if (!deflater_) deflater_ = std::make_unique<Deflater>();
  deflater_->add({}, Z_FINISH);
  const std::string name = text::hex(text::sha256(id_ + '/' + std::to_string(files_.size()))).substr(0, 26);
  File file;
  file.key = folder_ + name + ".json.gz";
  file.md5 = text::base64(text::md5(deflater_->out));
  file.items = items_in_file_;
  const Result<std::string> stored = objects_.put(bucket_, file.key, std::move(deflater_->out));
  if (!stored) return stored.error();
  file.etag = *stored;
  files_.push_back(std::move(file));
  items_ += items_in_file_;
  bytes_ += bytes_in_file_;
  items_in_file_ = bytes_in_file_ = 0;
  deflater_.reset();
  return {};
}

Result<void> ExportFiles::finish() {
  if (!files_.empty() && items_in_file_ == 0) return {};
  return store_file();
}

ExportItems::ExportItems(std::shared_ptr<const StoreView> rows, std::uint32_t number, ExportFiles& files)
    : rows_(std::move(rows)), end_(end_of_prefix(table_prefix(number))), next_(table_prefix(number)), files_(files) {}

Result<bool> ExportItems::turn() {
  Result<void> added;
  std::size_t count = 0;
  bool has_more = false;
  rows_->visit(Family::items, next_, end_, false, [&](std::string_view key, std::string_view row) {
    std::string line = "{\"Item\":";
    append_json(line, decode_item(row));
    line += '}';
    added = files_.add(line);
    has_more = ++count == limits::copy_turn_rows;
    if (has_more) next_ = std::string(key) + '\0';
    return added && !has_more;
  });
  if (!added) return added.error();
  return has_more;
}

namespace {

// What happened to one item between two times: time of the last change (8), length of the item before plus one (4; 0 when
// there was none), that, and the item after, if there is one.
struct Compacted {
  Timestamp time;
  std::optional<std::string> before, after;
};

std::string encode(const Compacted& change) {
  std::string out;
  put_big_endian(out, static_cast<std::uint64_t>(change.time.ms));
  put_big_endian(out, static_cast<std::uint32_t>(change.before ? change.before->size() + 1 : 0));
  if (change.before) out += *change.before;
  if (change.after) out += *change.after;
  return out;
}

Compacted decode(std::string_view row) {
  CROFT_ASSERT(row.size() >= 12);
  Compacted out;
  out.time = {static_cast<std::int64_t>(big_endian(row.substr(0, 8)))};
  const std::uint64_t length = big_endian(row.substr(8, 4));
  row.remove_prefix(12);
  if (length > 0) {
    out.before = row.substr(0, length - 1);
    row.remove_prefix(length - 1);
  }
  if (!row.empty()) out.after = row;
  return out;
}

}  // namespace

CompactChanges::CompactChanges(Store& store, std::shared_ptr<const StoreView> rows, std::uint32_t table,
                               std::uint32_t to_number, Timestamp from, Timestamp to)
    : store_(store),
      rows_(std::move(rows)),
      prefix_(table_prefix(table)),
      target_(table_prefix(to_number)),
      end_(change_key(table, first_sequence_at(to))),
      next_(change_key(table, first_sequence_at(from))) {}

bool CompactChanges::turn() {
  if (next_ >= end_) return false;
  std::size_t count = 0;
  bool has_more = false;
  rows_->visit(Family::changes, next_, end_, false, [&](std::string_view key, std::string_view row) {
    ItemChange change = decode_change(key, row);
    const std::string item = target_ + change.row_key.substr(prefix_.size());
    const std::optional<std::string> known = store_.get(Family::items, item);
    Compacted compacted = known ? decode(*known) : Compacted{{}, std::move(change.before), {}};
    compacted.time = change.time();
    compacted.after = std::move(change.after);
    Batch batch;
    batch.put(Family::items, item, encode(compacted));
    store_.write(std::move(batch));
    has_more = ++count == limits::copy_turn_rows;
    if (has_more) next_ = std::string(key) + '\0';
    return !has_more;
  });
  return has_more;
}

ExportChanges::ExportChanges(const Store& store, std::uint32_t number, KeySchema keys, bool with_old_images,
                             ExportFiles& files)
    : store_(store),
      keys_(std::move(keys)),
      with_old_images_(with_old_images),
      end_(end_of_prefix(table_prefix(number))),
      next_(table_prefix(number)),
      files_(files) {}

Result<bool> ExportChanges::turn() {
  const std::vector<Row> rows = store_.scan(Family::items, next_, end_, limits::copy_turn_rows);
  for (const Row& row : rows) {
    const Compacted change = decode(row.value);
    if (!change.before && !change.after) continue;  // came and went
    const Item item = decode_item(change.after ? *change.after : *change.before);
    std::string line = "{\"Metadata\":{\"WriteTimestampMicros\":{\"N\":\"" + std::to_string(change.time.ms) + "000\"}},\"Keys\":";
    append_json(line, key_of(keys_, item));
    if (change.before && with_old_images_) {
      line += ",\"OldImage\":";
      append_json(line, decode_item(*change.before));
    }
    if (change.after) {
      line += ",\"NewImage\":";
      append_json(line, item);
    }
    line += '}';
    if (Result<void> added = files_.add(line); !added) return added.error();
  }
  if (rows.size() < limits::copy_turn_rows) return false;
  next_ = rows.back().key + '\0';
  return true;
}

}  // namespace croft::dynamo
