#pragma once

#include <map>
#include <mutex>
#include <string>

#include "gateway/service.h"
#include "shard/pool.h"
#include "store/store.h"
#include "types/instance.h"
#include "types/timestamp.h"

namespace croft::app {

// Copies of the store for `croft backup`: folders DATA/checkpoints/ID with a `db` of one moment in them, whose files are
// links to the store's own. Whoever asks says nothing of where: to get at the copy takes the right to read the data
// folder. Asked for by an operation, not a page, so that a signature of the account itself is demanded.
//
// Threads: any.
class DataCopies {
 public:
  // `folder` is the data folder. Copies that an earlier croft left are removed.
  DataCopies(Store& store, Pool& pool, std::string folder, Instance instance);

  // BeginBackup: nothing -> BackupId, DataFolder, Path (of the copy, below DataFolder), StoreFormat.
  // EndBackup: BackupId -> nothing; the copy is removed.
  gateway::Service service();

 private:
  Task<gateway::Reply> begin(gateway::Call& call);
  Task<gateway::Reply> end(gateway::Call& call);
  void check_caller(const gateway::Call& call) const;
  std::string path_of(const std::string& id) const { return folder_ + "/checkpoints/" + id; }
  // Takes a place for a new copy; removes those that were forgotten.
  Result<std::string> take_place();
  void remove(const std::string& id);

  Store& store_;
  Pool& pool_;
  const std::string folder_;
  const Instance instance_;
  std::mutex mutex_;
  std::map<std::string, MonoTime> copies_;  // by id: since when
};

}  // namespace croft::app
