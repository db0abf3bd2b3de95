#pragma once

#include <rocksdb/env.h>
#include <rocksdb/status.h>

namespace croft {

// Ends the process with a line that says so: nothing may be acknowledged that the data folder has not taken.
[[noreturn]] void stop_on(const rocksdb::Status& status, const char* doing);

// The files of this machine, with two differences for RocksDB's write-ahead logs. A write that fails ends the process at once.
// And room is made before it is needed: the file is longer than what is written, by zeros, so that most syncs write pages that
// the file system knows already. A sync that makes a file longer waits for the file system's own journal, and for its thread
// to have its turn: several times as long. RocksDB takes zeros after the last record for the log's end.
//
// Made once, never ends. Threads: any.
rocksdb::Env* env_on_disk();

}  // namespace croft
