#include "dynamo/import_source.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>

#include "dynamo/attribute_json.h"
#include "dynamo/errors.h"
#include "dynamo/limits.h"
#include "text/encoding.h"
#include "text/json.h"
#include "types/assert.h"

namespace croft::dynamo {

namespace {

constexpr std::size_t piece_bytes = 256 * 1024;

Error damaged(const std::string& key) { return {"DamagedSource", "the object " + key + " is not compressed as it should be"}; }

}  // namespace

// Takes what it can of `input`, which stays the caller's, and appends at most a piece.
class SourceReader::Decoder {
 public:
  virtual ~Decoder() = default;
  // The bytes of `input` that were used; nothing when they cannot be read.
  virtual std::optional<std::size_t> decode(std::string_view input, std::string& out) = 0;
  // Whether what was read so far may be all.
  virtual bool is_whole() const = 0;
};

// Several members behind each other are one text. Source: RFC 1952, 2.2.
class SourceReader::GzipDecoder final : public Decoder {
 public:
  GzipDecoder() { CROFT_ASSERT(inflateInit2(&stream_, gzip_window_bits) == Z_OK); }
  ~GzipDecoder() override { inflateEnd(&stream_); }

  std::optional<std::size_t> decode(std::string_view input, std::string& out) override {
    if (is_over_ && !input.empty()) {
      if (inflateReset(&stream_) != Z_OK) return std::nullopt;
      is_over_ = false;
    }
    const std::size_t had = out.size();
    out.resize(had + piece_bytes);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(input.data()));
    stream_.avail_in = static_cast<uInt>(input.size());
    stream_.next_out = reinterpret_cast<Bytef*>(out.data() + had);
    stream_.avail_out = piece_bytes;
    const int done = inflate(&stream_, Z_NO_FLUSH);
    out.resize(had + piece_bytes - stream_.avail_out);
    is_over_ = done == Z_STREAM_END;
    if (done != Z_OK && done != Z_STREAM_END && done != Z_BUF_ERROR) return std::nullopt;
    return input.size() - stream_.avail_in;
  }
  bool is_whole() const override { return is_over_; }

 private:
  static constexpr int gzip_window_bits = 15 + 16;
  z_stream stream_{};
  bool is_over_ = false;
};

class SourceReader::ZstdDecoder final : public Decoder {
 public:
  ZstdDecoder() : stream_(ZSTD_createDStream()) { CROFT_ASSERT(stream_); }
  ~ZstdDecoder() override { ZSTD_freeDStream(stream_); }

  std::optional<std::size_t> decode(std::string_view input, std::string& out) override {
    const std::size_t had = out.size();
    out.resize(had + piece_bytes);
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer to{out.data() + had, piece_bytes, 0};
    const std::size_t left = ZSTD_decompressStream(stream_, &to, &in);
    out.resize(had + to.pos);
    if (ZSTD_isError(left)) return std::nullopt;
    if (in.pos > 0 || to.pos > 0) is_over_ = left == 0;  // asked with nothing, it waits for another frame
    return in.pos;
  }
  bool is_whole() const override { return is_over_; }

 private:
  ZSTD_DStream* stream_;
  bool is_over_ = false;
};

SourceReader::SourceReader(ObjectStore& objects, std::string bucket, ObjectStore::Listed object, Compression compression)
    : objects_(objects), bucket_(std::move(bucket)), object_(std::move(object)) {
  if (compression == Compression::gzip) decoder_ = std::make_unique<GzipDecoder>();
  if (compression == Compression::zstd) decoder_ = std::make_unique<ZstdDecoder>();
}

SourceReader::~SourceReader() = default;

Result<void> SourceReader::fetch() {
  const std::uint64_t wanted = std::min<std::uint64_t>(limits::import_read_bytes, object_.bytes - fetched_);
  Result<std::string> bytes = objects_.read(bucket_, object_.key, fetched_, wanted);
  if (!bytes) return bytes.error();
  if (bytes->size() != wanted) return damaged(object_.key);
  fetched_ += wanted;
  input_ = std::move(*bytes);
  used_ = 0;
  return {};
}

