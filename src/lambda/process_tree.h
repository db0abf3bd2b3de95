// What a worker and everything it started amount to, read from /proc.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

namespace croft::lambda {

struct ProcessTree {
  std::vector<pid_t> processes;    // the root first; at most limits::process_tree_visits_max
  std::uint64_t memory_bytes = 0;  // resident and not shared with files: what the code itself occupies
};

// Threads: any. Cost: about 20 us for each process.
ProcessTree read_tree(pid_t root);

// The part of ProcessTree::memory_bytes that one process has; 0 when it is gone.
std::uint64_t process_memory(pid_t pid);

// When a process began, in clock ticks since boot: with its number it names a process for ever. 0 when it is gone.
std::uint64_t process_start(pid_t pid);

// Kills the group that `root` leads and everything below `root`, wherever it moved to. `root` must not have been
// waited for yet: its number is then still its own.
void kill_tree(pid_t root);

// Processes of this user now, for RLIMIT_NPROC, which counts them all.
std::uint64_t user_process_count();

}  // namespace croft::lambda
