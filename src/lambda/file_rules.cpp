#include "lambda/file_rules.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>

namespace croft::lambda {
namespace fs = std::filesystem;
namespace {

// The rights of Landlock's first version; later ones are handled only where the kernel's headers and version agree.
constexpr std::uint64_t on_files =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE;
constexpr std::uint64_t to_read =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t first_version = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

// What landlock_create_ruleset() takes since version 6 (Linux 6.12); Debian 12's header has the first member only.
struct Attributes {
  std::uint64_t files = 0;
  std::uint64_t network = 0;
  std::uint64_t scopes = 0;
};
constexpr std::uint64_t scope_signals = 2;  // LANDLOCK_SCOPE_SIGNAL

class Ruleset {
 public:
  explicit Ruleset(bool closes_files) {
    const std::int64_t version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) return;
    if (closes_files) all_ = first_version;
#ifdef LANDLOCK_ACCESS_FS_REFER
    if (closes_files && version >= 2) all_ |= LANDLOCK_ACCESS_FS_REFER;  // or else renames between folders are always refused
#endif
    Attributes attributes{.files = all_};
    if (version >= 6) attributes.scopes = scope_signals;
    if (attributes.files == 0 && attributes.scopes == 0) return;
    const std::size_t size = version >= 6 ? sizeof attributes : sizeof attributes.files;
    fd_ = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0));
  }

  void allow(const std::string& path, std::uint64_t rights) {
    int parent = ::open(path.c_str(), O_PATH | O_CLOEXEC);
    if (parent < 0) return;
    struct stat info {};
    if (::fstat(parent, &info) == 0) {
      if (!S_ISDIR(info.st_mode)) rights &= on_files;
      landlock_path_beneath_attr rule{.allowed_access = rights & all_, .parent_fd = parent};
      ::syscall(SYS_landlock_add_rule, fd_, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    }
    ::close(parent);
  }
  void allow_all(const std::string& path) {
    allow(path, all_);
  }

  int fd() const {
    return fd_;
  }

 private:
  int fd_ = -1;
  std::uint64_t all_ = 0;
};

// Everything but the next step of the way, at each step.
void allow_neighbours(Ruleset& ruleset, const fs::path& closed) {
  fs::path at = closed.root_path();
  for (const fs::path& step : closed.relative_path()) {
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(at, failure)) {
      if (entry.path().filename() != step) ruleset.allow_all(entry.path().string());
    }
    at /= step;
  }
}

}  // namespace

int make_file_rules(const FileRules& rules) {
  std::error_code failure;
  fs::path closed = fs::canonical(rules.closed, failure);
  const bool closes_nothing = rules.closed.empty() || failure || closed == closed.root_path();
  const bool closes_files = !closes_nothing && *closed.relative_path().begin() != "tmp";
  Ruleset ruleset(closes_files);
  if (ruleset.fd() < 0 || !closes_files) return ruleset.fd();
  ruleset.allow("/", LANDLOCK_ACCESS_FS_READ_DIR);  // names may be listed everywhere; contents not
  allow_neighbours(ruleset, closed);
  for (const std::string& path : rules.readable) ruleset.allow(path, to_read);
  for (const std::string& path : rules.writable) ruleset.allow_all(path);
  return ruleset.fd();
}

}  // namespace croft::lambda
