#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

namespace croft::device {

struct Started {
  bool ready = false;
  pid_t pid = 0;
  std::string reason;  // why it is not ready
};

// Starts the daemon of `root` as a process of its own session without a terminal, whose parent is not this process,
// and waits for its word. What it prints goes to the file `output`. Its command line is that of Greengrass:
// ROOT/ggc/packages/VERSION/bin/daemon -core-dir ROOT/ggc/packages/VERSION -greengrassdPid PID.
Started start_in_background(const std::string& root, const std::string& output, std::chrono::seconds longest);

// Set for the daemon: the descriptor it reports to, and its root.
inline constexpr const char* ready_file_variable = "CROFT_DEVICE_READY_FILE";
inline constexpr const char* root_variable = "CROFT_DEVICE_ROOT";

}  // namespace croft::device
