#include "lambda/interpreters.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "lambda/child_process.h"
#include "lambda/errors.h"
#include "lambda/limits.h"
#include "observe/log.h"
#include "text/encoding.h"
#include "types/timestamp.h"

extern char** environ;
extern const char croft_runtimes_bootstrap_py[];
extern const char croft_runtimes_bootstrap_py_end[];
extern const char croft_runtimes_bootstrap_mjs[];
extern const char croft_runtimes_bootstrap_mjs_end[];

namespace croft::lambda {
namespace fs = std::filesystem;
namespace {

constexpr int python_minor_max = 16;
constexpr int python_minor_min = 6;
constexpr const char* python_question =
    "import sys, importlib.util as u\n"
    "print(sys.executable)\n"
    "print('%d.%d' % sys.version_info[:2])\n"
    "print(int(u.find_spec('boto3') is not None))";
constexpr const char* node_question = "console.log(process.execPath + '\\n' + process.versions.node + '\\n0')";

void write_file(const std::string& path, const char* begin, const char* end) {
  std::string unfinished = path + ".unfinished";
  std::ofstream(unfinished, std::ios::binary).write(begin, end - begin);
  std::error_code failure;
  fs::rename(unfinished, path, failure);
  if (failure) log::error("lambda", path + " cannot be written: " + failure.message());
}

std::string on_path(const std::string& program) {
  if (program.find('/') != std::string::npos) return ::access(program.c_str(), X_OK) == 0 ? program : std::string();
  const char* variable = std::getenv("PATH");
  std::string_view path = variable ? variable : "/usr/local/bin:/usr/bin:/bin";
  while (!path.empty()) {
    std::string_view folder = path.substr(0, path.find(':'));
    path.remove_prefix(std::min(folder.size() + 1, path.size()));
    std::string candidate = std::string(folder) + "/" + program;
    if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

std::string read_until_closed(int descriptor, MonoTime deadline) {
  std::string out;
  char buffer[4096];
  for (;;) {
    std::int64_t left = deadline.ms - MonoTime::now().ms;
    pollfd waiting{.fd = descriptor, .events = POLLIN};
    if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) <= 0) return out;
    ssize_t count = ::read(descriptor, buffer, sizeof buffer);
    if (count <= 0 || out.size() > 64 * sizeof buffer) return out;
    out.append(buffer, static_cast<std::size_t>(count));
  }
}

// What a short program prints; blocks.
std::string output_of(std::vector<std::string> arguments) {
  ChildSpec spec{.arguments = std::move(arguments), .folder = "/", .file_bytes_max = 1 << 20};
  for (char** variable = environ; *variable; ++variable) spec.environment.emplace_back(*variable);
  Result<Child> child = start_child(spec);
  if (!child) return {};
  std::int64_t patience_ms = limits::probe_timeout / std::chrono::milliseconds(1);
  std::string out = read_until_closed(child->output, {MonoTime::now().ms + patience_ms});
  ::kill(-child->pid, SIGKILL);
  ::waitpid(child->pid, nullptr, 0);
  ::close(child->output);
  ::close(child->pid_fd);
  return out;
}

std::string next_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return std::string(line);
}

}  // namespace

Interpreters::Interpreters(Pool& pool, std::string folder, std::string python, std::string node)
    : pool_(pool), folder_(std::move(folder)), python_(std::move(python)), node_(std::move(node)) {
  std::error_code ignored;
  fs::create_directories(folder_, ignored);
  write_file(folder_ + "/bootstrap.py", croft_runtimes_bootstrap_py, croft_runtimes_bootstrap_py_end);
  write_file(folder_ + "/bootstrap.mjs", croft_runtimes_bootstrap_mjs, croft_runtimes_bootstrap_mjs_end);
}

std::optional<Interpreters::Interpreter> Interpreters::ask(const std::string& program, bool python) {
  std::string path = on_path(program);
  if (path.empty()) return std::nullopt;
  std::string answer =
      python ? output_of({path, "-s", "-c", python_question}) : output_of({path, "-e", node_question});
  std::string_view rest = answer;
  Interpreter out;
  out.path = next_line(rest);
  out.version = next_line(rest);
  out.has_boto3 = next_line(rest) == "1";
  if (!out.path.starts_with('/') || out.version.empty()) return std::nullopt;
  return out;
}

std::optional<Interpreters::Interpreter> Interpreters::look_for_python(const std::string& chosen) {
  if (!chosen.empty()) return ask(chosen, true);
  std::vector<std::string> names;
  for (int minor = python_minor_max; minor >= python_minor_min; --minor) {
    names.push_back("python3." + std::to_string(minor));
  }
  names.insert(names.end(), {"python3", "/usr/bin/python3"});
  std::optional<Interpreter> newest;
  for (const std::string& name : names) {
    std::optional<Interpreter> candidate = ask(name, true);
    if (candidate && candidate->has_boto3) return candidate;
    if (!newest) newest = candidate;
  }
  return newest;
}

std::optional<Interpreters::Interpreter> Interpreters::look_for_node(const std::string& chosen) {
  return ask(chosen.empty() ? "node" : chosen, false);
}

Task<std::optional<Interpreters::Interpreter>> Interpreters::interpreter(bool python) {
  AsyncLock::Held held = co_await looking_.acquire();
  auto known = found_.find(python);
  if (known != found_.end() && known->second) co_return known->second;
  auto work = [python, python_path = python_, node_path = node_]() {
    return python ? look_for_python(python_path) : look_for_node(node_path);
  };
  std::optional<Interpreter> found = co_await pool_.run(std::move(work));
  found_[python] = found;
  if (found) {
    log::info("lambda", std::string(python ? "python3.x" : "nodejs*.x") + " functions run on version " +
                            found->version + " at " + found->path +
                            (python && !found->has_boto3 ? ", which has no boto3" : ""));
  }
  co_return found;
}

Task<Result<Launch>> Interpreters::find(std::string runtime, std::string code_folder, std::int64_t memory_mb) {
  if (runtime.starts_with("provided")) {
    std::string program = code_folder + "/bootstrap";
    if (::access(program.c_str(), X_OK) != 0) {
      co_return invalid_runtime("The package holds no executable file named bootstrap");
    }
    co_return Launch{{program}, runtime};
  }
  bool python = runtime.starts_with("python");
  std::optional<Interpreter> found = co_await interpreter(python);
  if (!found) {
    co_return invalid_runtime("Runtime " + runtime + " cannot run here: there is no " +
                              (python ? "python3" : "node") + " on PATH");
  }
  Launch launch{.arguments = {found->path},
                .description = (python ? "python:" : "nodejs:") + found->version + " (" + found->path + ")"};
  // No packages of the user that runs croft; node's heap must end before the function's memory does.
  launch.arguments.push_back(python ? "-s" : "--max-old-space-size=" + std::to_string(memory_mb * 9 / 10));
  launch.arguments.push_back(folder_ + (python ? "/bootstrap.py" : "/bootstrap.mjs"));
  co_return launch;
}

}  // namespace croft::lambda
