#include "lambda/function_logs.h"

#include <filesystem>
#include <fstream>

#include "lambda/limits.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::lambda {
namespace {

// A log file that starts anew when it is full; the one before is kept.
class RotatingFile {
 public:
  explicit RotatingFile(std::string path) : path_(std::move(path)) {}

  void write(const LogLine& line) {
    if (path_.empty()) return;
    if (!out_.is_open()) open();
    if (bytes_ > limits::log_file_bytes_max) rotate();
    std::string text = text::iso8601(line.time) + " " + line.text + "\n";
    out_ << text;
    bytes_ += text.size();
  }
  void flush() { out_.flush(); }

 private:
  void open() {
    std::error_code missing;
    out_.open(path_, std::ios::binary | std::ios::app);
    std::uintmax_t size = std::filesystem::file_size(path_, missing);
    bytes_ = missing ? 0 : size;
  }
  void rotate() {
    std::error_code ignored;
    out_.close();
    std::filesystem::rename(path_, path_ + ".1", ignored);
    open();
  }

  std::string path_;
  std::ofstream out_;
  std::uintmax_t bytes_ = 0;
};

Task<void> raise_after(std::shared_ptr<OneShot> flag, std::chrono::milliseconds delay) {
  co_await sleep_for(delay);
  flag->raise();
}

}  // namespace

struct FunctionLogs::Log {
  explicit Log(std::string path) : file(std::move(path)) {}

  void add(const std::string& stream, std::string text) {
    if (!text::is_utf8(text)) text = text::printable(text, limits::output_line_bytes_max);
    bytes += text.size();
    lines.push_back({++newest, Timestamp::now(), stream, std::move(text)});
    file.write(lines.back());
    while (lines.size() > 1 && (lines.size() > limits::log_lines_max || bytes > limits::log_bytes_max)) {
      bytes -= lines.front().text.size();
      lines.pop_front();
    }
  }

  std::deque<LogLine> lines;
  std::size_t bytes = 0;
  std::uint64_t newest = 0;
  std::vector<std::weak_ptr<OneShot>> waiting;
  RotatingFile file;
};

FunctionLogs::FunctionLogs(std::string folder) : folder_(std::move(folder)) {
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::create_directories(folder_, ignored);
}

FunctionLogs::~FunctionLogs() = default;

FunctionLogs::Log& FunctionLogs::log_of(const std::string& function) {
  std::unique_ptr<Log>& log = logs_[function];
  if (!log) log = std::make_unique<Log>(folder_.empty() ? std::string() : folder_ + "/" + function + ".log");
  return *log;
}

void FunctionLogs::append(const std::string& function, const std::string& stream, std::vector<std::string> texts) {
  std::vector<std::weak_ptr<OneShot>> waiting;
  {
    std::lock_guard lock(mutex_);
    Log& log = log_of(function);
    for (std::string& text : texts) log.add(stream, std::move(text));
    log.file.flush();
    waiting.swap(log.waiting);
  }
  for (const std::weak_ptr<OneShot>& flag : waiting) {
    if (auto alive = flag.lock()) alive->raise();
  }
}

std::vector<LogLine> FunctionLogs::read(const std::string& function, std::uint64_t after_sequence,
                                        std::size_t limit) const {
  std::lock_guard lock(mutex_);
  auto found = logs_.find(function);
  if (found == logs_.end() || found->second->lines.empty()) return {};
  const std::deque<LogLine>& lines = found->second->lines;
  std::uint64_t oldest = lines.front().sequence;
  std::size_t first = after_sequence < oldest ? 0 : static_cast<std::size_t>(after_sequence - oldest + 1);
  std::vector<LogLine> out;
  for (std::size_t i = first; i < lines.size() && out.size() < limit; ++i) out.push_back(lines[i]);
  return out;
}

std::uint64_t FunctionLogs::newest(const std::string& function) const {
  std::lock_guard lock(mutex_);
  auto found = logs_.find(function);
  return found == logs_.end() ? 0 : found->second->newest;
}

std::vector<std::string> FunctionLogs::names() const {
  std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [name, log] : logs_) out.push_back(name);
  return out;
}

Task<void> FunctionLogs::wait_for_new(Shard& shard, std::string function, std::uint64_t after_sequence,
                                      std::chrono::milliseconds at_most) {
  auto flag = std::make_shared<OneShot>();
  {
    std::lock_guard lock(mutex_);
    Log& log = log_of(function);
    if (log.newest > after_sequence) co_return;
    std::erase_if(log.waiting, [](const std::weak_ptr<OneShot>& other) { return other.expired(); });
    log.waiting.push_back(flag);
  }
  shard.spawn(raise_after(flag, at_most));
  co_await flag->wait();
}

void FunctionLogs::erase(const std::string& function) {
  std::lock_guard lock(mutex_);
  auto found = logs_.find(function);
  if (found == logs_.end()) return;
  found->second->lines.clear();
  found->second->bytes = 0;
}

}  // namespace croft::lambda
