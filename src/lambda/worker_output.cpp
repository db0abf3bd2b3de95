#include "lambda/worker_output.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "lambda/limits.h"

namespace croft::lambda {

WorkerOutput::WorkerOutput(int descriptor, FunctionLogs& logs, std::string function, std::string stream)
    : descriptor_(descriptor), logs_(logs), function_(std::move(function)), stream_(std::move(stream)) {}

WorkerOutput::~WorkerOutput() {
  ::close(descriptor_);
}

bool WorkerOutput::drain() {
  std::lock_guard lock(mutex_);
  std::array<char, 64 * 1024> buffer;
  std::vector<std::string> lines;
  bool open = true;
  for (std::size_t total = 0; total < limits::output_drain_bytes_max;) {
    ssize_t count = ::read(descriptor_, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    open = count > 0 || (count < 0 && errno == EAGAIN);
    if (count <= 0) break;
    take({buffer.data(), static_cast<std::size_t>(count)}, lines);
    total += static_cast<std::size_t>(count);
  }
  publish(std::move(lines));
  return open;
}

void WorkerOutput::take(std::string_view bytes, std::vector<std::string>& lines) {
  while (!bytes.empty()) {
    std::size_t room = limits::output_line_bytes_max - partial_.size();
    std::size_t end = bytes.find('\n');
    std::size_t count = std::min({end, bytes.size(), room});
    partial_.append(bytes.substr(0, count));
    bytes.remove_prefix(count);
    bool at_newline = count == end;
    if (!at_newline && partial_.size() < limits::output_line_bytes_max) return;
    if (at_newline) bytes.remove_prefix(1);
    lines.push_back(std::exchange(partial_, {}));
  }
}

void WorkerOutput::publish(std::vector<std::string> lines) {
  if (lines.empty()) return;
  for (const std::string& line : lines) {
    tail_ += std::string_view(line).substr(line.size() - std::min(line.size(), limits::log_tail_bytes));
    tail_ += '\n';
    if (tail_.size() > 2 * limits::log_tail_bytes) tail_.erase(0, tail_.size() - limits::log_tail_bytes);
  }
  logs_.append(function_, stream_, std::move(lines));
}

void WorkerOutput::write(std::string line) {
  std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  if (!partial_.empty()) lines.push_back(std::exchange(partial_, {}));
  lines.push_back(std::move(line));
  publish(std::move(lines));
}

void WorkerOutput::finish_line() {
  std::lock_guard lock(mutex_);
  if (!partial_.empty()) publish({std::exchange(partial_, {})});
}

void WorkerOutput::begin() {
  std::lock_guard lock(mutex_);
  tail_.clear();
}

std::string WorkerOutput::tail() const {
  std::lock_guard lock(mutex_);
  return tail_.substr(tail_.size() - std::min(tail_.size(), limits::log_tail_bytes));
}

}  // namespace croft::lambda
