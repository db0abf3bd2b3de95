// What an export writes into its bucket, in turns. Source of all names and forms: Developer Guide, "DynamoDB table export
// output format".
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dynamo/definition.h"
#include "dynamo/object_store.h"
#include "dynamo/open_table.h"
#include "store/store.h"

namespace croft::dynamo {

// Data files: lines of JSON, compressed by gzip, each of some 16 MiB before that.
class ExportFiles {
 public:
  struct File {
    std::string key;
    std::string etag;
    std::string md5;  // base64
    std::int64_t items = 0;
  };

  // Files are named below `folder`, after `id`: an export that is done again has the same names.
  ExportFiles(ObjectStore& objects, std::string bucket, std::string folder, std::string id);
  ~ExportFiles();
  ExportFiles(const ExportFiles&) = delete;

  // One line, without its end.
  Result<void> add(std::string_view line);
  // The last file; the only one, when there was nothing to write, is empty.
  Result<void> finish();

  const std::vector<File>& files() const { return files_; }
  std::int64_t items() const { return items_; }
  std::int64_t bytes() const { return bytes_; }  // before compression

 private:
  struct Deflater;
  Result<void> store_file();

  ObjectStore& objects_;
  const std::string bucket_, folder_, id_;
  std::unique_ptr<Deflater> deflater_;
  std::vector<File> files_;
  std::int64_t items_in_file_ = 0, bytes_in_file_ = 0, items_ = 0, bytes_ = 0;
};

// All items of a number, as a full export: {"Item": {...}}.
class ExportItems {
 public:
  ExportItems(std::shared_ptr<const StoreView> rows, std::uint32_t number, ExportFiles& files);

  // False when all are written.
  Result<bool> turn();

 private:
  const std::shared_ptr<const StoreView> rows_;
  const std::string end_;
  std::string next_;
  ExportFiles& files_;
};

// The changes of a table from `from` on and before `to`, brought down to one for each item: rows of Family::items under
// the number `to_number`, which is nobody's.
class CompactChanges {
 public:
  CompactChanges(Store& store, std::shared_ptr<const StoreView> rows, std::uint32_t table, std::uint32_t to_number,
                 Timestamp from, Timestamp to);

  bool turn();

 private:
  Store& store_;
  const std::shared_ptr<const StoreView> rows_;
  const std::string prefix_, target_, end_;
  std::string next_;
};

// What CompactChanges left, as an incremental export: {"Metadata": ..., "Keys": ..., "OldImage": ..., "NewImage": ...}.
class ExportChanges {
 public:
  ExportChanges(const Store& store, std::uint32_t number, KeySchema keys, bool with_old_images, ExportFiles& files);

  Result<bool> turn();

 private:
  const Store& store_;
  const KeySchema keys_;
  const bool with_old_images_;
  const std::string end_;
  std::string next_;
  ExportFiles& files_;
};

}  // namespace croft::dynamo
