#include <algorithm>

#include "services/s3/errors.h"
#include "services/s3/limits.h"
#include "services/s3/objects.h"

namespace croft::services::s3 {

namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// Four groups of digits between dots.
bool looks_like_address(std::string_view name) {
  return std::count(name.begin(), name.end(), '.') == 3 &&
         name.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

bool is_bucket_name(std::string_view name) {
  if (name.size() < bucket_name_bytes_min || name.size() > bucket_name_bytes_max) return false;
  const auto allowed = [](char c) { return is_letter_or_digit(c) || c == '.' || c == '-'; };
  if (!std::all_of(name.begin(), name.end(), allowed)) return false;
  if (!is_letter_or_digit(name.front()) || !is_letter_or_digit(name.back())) return false;
  if (name.find("..") != std::string_view::npos || looks_like_address(name)) return false;
  return !name.starts_with("xn--") && !name.starts_with("sthree-") && !name.ends_with("-s3alias") &&
         !name.ends_with("--ol-s3");
}

Result<void> Objects::create_bucket(const std::string& name, Timestamp now) {
  if (!is_bucket_name(name)) return invalid_bucket_name(name);
  std::lock_guard lock(mutex_);
  if (store_.get(Family::objects, keys::bucket(name))) {
    return Error{"BucketAlreadyOwnedByYou",
                 "Your previous request to create the named bucket succeeded and you already own it.", 409,
                 json::dump(json::object{{"BucketName", name}})};
  }
  if (buckets().size() >= buckets_max) {
    return Error{"TooManyBuckets", "You have attempted to create more buckets than allowed", 400};
  }
  Batch batch;
  batch.put(Family::objects, keys::bucket(name), bucket_row({name, now, {}}));
  store_.write(std::move(batch));
  return {};
}

Result<Bucket> Objects::bucket(const std::string& name) const {
  const auto row = store_.get(Family::objects, keys::bucket(name));
  auto bucket = row ? read_bucket(name, *row) : std::nullopt;
  if (!bucket) return no_such_bucket(name);
  return std::move(*bucket);
}

std::vector<Bucket> Objects::buckets() const {
  std::vector<Bucket> found;
  const std::string prefix = keys::bucket("");
  store_.visit(Family::objects, prefix, keys::end_of(prefix), false, [&](std::string_view key, std::string_view row) {
    if (auto bucket = read_bucket(key.substr(prefix.size()), row)) found.push_back(std::move(*bucket));
    return true;
  });
  return found;
}

Result<void> Objects::erase_bucket(const std::string& name) {
  std::lock_guard lock(mutex_);
  if (auto there = bucket(name); !there) return there.error();
  const std::string first = keys::object(name, "");
  if (!store_.scan(Family::objects, first, keys::end_of(first), 1).empty()) {
    return Error{"BucketNotEmpty", "The bucket you tried to delete is not empty", 409,
                 json::dump(json::object{{"BucketName", name}})};
  }
  Batch batch;
  for (const Upload& upload : uploads(name, "")) erase_upload(batch, name, upload.id);
  batch.erase(Family::objects, keys::bucket(name));
  store_.write(std::move(batch));
  return {};
}

Result<void> Objects::set_document(const std::string& name, const std::string& document,
                                   std::optional<std::string> text) {
  std::lock_guard lock(mutex_);
  auto found = bucket(name);
  if (!found) return found.error();
  if (text)
    found->documents[document] = std::move(*text);
  else
    found->documents.erase(document);
  Batch batch;
  batch.put(Family::objects, keys::bucket(name), bucket_row(*found));
  store_.write(std::move(batch));
  return {};
}

}  // namespace croft::services::s3
