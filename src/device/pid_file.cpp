#include "device/pid_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace croft::device {

namespace {

constexpr int attempts_max = 100;  // another process replaces the file between our looks
constexpr int held_looks = 5;  // a file is held when it is locked so many times running: look() locks for a moment
constexpr useconds_t between_looks_us = 2'000;

bool is_same_file(int file, const std::string& path) {
  struct stat opened {
  }, named{};
  return ::fstat(file, &opened) == 0 && ::stat(path.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

pid_t read_pid(int file) {
  char text[32] = "";
  const ssize_t got = ::pread(file, text, sizeof text - 1, 0);
  const long pid = got > 0 ? std::strtol(text, nullptr, 10) : 0;
  return pid > 0 && pid <= 4'194'304 ? static_cast<pid_t>(pid) : 0;  // the kernel's PID_MAX_LIMIT
}

Error unwritable(const std::string& path) {
  return {"FileUnwritable", "cannot write " + path + ": " + std::strerror(errno)};
}

// A locked file with our number under a name of its own, which rename() then moves to its place.
Result<int> write_locked(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return unwritable(path);
  const std::string text = std::to_string(::getpid()) + '\n';
  if (::flock(file, LOCK_EX | LOCK_NB) != 0 ||
      ::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    const Error error = unwritable(path);
    ::close(file);
    return error;
  }
  return file;
}

}  // namespace

PidFile::Found PidFile::look(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  Found found{State::stale, read_pid(file)};
  if (::flock(file, LOCK_SH | LOCK_NB) != 0) found.state = State::held;
  ::close(file);
  return found;
}

// The old file, stale or not there, is locked by at most one starter while it puts the new one in its place.
Result<PidFile> PidFile::take(const std::string& path) {
  const std::string own = path + "." + std::to_string(::getpid());
  int held = 0;
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    auto written = write_locked(own);
    if (!written) return written.error();
    if (::link(own.c_str(), path.c_str()) == 0) {
      ::unlink(own.c_str());
      return PidFile(path, *written);
    }
    const int old = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    const bool is_gone = old < 0 && errno == ENOENT;
    const bool is_free = old >= 0 && ::flock(old, LOCK_EX | LOCK_NB) == 0;
    const bool is_current = old >= 0 && is_same_file(old, path);
    const pid_t pid = old >= 0 ? read_pid(old) : 0;
    const bool replaced = is_free && is_current && std::rename(own.c_str(), path.c_str()) == 0;
    if (old >= 0) ::close(old);
    if (replaced) return PidFile(path, *written);
    ::unlink(own.c_str());
    ::close(*written);
    held = old >= 0 && !is_free && is_current ? held + 1 : 0;
    if (held == held_looks) return Error{"AlreadyRunning", "a daemon is running", 409, std::to_string(pid)};
    if (old < 0 && !is_gone) return unwritable(path);
    ::usleep(between_looks_us);
  }
  return Error{"FileUnwritable", "cannot write " + path + ": others keep replacing it"};
}

void PidFile::remove_stale(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  if (::flock(file, LOCK_EX | LOCK_NB) == 0 && is_same_file(file, path)) ::unlink(path.c_str());
  ::close(file);
}

PidFile::PidFile(PidFile&& other) noexcept : path_(std::move(other.path_)), file_(std::exchange(other.file_, -1)) {}

PidFile::~PidFile() {
  if (file_ < 0) return;
  if (is_same_file(file_, path_)) ::unlink(path_.c_str());
  ::close(file_);
}

}  // namespace croft::device
