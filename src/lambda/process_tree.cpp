#include "lambda/process_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <memory>
#include <string>
#include <string_view>

#include "lambda/limits.h"

namespace croft::lambda {
namespace {

constexpr int kill_rounds_max = 50;  // a process that forks as fast as it is killed

std::string read_small(const std::string& path) {
  std::string out;
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return out;
  char buffer[4096];
  for (ssize_t n; (n = ::read(fd, buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<std::size_t>(n));
  ::close(fd);
  return out;
}

// The numbers at the start of `text`, as many as there are.
std::vector<std::uint64_t> numbers(std::string_view text) {
  std::vector<std::uint64_t> out;
  for (;;) {
    while (!text.empty() && (text[0] == ' ' || text[0] == '\n')) text.remove_prefix(1);
    std::uint64_t n = 0;
    auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (failure != std::errc()) return out;
    out.push_back(n);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
}

std::vector<pid_t> entries(const std::string& folder) {
  std::vector<pid_t> out;
  std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(folder.c_str()), ::closedir);
  if (!dir) return out;
  while (dirent* entry = ::readdir(dir.get())) {
    std::vector<std::uint64_t> n = numbers(entry->d_name);
    if (!n.empty()) out.push_back(static_cast<pid_t>(n[0]));
  }
  return out;
}

void append_children(pid_t pid, std::vector<pid_t>& out) {
  std::string tasks = "/proc/" + std::to_string(pid) + "/task";
  for (pid_t task : entries(tasks)) {
    for (std::uint64_t child : numbers(read_small(tasks + "/" + std::to_string(task) + "/children"))) {
      if (out.size() < limits::process_tree_visits_max) out.push_back(static_cast<pid_t>(child));
    }
  }
}

std::vector<pid_t> processes_of(pid_t root) {
  std::vector<pid_t> out{root};
  for (std::size_t i = 0; i < out.size(); ++i) append_children(out[i], out);
  return out;
}

}  // namespace

std::uint64_t process_memory(pid_t pid) {
  // statm: size resident shared ..., in pages.
  std::vector<std::uint64_t> n = numbers(read_small("/proc/" + std::to_string(pid) + "/statm"));
  if (n.size() < 3 || n[1] < n[2]) return 0;
  return (n[1] - n[2]) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t process_start(pid_t pid) {
  // stat: "pid (name) state ..." where the name may hold anything; field 22 is the 20th after it.
  std::string stat = read_small("/proc/" + std::to_string(pid) + "/stat");
  std::size_t name_end = stat.rfind(") ");
  if (name_end == std::string::npos || name_end + 4 > stat.size()) return 0;
  std::string_view fields = std::string_view(stat).substr(name_end + 4);
  std::size_t index = 18;  // counted from the parent's number
  for (; index > 0 && !fields.empty(); --index) {
    std::size_t space = fields.find(' ');
    if (space == std::string_view::npos) return 0;
    fields.remove_prefix(space + 1);
  }
  std::vector<std::uint64_t> start = numbers(fields.substr(0, fields.find(' ')));
  return start.empty() ? 0 : start[0];
}

ProcessTree read_tree(pid_t root) {
  ProcessTree tree{.processes = processes_of(root)};
  for (pid_t pid : tree.processes) tree.memory_bytes += process_memory(pid);
  return tree;
}

void kill_tree(pid_t root) {
  // First those who left the group, while the root still adopts their orphans; then the group at one blow.
  for (int round = 0; round < kill_rounds_max; ++round) {
    bool outside = false;
    for (pid_t pid : processes_of(root)) {
      if (pid == root || ::getpgid(pid) == root || ::getpgid(pid) < 0) continue;
      if (read_small("/proc/" + std::to_string(pid) + "/statm").starts_with("0 ")) continue;  // dead, not yet reaped
      outside = ::kill(pid, SIGKILL) == 0 || outside;
    }
    if (!outside) break;
  }
  ::kill(-root, SIGKILL);
}

std::uint64_t user_process_count() {
  std::uint64_t count = 0;
  uid_t user = ::getuid();
  for (pid_t pid : entries("/proc")) {
    std::string tasks = "/proc/" + std::to_string(pid) + "/task";
    struct stat info {};
    if (::stat(tasks.c_str(), &info) == 0 && info.st_uid == user) count += info.st_nlink - 2;
  }
  return count;
}

}  // namespace croft::lambda
