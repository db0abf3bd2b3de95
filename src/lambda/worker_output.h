#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "lambda/function_logs.h"

namespace croft::lambda {

// The reading end of the pipe that is a worker's stdout and stderr: cuts it into lines and hands them to the
// function's log. A line longer than 256 KB becomes several. Keeps the last 4 KB since begin() for LogType Tail.
//
// Threads: any (the supervisor reads as output arrives, the API shard once more when an invocation ends, so that
// everything printed before the answer stands before END).
class WorkerOutput {
 public:
  // Owns `descriptor`, which is non-blocking; `logs` outlives the object.
  WorkerOutput(int descriptor, FunctionLogs& logs, std::string function, std::string stream);
  ~WorkerOutput();
  WorkerOutput(const WorkerOutput&) = delete;

  int descriptor() const { return descriptor_; }

  // Reads what is there, at most 1 MB. False when the pipe is closed.
  bool drain();
  // croft's own lines (START, END, REPORT), in order with the function's.
  void write(std::string line);
  // Ends an unfinished line, as when the process is gone.
  void finish_line();

  // Starts a new tail.
  void begin();
  std::string tail() const;

 private:
  void take(std::string_view bytes, std::vector<std::string>& lines);
  void publish(std::vector<std::string> lines);

  const int descriptor_;
  FunctionLogs& logs_;
  const std::string function_;
  const std::string stream_;
  mutable std::mutex mutex_;
  std::string partial_;
  std::string tail_;
};

}  // namespace croft::lambda
