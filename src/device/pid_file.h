#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "types/result.h"

namespace croft::device {

// The pid file of a running daemon: it holds the number and is locked (flock) for as long as the process lives, so a
// file left behind by a killed daemon is told from a living one, whatever process has the number now.
class PidFile {
 public:
  enum class State { absent, stale, held };
  struct Found {
    State state = State::absent;
    pid_t pid = 0;  // of a held or stale file; 0 when it cannot be read
  };
  // Looks without changing anything.
  static Found look(const std::string& path);

  // Writes this process's number, replacing a stale file; the file appears whole and locked. Errors: AlreadyRunning
  // (`details` holds the pid), FileUnwritable.
  static Result<PidFile> take(const std::string& path);

  // Removes a file that nobody holds.
  static void remove_stale(const std::string& path);

  PidFile(PidFile&& other) noexcept;
  PidFile& operator=(PidFile&&) = delete;
  // Removes the file, then lets the lock go.
  ~PidFile();

 private:
  PidFile(std::string path, int file) : path_(std::move(path)), file_(file) {}

  std::string path_;
  int file_;
};

}  // namespace croft::device
