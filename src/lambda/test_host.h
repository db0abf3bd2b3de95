// For tests: lambda/ on a shard of its own, with an in-memory store and real workers.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "lambda/archive.h"
#include "lambda/invoker.h"

namespace croft::lambda {

template <class T, class F>
Task<void> keep_result(std::promise<T>& result, F make) {
  try {
    T value = co_await make();
    result.set_value(std::move(value));
  } catch (...) {
    result.set_exception(std::current_exception());
  }
}

// Runs the coroutine make() on the shard and waits for it.
template <class T, class F>
T run_on(Shard& shard, F make) {
  std::promise<T> result;
  shard.spawn(keep_result<T, F>(result, std::move(make)));
  return result.get_future().get();
}

class TestFolder {
 public:
  TestFolder() {
    char name[] = "/var/tmp/croft-test-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline Task<Done> done_after(Task<void> task) {
  co_await std::move(task);
  co_return Done{};
}

class TestHost {
 public:
  explicit TestHost(Settings settings = {}) {
    settings.data_path = folder_.path();
    if (settings.python.empty()) settings.python = "/usr/bin/python3";
    if (settings.retry_delays.size() == 2)
      settings.retry_delays = {std::chrono::milliseconds(1), std::chrono::milliseconds(1)};
    store_ = Store::open("", Store::Durability::os).value();
    archives_.emplace(*store_, pool_, folder_.path() + "/functions");
    functions_.emplace(*store_, *archives_, settings.instance);
    auto credentials = [](const std::string&, const std::string&) {
      return Credentials{"AKIDTEST", "secret", "token"};
    };
    invoker_.emplace(shard_, pool_, *functions_, logs_, settings, folder_.path() + "/runtimes",
                     folder_.path() + "/tmp", credentials);
    shard_.start();
  }
  ~TestHost() {
    run_on<Done>(shard_, [this] { return done_after(invoker_->stop()); });
    shard_.stop();
  }

  // A python function whose module `handler` is `code`.
  void python(const std::string& name, const std::string& code, json::object more = {}) {
    more["Runtime"] = "python3.12";
    create(name, {{"handler.py", code}}, std::move(more));
  }
  void node(const std::string& name, std::vector<ArchiveFile> files, json::object more = {}) {
    more["Runtime"] = "nodejs20.x";
    create(name, std::move(files), std::move(more));
  }
  void create(const std::string& name, std::vector<ArchiveFile> files, json::object input) {
    if (!input.contains("Handler")) input["Handler"] = "handler.handler";
    if (!input.contains("MemorySize")) input["MemorySize"] = 256;
    input["Role"] = "arn:aws:iam::000000000000:role/r";
    std::string zip = zip_files(std::move(files)).value();
    run_on<Result<Function>>(shard_, [&] { return functions_->create(name, input, zip); }).value();
  }

  Outcome invoke(const std::string& name, const std::string& payload = "{}") {
    return try_invoke({.function = name, .payload = payload, .tail = true}).value();
  }
  Result<Outcome> try_invoke(const Invocation& invocation) {
    return run_on<Result<Outcome>>(shard_, [&] { return invoker_->invoke(invocation); });
  }
  // The text of all log lines of a function.
  std::string log(const std::string& name) {
    std::string out;
    for (const LogLine& line : logs_.read(name, 0, SIZE_MAX)) out += line.text + "\n";
    return out;
  }
  WorkerPool::Counts counts() {
    std::promise<WorkerPool::Counts> counts;
    shard_.post([&] { counts.set_value(invoker_->counts()); });
    return counts.get_future().get();
  }

  Shard& shard() { return shard_; }
  Pool& pool() { return pool_; }
  Functions& functions() { return *functions_; }
  Invoker& invoker() { return *invoker_; }
  FunctionLogs& logs() { return logs_; }
  const std::string& path() const { return folder_.path(); }

 private:
  TestFolder folder_;
  Shard shard_{0, "api"};
  FunctionLogs logs_{folder_.path() + "/logs"};
  std::unique_ptr<Store> store_;
  Pool pool_{2};
  std::optional<CodeArchives> archives_;
  std::optional<Functions> functions_;
  std::optional<Invoker> invoker_;
};

}  // namespace croft::lambda
