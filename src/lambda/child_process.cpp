#include "lambda/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "lambda/limits.h"

namespace croft::lambda {
namespace {

// Everything the child needs, made before vfork: after it only system calls are allowed.
struct Plan {
  const char* program;
  char* const* arguments;
  char* const* environment;
  const char* folder;
  int output;
  int null;
  int file_rules;
  pid_t parent;
  std::uint64_t file_bytes_max;
  std::uint64_t user_processes_max;
  // Written by the child, which shares the parent's memory until it runs its program.
  const char* failed_step = nullptr;
  int failure = 0;
};

bool limit(int resource, std::uint64_t value) {
  rlimit now{};
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &now) != 0) return false;
  rlimit wanted{std::min<rlim_t>(value, now.rlim_max), std::min<rlim_t>(value, now.rlim_max)};
  return ::setrlimit(static_cast<__rlimit_resource_t>(resource), &wanted) == 0;
}

bool confine(const Plan& plan) {
  if (plan.file_rules < 0) return true;
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::syscall(SYS_landlock_restrict_self, plan.file_rules, 0) == 0;
}

const char* prepare(const Plan& plan) {
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    ::sigaction(signal, &standard, nullptr);  // fails for SIGKILL and the like, which have none
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::setpgid(0, 0) != 0) return "setpgid";
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != plan.parent) return "prctl";
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return "prctl";
  if (::dup2(plan.null, 0) < 0 || ::dup2(plan.output, 1) < 0 || ::dup2(plan.output, 2) < 0) return "dup2";
  ::umask(022);
  bool limited = limit(RLIMIT_NOFILE, limits::open_files_max) && limit(RLIMIT_CORE, 0) &&
                 limit(RLIMIT_FSIZE, plan.file_bytes_max);
  if (plan.user_processes_max > 0) limited = limited && limit(RLIMIT_NPROC, plan.user_processes_max);
  if (!limited) return "setrlimit";
  if (::chdir(plan.folder) != 0) return "chdir";
  if (!confine(plan)) return "landlock";
  if (::syscall(SYS_close_range, 3U, ~0U, 0U) != 0) return "close_range";
  return nullptr;
}

[[noreturn]] __attribute__((noinline)) void run_child(Plan& plan) {
  const char* failed = prepare(plan);
  if (!failed) {
    ::execve(plan.program, plan.arguments, plan.environment);
    failed = "execve";
  }
  plan.failure = errno;
  plan.failed_step = failed;
  ::_exit(127);
}

// vfork: the cost of fork grows with the memory of the store's caches.
__attribute__((noinline)) pid_t spawn(Plan& plan) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wdeprecated-declarations"
  pid_t pid = ::vfork();
#pragma clang diagnostic pop
  if (pid == 0) run_child(plan);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return pid;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

Error child_failed(const std::string& what, int failure) {
  return {"ChildFailed", what + ": " + std::strerror(failure), 500};
}

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

}  // namespace

Result<Child> start_child(const ChildSpec& spec) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return child_failed("pipe", errno);
  Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  Descriptor null(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  if (null.get() < 0) return child_failed("/dev/null", errno);
  if (::fcntl(read_end.get(), F_SETFL, O_NONBLOCK) != 0) return child_failed("pipe", errno);

  std::vector<char*> arguments = pointers(spec.arguments);
  std::vector<char*> environment = pointers(spec.environment);
  Plan plan{.program = spec.arguments.front().c_str(),
            .arguments = arguments.data(),
            .environment = environment.data(),
            .folder = spec.folder.c_str(),
            .output = write_end.get(),
            .null = null.get(),
            .file_rules = spec.file_rules,
            .parent = ::getpid(),
            .file_bytes_max = spec.file_bytes_max,
            .user_processes_max = spec.user_processes_max};
  pid_t pid = spawn(plan);
  if (pid < 0) return child_failed("vfork", errno);
  if (plan.failed_step) {
    ::waitpid(pid, nullptr, 0);
    return child_failed(spec.arguments.front() + " cannot be started, " + plan.failed_step, plan.failure);
  }
  int pid_fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (pid_fd < 0) {
    int failure = errno;
    ::kill(-pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return child_failed("pidfd_open", failure);
  }
  ::fcntl(pid_fd, F_SETFD, FD_CLOEXEC);
  return Child{pid, pid_fd, read_end.release()};
}

}  // namespace croft::lambda
