#include "services/s3/objects.h"

#include <algorithm>

#include "services/s3/errors.h"
#include "services/s3/limits.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::services::s3 {

namespace {

constexpr int read_attempts_max = 4;

Result<void> check_key(const std::string& key) {
  if (key.size() > key_bytes_max) return Error{"KeyTooLongError", "Your key is too long", 400};
  if (key.empty() || !text::is_utf8(key)) return Error{"InvalidURI", "Couldn't parse the specified URI.", 400};
  return {};
}

Error invalid_range(std::uint64_t size) {
  return {"InvalidRange", "The requested range is not satisfiable", 416,
          json::dump(json::object{{"ActualObjectSize", std::to_string(size)}})};
}

Result<void> check_condition(const WriteCondition& condition, const std::optional<Object>& old,
                             const std::string& key) {
  if (condition.if_none_match && old && (*condition.if_none_match == "*" || *condition.if_none_match == old->etag)) {
    return precondition_failed("If-None-Match");
  }
  if (!condition.if_match) return {};
  if (!old) return no_such_key(key);
  if (*condition.if_match != "*" && *condition.if_match != old->etag) return precondition_failed("If-Match");
  return {};
}

}  // namespace

std::optional<ByteRange> RangeRequest::of(std::uint64_t size) const {
  if (size == 0) return std::nullopt;
  if (!first) {
    if (suffix == 0) return std::nullopt;
    return ByteRange{size - std::min(suffix, size), size - 1};
  }
  if (*first >= size || (last && *last < *first)) return std::nullopt;
  return ByteRange{*first, std::min(last.value_or(size - 1), size - 1)};
}

Objects::Objects(Store& store) : store_(store), blobs_(store) {
  blobs_.sweep();
}

std::optional<Object> Objects::load(const std::string& bucket, const std::string& key) const {
  const auto row = store_.get(Family::objects, keys::object(bucket, key));
  return row ? read_object(*row) : std::nullopt;
}

Result<Object> Objects::replace(const std::string& bucket_name, const std::string& key, const Object& object,
                                const WriteCondition& condition, Batch batch) {
  if (auto there = bucket(bucket_name); !there) return there.error();
  const std::optional<Object> old = load(bucket_name, key);
  if (auto holds = check_condition(condition, old, key); !holds) return holds.error();
  if (old)
    for (const Blob& blob : old->blobs) Blobs::erase(batch, blob);
  for (const Blob& blob : object.blobs) Blobs::own(batch, blob);
  batch.put(Family::objects, keys::object(bucket_name, key), object_row(object));
  store_.write(std::move(batch));
  return object;
}

Result<Object> Objects::put(const std::string& bucket_name, const std::string& key, const NewObject& wanted,
                            Timestamp now) {
  if (auto valid = check_key(key); !valid) return valid.error();
  if (auto there = bucket(bucket_name); !there) return there.error();
  Object object{wanted.body.size(), text::hex(text::md5(wanted.body)), now, wanted.attributes, wanted.checksums, {}};
  if (!wanted.body.empty()) object.blobs.push_back(blobs_.write(wanted.body));

  std::unique_lock lock(mutex_);
  auto stored = replace(bucket_name, key, object, wanted.condition, Batch());
  lock.unlock();
  if (!stored) {
    Batch batch;
    for (const Blob& blob : object.blobs) Blobs::erase(batch, blob);
    store_.write(std::move(batch));
  }
  return stored;
}

Result<Object> Objects::head(const std::string& bucket_name, const std::string& key) const {
  if (auto there = bucket(bucket_name); !there) return there.error();
  auto object = load(bucket_name, key);
  if (!object) return no_such_key(key);
  return std::move(*object);
}

bool Objects::append_bytes(const Object& object, ByteRange range, std::string& out) const {
  std::uint64_t start = 0;  // of the blob within the object
  for (const Blob& blob : object.blobs) {
    const std::uint64_t end = start + blob.size;
    if (range.first < end && range.last >= start) {
      const std::uint64_t from = std::max(range.first, start), to = std::min(range.last + 1, end);
      if (!blobs_.read(blob, from - start, to - from, out)) return false;
    }
    start = end;
  }
  return true;
}

Result<ReadObject> Objects::read(const std::string& bucket_name, const std::string& key,
                                 const std::optional<RangeRequest>& range) const {
  for (int attempt = 0; attempt < read_attempts_max; ++attempt) {
    auto object = head(bucket_name, key);
    if (!object) return object.error();
    ReadObject result{std::move(*object), std::nullopt, {}};
    if (range) {
      result.range = range->of(result.object.size);
      if (!result.range) return invalid_range(result.object.size);
    }
    if (result.object.size == 0) return result;
    const ByteRange wanted = result.range.value_or(ByteRange{0, result.object.size - 1});
    if (wanted.length() > answer_bytes_max) {
      return invalid_request("The object is too large for one answer; read it by ranges.");
    }
    result.bytes.reserve(wanted.length());
    if (append_bytes(result.object, wanted, result.bytes)) return result;
  }
  return Error{"InternalError", "The object was replaced too often while it was read.", 500};
}

Result<std::string> Objects::get(const std::string& bucket_name, const std::string& key) const {
  auto object = read(bucket_name, key, std::nullopt);
  if (!object) return object.error();
  return {boost::system::in_place_value, std::move(object->bytes)};
}

Result<void> Objects::erase(const std::string& bucket_name, const std::string& key) {
  std::lock_guard lock(mutex_);
  if (auto there = bucket(bucket_name); !there) return there.error();
  const auto object = load(bucket_name, key);
  if (!object) return {};
  Batch batch;
  for (const Blob& blob : object->blobs) Blobs::erase(batch, blob);
  batch.erase(Family::objects, keys::object(bucket_name, key));
  store_.write(std::move(batch));
  return {};
}

Result<void> Objects::set_tags(const std::string& bucket_name, const std::string& key, const TextMap& tags) {
  std::lock_guard lock(mutex_);
  auto object = head(bucket_name, key);
  if (!object) return object.error();
  object->attributes.tags = tags;
  Batch batch;
  batch.put(Family::objects, keys::object(bucket_name, key), object_row(*object));
  store_.write(std::move(batch));
  return {};
}

}  // namespace croft::services::s3
