#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "types/result.h"

namespace croft::dynamo {

// Buckets of objects, as exports and imports need them; app/ joins it to croft's S3.
//
// Threads: any. Blocks for as long as the bytes take. Errors are S3's: NoSuchBucket, NoSuchKey.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // The ETag of what is stored.
  virtual Result<std::string> put(const std::string& bucket, const std::string& key, std::string body) = 0;

  struct Listed {
    std::string key;
    std::uint64_t bytes = 0;
  };
  // Keys that begin with `prefix`, in their order, above `after`; at most 1,000.
  virtual Result<std::vector<Listed>> list(const std::string& bucket, const std::string& prefix, const std::string& after) = 0;
  // `length` bytes from `from` on, which the object has.
  virtual Result<std::string> read(const std::string& bucket, const std::string& key, std::uint64_t from,
                                   std::uint64_t length) = 0;
};

}  // namespace croft::dynamo
