#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "types/result.h"

namespace croft::lambda {

struct ChildSpec {
  std::vector<std::string> arguments;    // the first is the program's path
  std::vector<std::string> environment;  // NAME=value, all of it: nothing is inherited
  std::string folder;                    // working directory
  std::uint64_t file_bytes_max = 0;      // of one file it writes
  std::uint64_t user_processes_max = 0;  // RLIMIT_NPROC, which counts all of the user's; 0 = as inherited
  int file_rules = -1;                   // a Landlock ruleset, see file_rules.h; -1 = none
};

struct Child {
  pid_t pid = -1;
  int pid_fd = -1;  // readable when it ended
  int output = -1;  // stdout and stderr, non-blocking
};

// Starts a program as the leader of a process group of its own, with stdin from /dev/null, no descriptor of croft's,
// default signal handling, umask 022, no core dumps and at most 1,024 open files. It becomes the adoptive parent of
// its orphans, so that everything it ever starts stays below it, and is killed when the calling thread ends: call
// from a thread that lives as long as croft (the Pool's).
//
// ChildFailed names the step that failed. Blocks for about a millisecond: never on a shard.
Result<Child> start_child(const ChildSpec& spec);

}  // namespace croft::lambda
