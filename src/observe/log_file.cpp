#include "observe/log_file.h"

#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

#include <mutex>

#include "observe/log.h"

namespace croft::log {

struct LogFile::Impl {
  Impl(std::string path, std::size_t bytes_max, std::size_t files) : path(std::move(path)), bytes_max(bytes_max), files(files) {}

  const std::string path;
  const std::size_t bytes_max, files;
  std::mutex mutex;
  std::shared_ptr<spdlog::logger> logger;  // null before the first line, and when the file cannot be opened
  bool failed = false;

  void open() {
    try {
      // spdlog looks after the size itself; its name is the file's, so two logs of one process do not meet.
      logger =
          std::make_shared<spdlog::logger>(path, std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path, bytes_max, files));
      logger->set_pattern("%v");
      logger->flush_on(spdlog::level::trace);
    } catch (const spdlog::spdlog_ex& failure) {
      failed = true;
      error("log", "cannot write " + path + ": " + failure.what());
    }
  }
};

LogFile::LogFile(std::string path, std::size_t bytes_max, std::size_t files)
    : impl_(std::make_unique<Impl>(std::move(path), bytes_max, files)) {}

LogFile::~LogFile() = default;

void LogFile::write(std::string_view line) {
  std::shared_ptr<spdlog::logger> logger;
  {
    std::lock_guard lock(impl_->mutex);
    if (!impl_->logger && !impl_->failed) impl_->open();
    logger = impl_->logger;
  }
  if (logger) logger->info("{}", line);
}

}  // namespace croft::log
