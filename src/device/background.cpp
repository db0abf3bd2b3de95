#include "device/background.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "device/layout.h"
#include "types/timestamp.h"

namespace croft::device {

namespace {

constexpr std::size_t reason_bytes_max = 4096;

// Everything that the child needs, made before fork(): afterwards it only makes system calls.
struct CommandLine {
  std::string program, core_folder, parent;
  std::string ready_file, root;

  CommandLine(const std::string& root_folder, int ready)
      : program(package_folder(root_folder) + "/bin/daemon"),
        core_folder(package_folder(root_folder)),
        parent(std::to_string(::getpid())),
        ready_file(std::to_string(ready)),
        root(root_folder) {
    // `ps aux | grep -E 'greengrass.*daemon'` is how AWS's documentation looks for it, whatever the folder's name.
    if (program.find("greengrass") == std::string::npos) program = "greengrass:" + program;
  }
};

void lead_output_to(const std::string& file) {
  const int null = ::open("/dev/null", O_RDONLY);
  const int out = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (null >= 0) ::dup2(null, 0);
  if (out >= 0) {
    ::dup2(out, 1);
    ::dup2(out, 2);
  }
  if (null > 2) ::close(null);
  if (out > 2) ::close(out);
}

[[noreturn]] void become_daemon(const CommandLine& line, const std::string& output, int ready) {
  lead_output_to(output);
  (void)!::chdir("/");
  const char* const arguments[] = {line.program.c_str(), "-core-dir",         line.core_folder.c_str(),
                                   "-greengrassdPid",    line.parent.c_str(), nullptr};
  ::execv("/proc/self/exe", const_cast<char* const*>(arguments));
  constexpr std::string_view failed = "the daemon's program cannot be run\n";
  (void)!::write(ready, failed.data(), failed.size());
  ::_exit(1);
}

// Reads until the daemon closed its end.
std::string read_word(int file, std::chrono::seconds longest) {
  const std::int64_t until_ms = MonoTime::now().ms + std::chrono::milliseconds(longest).count();
  std::string word;
  while (word.size() < reason_bytes_max) {
    const std::int64_t left_ms = until_ms - MonoTime::now().ms;
    if (left_ms <= 0) return word.empty() ? "The Greengrass daemon process did not become ready in time" : word;
    pollfd waiting{file, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(left_ms)) <= 0) continue;
    char bytes[512];
    const ssize_t got = ::read(file, bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    word.append(bytes, static_cast<std::size_t>(got));
  }
  return word;
}

}  // namespace

Started start_in_background(const std::string& root, const std::string& output, std::chrono::seconds longest) {
  int word[2], number[2];
  if (::pipe(word) != 0 || ::pipe2(number, O_CLOEXEC) != 0) return {false, 0, std::strerror(errno)};
  ::fcntl(word[0], F_SETFD, FD_CLOEXEC);  // the writing end passes to the daemon
  const CommandLine line(root, word[1]);
  ::setenv(ready_file_variable, line.ready_file.c_str(), 1);
  ::setenv(root_variable, line.root.c_str(), 1);

  const pid_t child = ::fork();
  if (child == 0) {
    ::setsid();
    const pid_t grandchild = ::fork();  // no leader of its session, so it can never get a terminal
    if (grandchild == 0) become_daemon(line, output, word[1]);
    (void)!::write(number[1], &grandchild, sizeof grandchild);
    ::_exit(0);
  }
  ::unsetenv(ready_file_variable);
  ::unsetenv(root_variable);
  ::close(word[1]);
  ::close(number[1]);
  Started started;
  if (child > 0) ::waitpid(child, nullptr, 0);
  if (::read(number[0], &started.pid, sizeof started.pid) != sizeof started.pid) started.pid = -1;
  ::close(number[0]);
  std::string said = child > 0 && started.pid > 0 ? read_word(word[0], longest) : std::string(std::strerror(errno));
  ::close(word[0]);

  while (said.ends_with('\n')) said.pop_back();
  started.ready = said == "ready";
  if (said.empty()) said = "The Greengrass daemon process with [pid = " + std::to_string(started.pid) + "] died";
  if (!started.ready) started.reason = std::move(said);
  return started;
}

}  // namespace croft::device
