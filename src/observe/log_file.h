#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace croft::log {

// Lines in a file. When it is `bytes_max` long it becomes PATH.1, PATH.1 becomes PATH.2, and so on up to `files`; the
// last one goes. Threads: any.
class LogFile {
 public:
  // The file is made with the first line. A file that cannot be written is told on standard error, once.
  LogFile(std::string path, std::size_t bytes_max, std::size_t files);
  ~LogFile();

  // The system has it on return.
  void write(std::string_view line);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace croft::log
