#include <algorithm>

#include "services/s3/checksums.h"
#include "services/s3/errors.h"
#include "services/s3/limits.h"
#include "services/s3/objects.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::services::s3 {

namespace {

Error invalid_part() {
  return {"InvalidPart",
          "One or more of the specified parts could not be found. The part may not have been uploaded, or the "
          "specified entity tag may not match the part's entity tag.",
          400};
}

std::string joined_etag(const std::vector<Part>& parts) {
  std::string digests;
  for (const Part& part : parts) digests += text::from_hex(part.etag).value_or("");
  return text::hex(text::md5(digests)) + '-' + std::to_string(parts.size());
}

// The stored parts that the client names, in its order.
Result<std::vector<Part>> chosen_parts(const std::vector<Part>& stored, const std::vector<CompletedPart>& wanted) {
  std::vector<Part> chosen;
  for (const CompletedPart& part : wanted) {
    if (!chosen.empty() && part.number <= chosen.back().number) {
      return Error{"InvalidPartOrder",
                   "The list of parts was not in ascending order. Parts must be ordered by part number.", 400};
    }
    const auto found =
        std::find_if(stored.begin(), stored.end(), [&](const Part& p) { return p.number == part.number; });
    if (found == stored.end() || found->etag != part.etag) return invalid_part();
    chosen.push_back(*found);
  }
  for (std::size_t i = 0; i + 1 < chosen.size(); ++i) {
    if (chosen[i].size < part_bytes_min) {
      return Error{"EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size", 400};
    }
  }
  return chosen;
}

}  // namespace

Result<Upload> Objects::create_upload(const std::string& bucket_name, const Upload& wanted, Timestamp now) {
  if (wanted.key.size() > key_bytes_max) return Error{"KeyTooLongError", "Your key is too long", 400};
  if (!text::is_utf8(wanted.key)) return Error{"InvalidURI", "Couldn't parse the specified URI.", 400};
  std::lock_guard lock(mutex_);
  if (auto there = bucket(bucket_name); !there) return there.error();
  if (uploads(bucket_name, "").size() >= uploads_max) {
    return Error{"SlowDown", "Too many multipart uploads are under way in this bucket; complete or abort some.", 503};
  }
  Upload upload = wanted;
  upload.id = text::hex(text::random_bytes(24));
  upload.started = now;
  Batch batch;
  batch.put(Family::objects, keys::upload(bucket_name, upload.id), upload_row(upload));
  store_.write(std::move(batch));
  return upload;
}

Result<Upload> Objects::upload(const std::string& bucket_name, const std::string& key, const std::string& id) const {
  if (auto there = bucket(bucket_name); !there) return there.error();
  const auto row = store_.get(Family::objects, keys::upload(bucket_name, id));
  auto found = row ? read_upload(id, *row) : std::nullopt;
  if (!found || found->key != key) return no_such_upload(id);
  return std::move(*found);
}

std::vector<Upload> Objects::uploads(const std::string& bucket_name, std::string_view prefix) const {
  std::vector<Upload> found;
  const std::string first = keys::upload(bucket_name, "");
  store_.visit(Family::objects, first, keys::end_of(first), false, [&](std::string_view key, std::string_view row) {
    auto upload = read_upload(key.substr(first.size()), row);
    if (upload && upload->key.starts_with(prefix)) found.push_back(std::move(*upload));
    return true;
  });
  std::sort(found.begin(), found.end(),
            [](const Upload& a, const Upload& b) { return a.key != b.key ? a.key < b.key : a.started < b.started; });
  return found;
}

Result<Part> Objects::put_part(const std::string& bucket_name, const Upload& to, unsigned number,
                               std::string_view body, const TextMap& checksums, Timestamp now) {
  if (number < 1 || number > part_number_max) {
    return invalid_argument("Part number must be an integer between 1 and 10000, inclusive");
  }
  const Part part{number, body.size(), text::hex(text::md5(body)), now, checksums, blobs_.write(body)};
  std::lock_guard lock(mutex_);
  Batch batch;
  auto still = upload(bucket_name, to.key, to.id);
  if (!still) {
    Blobs::erase(batch, part.blob);
    store_.write(std::move(batch));
    return still.error();
  }
  const std::string key = keys::part(to.id, number);
  if (const auto row = store_.get(Family::objects, key)) {
    if (const auto old = read_part(*row)) Blobs::erase(batch, old->blob);
  }
  Blobs::own(batch, part.blob);
  batch.put(Family::objects, key, part_row(part));
  store_.write(std::move(batch));
  return part;
}

std::vector<Part> Objects::parts(const std::string& upload_id, unsigned after, std::size_t limit) const {
  std::vector<Part> found;
  if (limit == 0 || after >= part_number_max) return found;
  const std::string end = keys::end_of("s3p/" + upload_id + '/');
  store_.visit(Family::objects, keys::part(upload_id, after + 1), end, false,
               [&](std::string_view, std::string_view row) {
                 if (auto part = read_part(row)) found.push_back(std::move(*part));
                 return found.size() < limit;
               });
  return found;
}

Result<Object> Objects::complete_upload(const std::string& bucket_name, const Upload& done,
                                        const std::vector<CompletedPart>& wanted, const WriteCondition& condition,
                                        Timestamp now) {
  std::lock_guard lock(mutex_);
  if (auto still = upload(bucket_name, done.key, done.id); !still) return still.error();
  const std::vector<Part> stored = parts(done.id, 0, part_number_max);
  auto chosen = chosen_parts(stored, wanted);
  if (!chosen) return chosen.error();

  Object object{0, joined_etag(*chosen), now, done.attributes, {}, {}};
  const std::string composite = composite_checksum(done.checksum_algorithm, *chosen);
  if (!done.checksum_algorithm.empty() && !composite.empty()) object.checksums[done.checksum_algorithm] = composite;
  for (const Part& part : *chosen) {
    object.size += part.size;
    object.blobs.push_back(part.blob);
  }
  Batch batch;
  batch.erase(Family::objects, keys::upload(bucket_name, done.id));
  for (const Part& part : stored) {
    batch.erase(Family::objects, keys::part(done.id, part.number));
    const auto is_chosen = [&](const Part& other) { return other.number == part.number; };
    if (std::none_of(chosen->begin(), chosen->end(), is_chosen)) Blobs::erase(batch, part.blob);
  }
  return replace(bucket_name, done.key, object, condition, std::move(batch));
}

void Objects::erase_upload(Batch& batch, const std::string& bucket_name, const std::string& id) const {
  for (const Part& part : parts(id, 0, part_number_max)) {
    Blobs::erase(batch, part.blob);
    batch.erase(Family::objects, keys::part(id, part.number));
  }
  batch.erase(Family::objects, keys::upload(bucket_name, id));
}

Result<void> Objects::abort_upload(const std::string& bucket_name, const Upload& aborted) {
  std::lock_guard lock(mutex_);
  if (auto still = upload(bucket_name, aborted.key, aborted.id); !still) return still.error();
  Batch batch;
  erase_upload(batch, bucket_name, aborted.id);
  store_.write(std::move(batch));
  return {};
}

}  // namespace croft::services::s3
