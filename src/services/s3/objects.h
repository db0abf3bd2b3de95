#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "services/s3/blobs.h"
#include "services/s3/records.h"
#include "store/store.h"
#include "types/result.h"

namespace croft::services::s3 {

// If-Match and If-None-Match of a write; "*" is any object.
struct WriteCondition {
  std::optional<std::string> if_match;
  std::optional<std::string> if_none_match;
};

struct NewObject {
  std::string body;
  Attributes attributes;
  TextMap checksums;  // verified
  WriteCondition condition;
};

// Bytes first…last of an object, both counted.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t length() const { return last - first + 1; }
};

// "bytes=…" of one range, not yet fitted to an object: [first, last], [first, end) or the last `suffix` bytes.
struct RangeRequest {
  std::optional<std::uint64_t> first;
  std::optional<std::uint64_t> last;
  std::uint64_t suffix = 0;
  // Nothing when it cannot be satisfied.
  std::optional<ByteRange> of(std::uint64_t size) const;
};

struct ReadObject {
  Object object;
  std::optional<ByteRange> range;  // what `bytes` is, when a part was asked for
  std::string bytes;
};

struct ListQuery {
  std::string prefix;
  std::string delimiter;
  std::string after;         // keys behind this one, and behind the common prefix if it is one
  std::size_t limit = 1000;  // of keys and common prefixes together
};

struct Listing {
  struct Entry {
    std::string key;
    Object object;
  };
  std::vector<Entry> entries;
  std::vector<std::string> common_prefixes;
  bool is_truncated = false;
  std::string last;  // the last key or common prefix told: `after` of the next page
};

// One part as CompleteMultipartUpload names it.
struct CompletedPart {
  unsigned number = 0;
  std::string etag;
};

// Buckets and objects in Family::objects; see records.h for the rows.
//
// Threads: any. Reading and writing a large body takes its time: run them on a Pool. Writes are visible at once;
// whoever answers a client awaits Store::durable() first. Errors are S3's.
class Objects {
 public:
  explicit Objects(Store& store);

  // BucketAlreadyOwnedByYou, InvalidBucketName, TooManyBuckets.
  Result<void> create_bucket(const std::string& name, Timestamp now);
  Result<Bucket> bucket(const std::string& name) const;
  std::vector<Bucket> buckets() const;
  // BucketNotEmpty while objects are there; uploads that are under way end.
  Result<void> erase_bucket(const std::string& name);
  // Keeps or erases (nothing given) the document of a sub-resource.
  Result<void> set_document(const std::string& bucket, const std::string& name, std::optional<std::string> document);

  Result<Object> put(const std::string& bucket, const std::string& key, const NewObject& object, Timestamp now);
  Result<Object> head(const std::string& bucket, const std::string& key) const;
  // The whole object, or the part asked for (InvalidRange).
  Result<ReadObject> read(const std::string& bucket, const std::string& key,
                          const std::optional<RangeRequest>& range) const;
  // The bytes alone, for deployments.
  Result<std::string> get(const std::string& bucket, const std::string& key) const;
  // No error when there is no such key.
  Result<void> erase(const std::string& bucket, const std::string& key);
  Result<void> set_tags(const std::string& bucket, const std::string& key, const TextMap& tags);
  Result<Listing> list(const std::string& bucket, const ListQuery& query) const;

  Result<Upload> create_upload(const std::string& bucket, const Upload& wanted, Timestamp now);
  Result<Upload> upload(const std::string& bucket, const std::string& key, const std::string& id) const;
  std::vector<Upload> uploads(const std::string& bucket, std::string_view prefix) const;
  Result<Part> put_part(const std::string& bucket, const Upload& upload, unsigned number, std::string_view body,
                        const TextMap& checksums, Timestamp now);
  // In their order, behind `after`.
  std::vector<Part> parts(const std::string& upload_id, unsigned after, std::size_t limit) const;
  // InvalidPart, InvalidPartOrder, EntityTooSmall.
  Result<Object> complete_upload(const std::string& bucket, const Upload& upload,
                                 const std::vector<CompletedPart>& wanted, const WriteCondition& condition,
                                 Timestamp now);
  Result<void> abort_upload(const std::string& bucket, const Upload& upload);

 private:
  std::optional<Object> load(const std::string& bucket, const std::string& key) const;
  bool append_bytes(const Object& object, ByteRange range, std::string& out) const;
  Result<Object> replace(const std::string& bucket, const std::string& key, const Object& object,
                         const WriteCondition& condition, Batch batch);  // called with the mutex held
  void erase_upload(Batch& batch, const std::string& bucket, const std::string& id) const;

  Store& store_;
  Blobs blobs_;
  mutable std::mutex mutex_;  // makes read-modify-write of rows one step; never held while bytes are written
};

// S3 User Guide, "General purpose bucket naming rules".
bool is_bucket_name(std::string_view name);

}  // namespace croft::services::s3
