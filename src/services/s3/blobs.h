#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "services/s3/records.h"
#include "store/store.h"

namespace croft::services::s3 {

// The bytes of objects and parts, in rows of 1 MiB. A blob is written first and owned later, in the small batch that
// makes it visible; one that never found its owner is erased by sweep() at the next start.
//
// Threads: any.
class Blobs {
 public:
  explicit Blobs(Store& store) : store_(store) {}

  // Written, marked as unowned.
  Blob write(std::string_view bytes);
  // Adds to the batch that names the blob in an object or part.
  static void own(Batch& batch, const Blob& blob);
  static void erase(Batch& batch, const Blob& blob);
  // Appends bytes [first, first + length) of the blob; false when it is gone (its object was replaced meanwhile).
  bool read(const Blob& blob, std::uint64_t first, std::uint64_t length, std::string& out) const;
  // Erases what is unowned. Call once, before anything is written.
  void sweep();

 private:
  Store& store_;
};

}  // namespace croft::services::s3
