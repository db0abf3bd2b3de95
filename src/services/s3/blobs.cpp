#include "services/s3/blobs.h"

#include <algorithm>

#include "services/s3/limits.h"
#include "text/digest.h"
#include "text/encoding.h"

namespace croft::services::s3 {

Blob Blobs::write(std::string_view bytes) {
  const Blob blob{text::hex(text::random_bytes(12)), bytes.size()};
  Batch batch;
  batch.put(Family::objects, keys::unowned(blob.id), "");
  for (std::uint64_t index = 0; index * chunk_bytes < bytes.size(); ++index) {
    batch.put(Family::objects, keys::chunk(blob.id, index), bytes.substr(index * chunk_bytes, chunk_bytes));
  }
  store_.write(std::move(batch));
  return blob;
}

void Blobs::own(Batch& batch, const Blob& blob) {
  batch.erase(Family::objects, keys::unowned(blob.id));
}

void Blobs::erase(Batch& batch, const Blob& blob) {
  const std::string first = "s3d/" + blob.id + '/';
  batch.erase_range(Family::objects, first, keys::end_of(first));
  batch.erase(Family::objects, keys::unowned(blob.id));
}

bool Blobs::read(const Blob& blob, std::uint64_t first, std::uint64_t length, std::string& out) const {
  const std::uint64_t end = first + length;
  for (std::uint64_t at = first; at < end;) {
    const auto chunk = store_.get(Family::objects, keys::chunk(blob.id, at / chunk_bytes));
    const std::uint64_t offset = at % chunk_bytes;
    if (!chunk || offset >= chunk->size()) return false;
    const std::uint64_t taken = std::min<std::uint64_t>(chunk->size() - offset, end - at);
    out.append(*chunk, offset, taken);
    at += taken;
  }
  return true;
}

void Blobs::sweep() {
  Batch batch;
  for (const Row& row : store_.scan(Family::objects, "s3w/", "s3w0", std::string::npos)) {
    erase(batch, {row.key.substr(4), 0});
  }
  store_.write(std::move(batch));
}

}  // namespace croft::services::s3
