#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "lambda/child_process.h"
#include "lambda/worker_output.h"
#include "types/timestamp.h"

namespace croft::lambda {

// Why a worker's process ended.
enum class Fate : std::uint8_t { exited, ended, timed_out, out_of_memory, too_many_processes };

struct ProcessEnd {
  Fate fate = Fate::exited;
  int exit_status = 0;  // when `signal` is 0
  int signal = 0;
};

// A worker's process while the supervisor watches it. Threads: any.
class WatchedProcess {
 public:
  WatchedProcess(Child child, std::shared_ptr<WorkerOutput> output, std::uint64_t memory_max)
      : child_(child), output_(std::move(output)), memory_max_(memory_max) {}

  pid_t pid() const { return child_.pid; }
  WorkerOutput& output() { return *output_; }

  // The process tree is killed at that time; {0} = never. Seen within limits::sample_interval.
  void set_deadline(MonoTime deadline) { deadline_ms_ = deadline.ms; }
  // The most memory seen, including now.
  std::uint64_t memory_peak();

 private:
  friend class Supervisor;
  const Child child_;
  const std::shared_ptr<WorkerOutput> output_;
  const std::uint64_t memory_max_;
  std::atomic<std::int64_t> deadline_ms_{0};
  std::atomic<std::uint64_t> memory_peak_{0};
  std::atomic<bool> end_wanted_{false};
  // Below: the supervisor's thread only.
  std::function<void(ProcessEnd)> ended_;
  std::optional<Fate> fate_;
  std::vector<std::pair<pid_t, std::uint64_t>> descendants_;  // number and start, when last sampled
  MonoTime next_sample_{};
};

// One thread that watches all workers' processes: reads their output, enforces deadlines, memory and process counts,
// and is the only one to kill and reap them, so a process number is never used after its process.
//
// Threads: any. Costs nothing while no worker exists, ten wake-ups a second otherwise.
class Supervisor {
 public:
  Supervisor();
  ~Supervisor();  // kills and reaps every process; their `ended` is called
  Supervisor(const Supervisor&) = delete;

  // `ended` is called once, on the supervisor's thread, after the last output was read.
  std::shared_ptr<WatchedProcess> watch(Child child, std::shared_ptr<WorkerOutput> output, std::uint64_t memory_max,
                                        std::function<void(ProcessEnd)> ended);
  // Kills the process and all it started, soon. May be repeated.
  void end(WatchedProcess& process);

 private:
  using ProcessPtr = std::shared_ptr<WatchedProcess>;

  void loop();
  void wait_and_read(int timeout_ms);
  void inspect(WatchedProcess& process, MonoTime now);
  void sample(WatchedProcess& process);
  void kill(WatchedProcess& process, Fate fate);
  void reap(const ProcessPtr& process);
  std::vector<ProcessPtr> watched();
  void wake();

  const int poll_;
  const int wake_;
  std::mutex mutex_;
  std::map<pid_t, ProcessPtr> processes_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace croft::lambda
