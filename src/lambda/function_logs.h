#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "shard/promise.h"
#include "types/timestamp.h"

namespace croft::lambda {

struct LogLine {
  std::uint64_t sequence = 0;  // per function, from 1, without gaps
  Timestamp time;
  std::string stream;  // "2026/11/22/[$LATEST]<32 hex>", one per worker
  std::string text;    // well-formed UTF-8, without the newline
};

// What functions print, with Lambda's START, END and REPORT lines: the latest 10,000 lines (4 MB) of each function in
// memory, and in <folder>/<function>.log, which is renamed to .log.1 at 10 MB.
//
// Threads: any.
class FunctionLogs {
 public:
  explicit FunctionLogs(std::string folder);  // "" = memory only
  ~FunctionLogs();

  // One lock and one file write for all of them.
  void append(const std::string& function, const std::string& stream, std::vector<std::string> texts);

  // Lines after `after_sequence` (0 = the oldest kept), at most `limit`.
  std::vector<LogLine> read(const std::string& function, std::uint64_t after_sequence, std::size_t limit) const;
  // The sequence of the newest line; 0 without any.
  std::uint64_t newest(const std::string& function) const;
  // Functions that have lines.
  std::vector<std::string> names() const;

  // Resumes when a line after `after_sequence` is there, or after `at_most`. `shard` is the caller's.
  Task<void> wait_for_new(Shard& shard, std::string function, std::uint64_t after_sequence,
                          std::chrono::milliseconds at_most);

  // Forgets the lines in memory; the file stays.
  void erase(const std::string& function);

 private:
  struct Log;
  Log& log_of(const std::string& function);

  std::string folder_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Log>> logs_;
};

}  // namespace croft::lambda
