#pragma once

#include <string>
#include <vector>

namespace croft::lambda {

// What one worker may touch below a folder that is closed to it (croft's data folder); everything outside stays as
// the operating system has it. A worker may also send signals to its own processes only, not to croft.
struct FileRules {
  std::string closed;                 // absolute; "" = nothing is closed
  std::vector<std::string> readable;  // inside `closed`: the code, the bootstrap
  std::vector<std::string> writable;  // inside `closed`: the temporary folder
};

// A Landlock ruleset for ChildSpec::file_rules, to be closed by the caller; -1 when the kernel has none (before 5.13).
// Signals are kept in since Linux 6.12. Landlock can only allow, so every neighbour of the way down to `closed` is allowed one by
// one; what is created beside them later, and new files directly in a folder on the way, are out of the worker's
// reach. For that reason nothing is closed when `closed` lies in /tmp, where functions must be able to write.
//
// Threads: any. Cost: a fifth of a millisecond.
int make_file_rules(const FileRules& rules);

}  // namespace croft::lambda
