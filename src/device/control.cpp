#include "device/control.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

#include "device/background.h"
#include "device/daemon.h"
#include "device/layout.h"
#include "device/limits.h"
#include "device/pid_file.h"
#include "device/status.h"
#include "text/encoding.h"
#include "text/time.h"

namespace croft::device {

namespace {

void say(const std::string& line) {
  std::fputs((line + '\n').c_str(), stdout);
  std::fflush(stdout);
}

std::string printable(const std::string& text) {
  return text::printable(text, 2048);
}

// Also into crash.log, where Greengrass tells why a start failed.
void say_failure(const std::string& root, const DeviceConfig* config, pid_t pid, const std::string& reason) {
  const std::string line = "Greengrass daemon " + std::to_string(pid) + " failed to start";
  say("\n" + line + "\n" + printable(reason));
  const std::string folder = config ? config->log_folder() : root + "/ggc/var/log";
  RuntimeLog(folder + "/crash.log", false, limits::log_bytes_max).error(line + ": " + reason);
}

int say_running(pid_t pid) {
  say("Greengrass daemon is already running with PID: " + std::to_string(pid));
  return 0;
}

// The process behind a held pid file, as a descriptor that keeps meaning that process; -1 when it is over.
int open_process(const std::string& pid_file, pid_t pid) {
  const int process = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (process < 0) return -1;
  const PidFile::Found now = PidFile::look(pid_file);
  if (now.state == PidFile::State::held && now.pid == pid) return process;
  ::close(process);
  return -1;
}

void signal_process(int process, int signal) {
  ::syscall(SYS_pidfd_send_signal, process, signal, nullptr, 0);
}

bool is_over(const std::string& pid_file, pid_t pid) {
  const PidFile::Found found = PidFile::look(pid_file);
  return found.state != PidFile::State::held || found.pid != pid;
}

// Waits with a dot a second; false when it took too long.
bool wait_with_dots(const std::string& pid_file, pid_t pid, std::chrono::milliseconds longest) {
  constexpr int looks_per_second = 50;
  const long looks_max = longest.count() * looks_per_second / 1000;
  std::fputs("Waiting.", stdout);
  bool over = is_over(pid_file, pid);
  for (long look = 1; !over && look <= looks_max; ++look) {
    if (look % looks_per_second == 0) std::fputc('.', stdout);
    std::fflush(stdout);
    ::usleep(1'000'000 / looks_per_second);
    over = is_over(pid_file, pid);
  }
  std::fputs(".\n", stdout);
  std::fflush(stdout);
  return over;
}

}  // namespace

int start(const std::string& root) {
  auto config = read_config(root);
  if (config) {
    const PidFile::Found running = PidFile::look(config->pid_file());
    if (running.state == PidFile::State::held) return say_running(running.pid);
  }
  say("Setting up greengrass daemon\nValidating hardlink/softlink protection");
  say("Waiting for up to 1m10s for Daemon to start");
  auto prepared = prepare(root);
  if (!prepared) {
    say_failure(root, config ? &*config : nullptr, ::getpid(), prepared.error().message);
    return prepared.error().code == "ConfigurationError" ? exit_configuration : 1;
  }
  const Started started =
      start_in_background(root, prepared->config.log_folder() + "/crash.log", limits::start_wait_max);
  if (started.ready) {
    say("\nGreengrass successfully started with PID: " + std::to_string(started.pid));
    return 0;
  }
  const PidFile::Found running = PidFile::look(prepared->config.pid_file());
  if (running.state == PidFile::State::held && running.pid != started.pid) return say_running(running.pid);
  say_failure(root, &prepared->config, started.pid, started.reason);
  return 1;
}

int stop(const std::string& root, bool clean) {
  auto config = read_config(root);
  if (!config) {
    say(printable(config.error().message));
    return exit_configuration;
  }
  const std::string pid_file = config->pid_file();
  const PidFile::Found running = PidFile::look(pid_file);
  const int process = running.state == PidFile::State::held ? open_process(pid_file, running.pid) : -1;
  if (process < 0) {
    PidFile::remove_stale(pid_file);
    return 0;
  }
  say("Stopping greengrass daemon of PID: " + std::to_string(running.pid));
  signal_process(process, clean ? SIGUSR1 : SIGTERM);
  bool over = wait_with_dots(pid_file, running.pid, limits::stop_wait_max);
  if (!over) {
    say("Greengrass daemon does not end, killing it");
    signal_process(process, SIGKILL);
    over = wait_with_dots(pid_file, running.pid, limits::stop_wait_max);
  }
  ::close(process);
  PidFile::remove_stale(pid_file);
  say(over ? "Stopped greengrass daemon, exiting with success" : "Greengrass daemon could not be stopped");
  return over ? 0 : 1;
}

int restart(const std::string& root, bool clean) {
  const int stopped = stop(root, clean);
  return stopped == 0 ? start(root) : stopped;
}

int status(const std::string& root) {
  auto config = read_config(root);
  if (!config) {
    say(printable(config.error().message));
    return exit_configuration;
  }
  const PidFile::Found found = PidFile::look(config->pid_file());
  if (found.state == PidFile::State::absent) {
    say("stopped");
    return exit_stopped;
  }
  if (found.state == PidFile::State::stale) {
    say("dead, but " + printable(config->pid_file()) + " exists");
    return 1;
  }
  const auto link = read_link_state(config->state_folder() + "/connection.json");
  say("running, PID " + std::to_string(found.pid) + ", " + (link ? describe(*link) : std::string("not connected")));
  return 0;
}

int print_version() {
  say("Greengrass daemon version: " + std::string(core_version));
  return 0;
}

}  // namespace croft::device
