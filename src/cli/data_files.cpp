#include "cli/data_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include "text/digest.h"
#include "text/encoding.h"
#include "text/running_digest.h"
#include "text/time.h"

namespace croft::cli {

namespace {

constexpr std::size_t buffer_bytes = 1 << 20;

Error file_failure(const std::string& doing, const std::string& path) {
  return {"FileFailure", "cannot " + doing + " " + path + ": " + std::generic_category().message(errno)};
}

Error invalid(const std::string& why) { return {"InvalidBackup", why}; }

struct OpenFile {
  explicit OpenFile(int opened) : descriptor(opened) {}
  OpenFile(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor >= 0) ::close(descriptor);
  }
  int descriptor;
};

bool write_whole(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// What a manifest says, in one text whose digest it carries: a manifest that was changed or cut shows.
std::string digest_of(const BackupManifest& manifest) {
  std::string all = manifest.store_format + '\n' + std::to_string(manifest.created.ms) + '\n';
  for (const BackedUpFile& file : manifest.files) {
    all += file.path + '\n' + std::to_string(file.bytes) + ' ' + std::to_string(file.mode) + ' ' + file.sha256 + '\n';
  }
  return text::hex(text::sha256(all));
}

// A path that stays below the folder it is joined to, and is no second name of another.
bool is_inside(const std::string& path) {
  const std::filesystem::path p(path);
  if (path.empty() || p.is_absolute() || path.find('\0') != std::string::npos) return false;
  if (p.lexically_normal().string() != path || path.ends_with('/')) return false;
  return std::none_of(p.begin(), p.end(), [](const auto& part) { return part == ".." || part == "."; });
}

Result<BackedUpFile> read_entry(const json::value& value) {
  if (!value.is_object()) return invalid("backup.json is damaged");
  const json::object& o = value.get_object();
  BackedUpFile file;
  file.path = json::string_or(o, "path", "");
  file.bytes = static_cast<std::uint64_t>(json::int_or(o, "bytes", 0));
  file.mode = static_cast<unsigned>(json::int_or(o, "mode", 0600)) & 0777;
  file.sha256 = json::string_or(o, "sha256", "");
  if (!is_inside(file.path)) return invalid("backup.json names a file outside of the backup");
  return file;
}

}  // namespace

std::string manifest_text(const BackupManifest& manifest) {
  json::array files;
  for (const BackedUpFile& file : manifest.files) {
    files.push_back(json::object{
        {"path", file.path}, {"bytes", file.bytes}, {"mode", file.mode}, {"sha256", file.sha256}});
  }
  const json::object document{{"format", backup_format},
                              {"storeFormat", manifest.store_format},
                              {"created", manifest.created.ms},
                              {"createdAt", text::iso8601(manifest.created)},
                              {"files", std::move(files)},
                              {"sha256", digest_of(manifest)}};
  return json::pretty(document) + "\n";
}

Result<BackupManifest> read_manifest(const std::string& text) {
  auto parsed = json::parse(text);
  if (!parsed || !parsed->is_object()) return invalid("backup.json is damaged");
  const json::object& o = parsed->get_object();
  const std::int64_t format = json::int_or(o, "format", 0);
  if (format > backup_format) {
    return Error{"NewerBackup", "the backup has format " + std::to_string(format) + ", this croft reads up to " +
                                    std::to_string(backup_format)};
  }
  const json::value* files = json::find(o, "files");
  if (format < 1 || !files || !files->is_array()) return invalid("backup.json is damaged");
  BackupManifest manifest;
  manifest.store_format = json::string_or(o, "storeFormat", "");
  manifest.created = {json::int_or(o, "created", 0)};
  for (const json::value& entry : files->get_array()) {
    auto file = read_entry(entry);
    if (!file) return file.error();
    manifest.files.push_back(std::move(*file));
  }
  if (json::string_or(o, "sha256", "") != digest_of(manifest)) return invalid("backup.json is damaged");
  return manifest;
}

Result<BackedUpFile> copy_file(const std::string& from, const std::string& to, unsigned mode) {
  const OpenFile in(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (in.descriptor < 0) return file_failure("read", from);
  const OpenFile out(::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (out.descriptor < 0) return file_failure("make", to);
  BackedUpFile copied;
  copied.mode = mode & 0777;
  text::RunningSha256 digest;
  const auto buffer = std::make_unique<char[]>(buffer_bytes);
  for (;;) {
    const ssize_t count = ::read(in.descriptor, buffer.get(), buffer_bytes);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_failure("read", from);
    if (count == 0) break;
    const std::string_view bytes(buffer.get(), static_cast<std::size_t>(count));
    if (!write_whole(out.descriptor, bytes)) return file_failure("write", to);
    digest.add(bytes);
    copied.bytes += bytes.size();
  }
  if (::fchmod(out.descriptor, copied.mode) != 0 || ::fsync(out.descriptor) != 0) return file_failure("write", to);
  copied.sha256 = text::hex(digest.finish());
  return copied;
}

Result<void> sync_folder(const std::string& path) {
  const OpenFile folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.descriptor < 0 || ::fsync(folder.descriptor) != 0) return file_failure("sync", path);
  return {};
}

namespace {

constexpr std::size_t random_letters = 6;  // mkdtemp's

int open_folder(const std::string& path) { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }

bool is_still_at(const std::string& path, int folder) {
  struct stat now {}, opened {};
  return ::lstat(path.c_str(), &now) == 0 && ::fstat(folder, &opened) == 0 && now.st_dev == opened.st_dev &&
         now.st_ino == opened.st_ino;
}

bool is_letter_of_mkdtemp(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

// The user's own folder of which nobody holds the lock: whoever made it is gone.
bool remove_if_left(const std::string& path) {
  const OpenFile folder(open_folder(path));
  struct stat status {};
  if (folder.descriptor < 0 || ::fstat(folder.descriptor, &status) != 0 || status.st_uid != ::geteuid()) return false;
  if (::flock(folder.descriptor, LOCK_EX | LOCK_NB) != 0 || !is_still_at(path, folder.descriptor)) return false;
  std::error_code failure;
  std::filesystem::remove_all(path, failure);
  return !failure;
}

// Those that are named `prefix` and what mkdtemp adds.
std::vector<std::string> remove_strays(const std::string& prefix) {
  std::vector<std::string> removed, found;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(prefix).parent_path(), ignored)) {
    const std::string path = entry.path().string();
    const bool is_named_so = path.size() == prefix.size() + random_letters && path.starts_with(prefix) &&
                             std::all_of(path.end() - random_letters, path.end(), is_letter_of_mkdtemp);
    if (is_named_so) found.push_back(path);
  }
  std::sort(found.begin(), found.end());
  for (std::string& path : found)
    if (remove_if_left(path)) removed.push_back(std::move(path));
  return removed;
}

}  // namespace

Result<FolderInTheMaking> FolderInTheMaking::beside(const std::string& wanted, const std::string& kind) {
  std::error_code failure;
  std::filesystem::path target = std::filesystem::absolute(wanted, failure).lexically_normal();
  if (target.filename().empty()) target = target.parent_path();
  if (std::filesystem::exists(std::filesystem::symlink_status(target, failure))) {
    if (!std::filesystem::is_directory(target, failure)) return Error{"BackupRefused", target.string() + " is not a folder"};
    if (!std::filesystem::is_empty(target, failure) || failure) {
      return Error{"BackupRefused", target.string() + " is not empty: name a folder that is not there yet"};
    }
  }
  std::filesystem::create_directories(target.parent_path(), failure);
  const std::string prefix = target.string() + "." + kind + "-";
  std::vector<std::string> strays = remove_strays(prefix);
  constexpr int attempts_max = 10;
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    std::string path = prefix + std::string(random_letters, 'X');
    if (!::mkdtemp(path.data())) return file_failure("make a folder beside", target.string());
    const int lock = open_folder(path);
    const bool is_taken = ::flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;  // somebody took it for a stray
    if (!is_taken && is_still_at(path, lock)) return FolderInTheMaking(path, lock, target.string(), std::move(strays));
    if (lock >= 0) ::close(lock);
  }
  return Error{"FileFailure", "cannot keep a folder beside " + target.string() + ": somebody removes it"};
}

FolderInTheMaking::FolderInTheMaking(FolderInTheMaking&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      lock_(std::exchange(other.lock_, -1)),
      target_(std::move(other.target_)),
      strays_(std::move(other.strays_)) {}

FolderInTheMaking::~FolderInTheMaking() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  if (lock_ >= 0) ::close(lock_);
}

Result<void> FolderInTheMaking::make_folder(const std::string& below) {
  std::error_code failure;
  std::filesystem::create_directories(path_ + "/" + below, failure);
  if (failure) return Error{"FileFailure", "cannot make " + path_ + "/" + below + ": " + failure.message()};
  return {};
}

Result<void> FolderInTheMaking::become_target() {
  std::error_code failure;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path_, failure)) {
    if (!entry.is_directory(failure)) continue;
    if (auto synced = sync_folder(entry.path().string()); !synced) return synced;
  }
  if (auto synced = sync_folder(path_); !synced) return synced;
  if (::rename(path_.c_str(), target_.c_str()) != 0) return file_failure("make", target_);
  path_.clear();
  return sync_folder(std::filesystem::path(target_).parent_path().string());
}

}  // namespace croft::cli
