#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lambda/function.h"
#include "shard/async_lock.h"
#include "shard/pool.h"
#include "types/result.h"

namespace croft::lambda {

// How to start a worker of some runtime.
struct Launch {
  std::vector<std::string> arguments;
  std::string description;  // "python:3.11 (/usr/bin/python3.11)", for INIT_START
};

// Finds what runs a function's code on this machine. Any python3.x runs on one Python: the newest on PATH that can
// import boto3, or else the newest. nodejs*.x runs on the `node` on PATH. provided.* runs the package's own
// bootstrap.
//
// Threads: the API shard; looking is done once, on the Pool.
class Interpreters {
 public:
  // Writes croft's bootstrap files to `folder`. `python` and `node` are paths, or "" to look for them.
  Interpreters(Pool& pool, std::string folder, std::string python, std::string node);

  const std::string& folder() const { return folder_; }
  // InvalidRuntimeException when this machine has no such interpreter.
  Task<Result<Launch>> find(std::string runtime, std::string code_folder, std::int64_t memory_mb);

 private:
  struct Interpreter {
    std::string path;
    std::string version;
    bool has_boto3 = false;
  };
  static std::optional<Interpreter> ask(const std::string& program, bool python);
  static std::optional<Interpreter> look_for_python(const std::string& chosen);
  static std::optional<Interpreter> look_for_node(const std::string& chosen);
  Task<std::optional<Interpreter>> interpreter(bool python);

  Pool& pool_;
  const std::string folder_;
  const std::string python_;
  const std::string node_;
  AsyncLock looking_;
  std::map<bool, std::optional<Interpreter>> found_;  // by "is Python"
};

}  // namespace croft::lambda
