#pragma once

#include <mutex>
#include <string>
#include <string_view>

namespace croft::device {

// The daemon's log, in the line format of Greengrass: "[2020-08-03T23:07:31.087Z][INFO]-text". At log_bytes_max
// a file becomes runtime.log.1, that one .2 and so on. Text is made printable. Never pass key material.
//
// Threads: any.
class RuntimeLog {
 public:
  // `to_terminal` copies every line to standard error, for the foreground.
  RuntimeLog(std::string path, bool to_terminal, std::size_t bytes_max);
  ~RuntimeLog();
  RuntimeLog(const RuntimeLog&) = delete;

  void info(std::string_view text) { write("INFO", text); }
  void warn(std::string_view text) { write("WARN", text); }
  void error(std::string_view text) { write("ERROR", text); }

  // Starts a file of that name anew if it was moved away (SIGHUP).
  void reopen();

 private:
  void write(std::string_view level, std::string_view text);
  void open();
  void rotate();

  std::mutex mutex_;
  std::string path_;
  bool to_terminal_;
  std::size_t bytes_max_;
  int file_ = -1;
  std::size_t bytes_ = 0;
};

}  // namespace croft::device
