#pragma once

#include <set>
#include <string>

#include "shard/async_lock.h"
#include "shard/pool.h"
#include "store/store.h"
#include "types/result.h"

namespace croft::lambda {

// The deployment packages, kept once per content: the zip in Family::objects ("code/<sha256 in hex>/<chunk>", 1 MiB a
// row), its files in <folder>/<sha256 in hex>. A folder of that name is always complete.
//
// Threads: the API shard. The work itself is done on the Pool.
class CodeArchives {
 public:
  // `folder` is made when missing. `store` and `pool` outlive the object.
  CodeArchives(Store& store, Pool& pool, std::string folder);

  struct Stored {
    std::string sha256;  // base64, as CodeSha256
    std::int64_t bytes = 0;
  };
  // Checks by unpacking, then stores; durable when it returns. The same bytes again cost a hash. Errors: unzip()'s.
  Task<Result<Stored>> add(std::string zip);

  // The folder with the files, unpacked again when it was lost. ServiceException when the rows are gone.
  Task<Result<std::string>> unpacked(std::string sha256);

  // The zip itself.
  Task<Result<std::string>> bytes(std::string sha256);

  // Drops the rows; the folder stays until sweep() because workers may run from it.
  void erase(const std::string& sha256);
  // At start: removes the rows and folders of packages that no function uses, and what a crash left half unpacked.
  Task<void> sweep(std::set<std::string> used_sha256);

 private:
  Store& store_;
  Pool& pool_;
  std::string folder_;
  AsyncLock unpacking_;
};

}  // namespace croft::lambda