Result<bool> SourceReader::read(std::string& out) {
  const std::size_t had = out.size();
  for (;;) {
    const bool has_input = used_ < input_.size();
    if (!has_input && fetched_ < object_.bytes) {
      if (Result<void> fetched = fetch(); !fetched) return fetched.error();
      continue;
    }
    if (!decoder_) {
      if (!has_input) return false;
      const std::size_t taken = std::min(piece_bytes, input_.size() - used_);
      out.append(input_, used_, taken);
      used_ += taken;
      return true;
    }
    // What came out last may have been all that there was room for, so the decoder is asked once more at the end.
    const auto used = decoder_->decode(std::string_view(input_).substr(used_), out);
    if (!used) return damaged(object_.key);
    used_ += *used;
    if (out.size() > had) return true;
    if (!has_input) return decoder_->is_whole() || object_.bytes == 0 ? Result<bool>(false) : damaged(object_.key);
    if (*used == 0) return damaged(object_.key);
  }
}

std::optional<std::string_view> next_line(std::string_view text, std::size_t& at, bool is_last) {
  const std::size_t end = text.find('\n', at);
  if (end == std::string_view::npos && (!is_last || at == text.size())) return std::nullopt;
  std::string_view line = text.substr(at, end == std::string_view::npos ? end : end - at);
  at = end == std::string_view::npos ? text.size() : end + 1;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::optional<std::vector<std::string>> next_csv_record(std::string_view text, std::size_t& at, char delimiter,
                                                        bool is_last) {
  if (at == text.size()) return std::nullopt;
  std::vector<std::string> fields(1);
  bool in_quotes = false;
  for (std::size_t i = at; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"' && in_quotes && i + 1 == text.size() && !is_last) return std::nullopt;  // the next may be its twin
    if (c == '"' && in_quotes && i + 1 < text.size() && text[i + 1] == '"') {
      fields.back() += text[++i];
    } else if (c == '"') {
      in_quotes = !in_quotes;
    } else if (!in_quotes && c == delimiter) {
      fields.emplace_back();
    } else if (!in_quotes && c == '\n') {
      at = i + 1;
      if (fields.back().ends_with('\r')) fields.back().pop_back();
      return fields;
    } else {
      fields.back() += c;
    }
  }
  if (!is_last) return std::nullopt;
  at = text.size();
  return fields;
}

Result<Item> item_of_line(std::string_view line) {
  const Result<json::value> parsed = json::parse(line);
  if (!parsed) return parsed.error();
  const json::value* item = parsed->is_object() ? json::find(parsed->get_object(), "Item") : nullptr;
  if (!item || !item->is_object()) return validation_error("The line is not of the form {\"Item\": {...}}");
  return dynamo::item(*item);
}

static Result<AttributeValue> value_of_field(const TableDefinition& table, const std::string& name,
                                             const std::string& field) {
  if (!text::is_utf8(field)) return validation_error("The field " + name + " is not UTF-8");
  const auto same = [&](const KeyAttribute& attribute) { return attribute.name == name; };
  const auto key = std::find_if(table.attributes.begin(), table.attributes.end(), same);
  const Type type = key == table.attributes.end() ? Type::string : key->type;
  return attribute_value(json::object{{type_name(type), field}});
}

Result<Item> item_of_record(const TableDefinition& table, const std::vector<std::string>& header,
                            const std::vector<std::string>& record) {
  if (record.size() != header.size()) {
    return validation_error("The record has " + std::to_string(record.size()) + " fields, the header " +
                            std::to_string(header.size()));
  }
  std::vector<Attribute> attributes;
  for (std::size_t i = 0; i < record.size(); ++i) {
    Result<AttributeValue> value = value_of_field(table, header[i], record[i]);
    if (!value) return value.error();
    attributes.push_back({header[i], std::move(*value)});
  }
  return Item(std::move(attributes));
}

}  // namespace croft::dynamo
