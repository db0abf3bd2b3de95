// What ImportTable reads: objects of a bucket, decompressed and taken apart. Sources: Developer Guide, "DynamoDB data import
// from Amazon S3" and "Import format quotas and validation"; RFC 4180 for CSV.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/definition.h"
#include "dynamo/object_store.h"

namespace croft::dynamo {

enum class Compression { none, gzip, zstd };

// The bytes of one object as they were before compression, in pieces of bounded size whatever they were compressed to.
class SourceReader {
 public:
  SourceReader(ObjectStore& objects, std::string bucket, ObjectStore::Listed object, Compression compression);
  ~SourceReader();
  SourceReader(const SourceReader&) = delete;

  // Appends the next piece; false at the end. Errors: those of the store, and DamagedSource.
  Result<bool> read(std::string& out);

 private:
  class Decoder;
  class GzipDecoder;
  class ZstdDecoder;
  Result<void> fetch();

  ObjectStore& objects_;
  const std::string bucket_;
  const ObjectStore::Listed object_;
  std::uint64_t fetched_ = 0;
  std::string input_;
  std::size_t used_ = 0;  // of input_
  std::unique_ptr<Decoder> decoder_;
};

// The next line of `text` from `at` on, without its end, or what is left when `is_last`; nothing when it is not whole yet.
std::optional<std::string_view> next_line(std::string_view text, std::size_t& at, bool is_last);

// The next CSV record from `at` on: fields with their quotes undone. A record that is not whole is nothing, and `at` stays.
std::optional<std::vector<std::string>> next_csv_record(std::string_view text, std::size_t& at, char delimiter, bool is_last);

// The item of a line of DynamoDB JSON, {"Item": {...}}, or of a CSV record: keys of the table and of its indexes have their
// types, all else is text.
Result<Item> item_of_line(std::string_view line);
Result<Item> item_of_record(const TableDefinition& table, const std::vector<std::string>& header,
                            const std::vector<std::string>& record);

}  // namespace croft::dynamo
