#include "device/runtime_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "device/limits.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::device {

static constexpr std::size_t line_bytes_max = 4096;

RuntimeLog::RuntimeLog(std::string path, bool to_terminal, std::size_t bytes_max)
    : path_(std::move(path)), to_terminal_(to_terminal), bytes_max_(bytes_max) {
  open();
}

RuntimeLog::~RuntimeLog() {
  if (file_ >= 0) ::close(file_);
}

void RuntimeLog::open() {
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  struct stat status {};
  bytes_ = file_ >= 0 && ::fstat(file_, &status) == 0 ? static_cast<std::size_t>(status.st_size) : 0;
}

void RuntimeLog::reopen() {
  std::lock_guard lock(mutex_);
  if (file_ >= 0) ::close(file_);
  open();
}

void RuntimeLog::rotate() {
  if (file_ >= 0) ::close(file_);
  for (int n = limits::log_files_max - 1; n > 0; --n) {
    const std::string newer = n == 1 ? path_ : path_ + "." + std::to_string(n - 1);
    std::rename(newer.c_str(), (path_ + "." + std::to_string(n)).c_str());
  }
  open();
}

void RuntimeLog::write(std::string_view level, std::string_view text) {
  std::string line = "[" + text::iso8601(Timestamp::now()) + "][" + std::string(level) + "]-";
  line += text::printable(text, line_bytes_max) + '\n';
  std::lock_guard lock(mutex_);
  if (bytes_ + line.size() > bytes_max_ && bytes_ > 0) rotate();
  if (file_ >= 0 && ::write(file_, line.data(), line.size()) > 0) bytes_ += line.size();
  if (to_terminal_) std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace croft::device
