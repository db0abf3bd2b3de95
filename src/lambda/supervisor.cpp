#include "lambda/supervisor.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "lambda/limits.h"
#include "lambda/process_tree.h"
#include "types/assert.h"

namespace croft::lambda {
namespace {

constexpr std::int64_t idle_sample_ms = 1000;
enum Source : std::uint64_t { from_wake, from_process, from_output };

std::uint64_t tag(pid_t pid, Source source) {
  return static_cast<std::uint64_t>(pid) << 2 | source;
}

void listen_to(int poll, int descriptor, std::uint64_t tag) {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = tag}};
  CROFT_ASSERT(::epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event) == 0);
}

void raise_to(std::atomic<std::uint64_t>& peak, std::uint64_t value) {
  std::uint64_t before = peak.load();
  while (before < value && !peak.compare_exchange_weak(before, value)) {
  }
}

}  // namespace

std::uint64_t WatchedProcess::memory_peak() {
  raise_to(memory_peak_, process_memory(child_.pid));
  return memory_peak_;
}

Supervisor::Supervisor() : poll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CROFT_ASSERT(poll_ >= 0 && wake_ >= 0);
  listen_to(poll_, wake_, tag(0, from_wake));
  thread_ = std::thread([this] { loop(); });
}

Supervisor::~Supervisor() {
  stopping_ = true;
  wake();
  thread_.join();
  ::close(poll_);
  ::close(wake_);
}

void Supervisor::wake() {
  std::uint64_t one = 1;
  [[maybe_unused]] ssize_t written = ::write(wake_, &one, sizeof one);
}

std::shared_ptr<WatchedProcess> Supervisor::watch(Child child, std::shared_ptr<WorkerOutput> output,
                                                  std::uint64_t memory_max, std::function<void(ProcessEnd)> ended) {
  auto process = std::make_shared<WatchedProcess>(child, std::move(output), memory_max);
  process->ended_ = std::move(ended);
  {
    std::lock_guard lock(mutex_);
    processes_[child.pid] = process;
  }
  listen_to(poll_, process->output_->descriptor(), tag(child.pid, from_output));
  listen_to(poll_, child.pid_fd, tag(child.pid, from_process));
  wake();
  return process;
}

void Supervisor::end(WatchedProcess& process) {
  process.end_wanted_ = true;
  wake();
}

std::vector<Supervisor::ProcessPtr> Supervisor::watched() {
  std::lock_guard lock(mutex_);
  std::vector<ProcessPtr> out;
  for (const auto& [pid, process] : processes_) out.push_back(process);
  return out;
}

void Supervisor::loop() {
  for (;;) {
    std::vector<ProcessPtr> all = watched();
    if (stopping_ && all.empty()) return;
    MonoTime now = MonoTime::now();
    for (const ProcessPtr& process : all) inspect(*process, now);
    wait_and_read(all.empty() ? -1 : static_cast<int>(limits::sample_interval.count()));
  }
}

void Supervisor::wait_and_read(int timeout_ms) {
  std::array<epoll_event, 64> events;
  int count = ::epoll_wait(poll_, events.data(), events.size(), timeout_ms);
  for (int i = 0; i < count; ++i) {
    Source source = static_cast<Source>(events[i].data.u64 & 3);
    if (source == from_wake) {
      std::uint64_t counted;
      [[maybe_unused]] ssize_t read = ::read(wake_, &counted, sizeof counted);
      continue;
    }
    ProcessPtr process;
    {
      std::lock_guard lock(mutex_);
      auto found = processes_.find(static_cast<pid_t>(events[i].data.u64 >> 2));
      if (found == processes_.end()) continue;
      process = found->second;
    }
    if (source == from_process) {
      reap(process);
    } else if (!process->output_->drain()) {
      ::epoll_ctl(poll_, EPOLL_CTL_DEL, process->output_->descriptor(), nullptr);
    }
  }
}

void Supervisor::inspect(WatchedProcess& process, MonoTime now) {
  if (process.fate_) {
    kill_tree(process.child_.pid);  // again: what it started in the meantime
    return;
  }
  std::int64_t deadline = process.deadline_ms_;
  if (stopping_ || process.end_wanted_) return kill(process, Fate::ended);
  if (deadline > 0 && now.ms >= deadline) return kill(process, Fate::timed_out);
  const std::int64_t interval = deadline > 0 ? limits::sample_interval.count() : idle_sample_ms;
  const std::int64_t wait = process.next_sample_.ms - now.ms;
  if (wait > 0 && wait <= interval) return;  // longer: it was idle when that was set, and has an invocation now
  process.next_sample_ = {now.ms + interval};
  sample(process);
}

void Supervisor::sample(WatchedProcess& process) {
  ProcessTree tree = read_tree(process.child_.pid);
  raise_to(process.memory_peak_, tree.memory_bytes);
  process.descendants_.clear();
  for (std::size_t i = 1; i < tree.processes.size(); ++i) {
    process.descendants_.emplace_back(tree.processes[i], process_start(tree.processes[i]));
  }
  if (tree.processes.size() > limits::processes_max) return kill(process, Fate::too_many_processes);
  if (tree.memory_bytes > process.memory_max_) kill(process, Fate::out_of_memory);
}

void Supervisor::kill(WatchedProcess& process, Fate fate) {
  process.fate_ = fate;
  kill_tree(process.child_.pid);
}

void Supervisor::reap(const ProcessPtr& process) {
  pid_t pid = process->child_.pid;
  ::kill(-pid, SIGKILL);                                    // the rest of the group; the number is ours until waitpid
  for (auto [descendant, start] : process->descendants_) {  // those who left the group before the worker died
    if (start != 0 && process_start(descendant) == start) ::kill(descendant, SIGKILL);
  }
  int status = 0;
  if (::waitpid(pid, &status, WNOHANG) != pid) return;
  ::epoll_ctl(poll_, EPOLL_CTL_DEL, process->child_.pid_fd, nullptr);
  ::epoll_ctl(poll_, EPOLL_CTL_DEL, process->output_->descriptor(), nullptr);
  ::close(process->child_.pid_fd);
  {
    std::lock_guard lock(mutex_);
    processes_.erase(pid);
  }
  process->output_->drain();
  process->output_->finish_line();
  ProcessEnd end{.fate = process->fate_.value_or(Fate::exited)};
  if (WIFEXITED(status)) end.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  std::exchange(process->ended_, nullptr)(end);  // lets go of the worker that holds the process
}

}  // namespace croft::lambda
