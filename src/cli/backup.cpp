// The whole data folder of a croft, copied while it runs and put back while it does not.
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/aws_api.h"
#include "cli/commands.h"
#include "cli/data_files.h"
#include "cli/terminal.h"
#include "device/config.h"
#include "text/time.h"

namespace croft::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view store_format = "1";  // what this croft's store reads

// What a running croft makes anew: its rows come from the copy of the store.
constexpr std::array<std::string_view, 7> left_out = {"db",      "checkpoints",   "functions",     "runtimes",
                                                      "tmp", "credentials", "endpoints.json"};

unsigned mode_of(const fs::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 ? status.st_mode & 0777 : 0600;
}

// Below `base`, in their order: regular files alone. Links, sockets and pipes are nothing of croft's.
std::vector<std::string> files_below(const fs::path& base, bool is_data_folder) {
  std::vector<std::string> found;
  std::error_code ignored;
  fs::recursive_directory_iterator at(base, fs::directory_options::skip_permission_denied, ignored), end;
  for (; at != end; at.increment(ignored)) {
    const std::string path = fs::relative(at->path(), base, ignored).string();
    const bool is_top = at.depth() == 0;
    if (is_data_folder && is_top && std::find(left_out.begin(), left_out.end(), path) != left_out.end()) {
      at.disable_recursion_pending();
      continue;
    }
    if (at->symlink_status(ignored).type() == fs::file_type::regular && !path.ends_with(".new")) found.push_back(path);
  }
  std::sort(found.begin(), found.end());
  return found;
}

// Copies `names`, which are below `from`, to `into` below `to`, and notes them. `may_go`: a file that is gone by now is
// left out.
Result<void> copy_all(const std::string& from, const std::vector<std::string>& names, const std::string& into,
                      bool may_go, FolderInTheMaking& to, BackupManifest& manifest) {
  for (const std::string& name : names) {
    const std::string path = into + name, source = from + "/" + name;
    if (auto made = to.make_folder(fs::path(path).parent_path().string()); !made) return made;
    auto copied = copy_file(source, to.path() + "/" + path, mode_of(source));
    if (!copied && may_go && !fs::exists(source)) continue;
    if (!copied) return copied.error();
    copied->path = path;
    manifest.files.push_back(std::move(*copied));
  }
  return {};
}

Result<void> write_manifest(const FolderInTheMaking& folder, const BackupManifest& manifest) {
  const std::string path = folder.path() + "/" + manifest_name, draft = path + ".new";
  {
    std::ofstream file(draft, std::ios::binary | std::ios::trunc);
    file << manifest_text(manifest);
    if (!file.flush()) return Error{"FileFailure", "cannot write " + path};
  }
  auto written = copy_file(draft, path, 0600);  // syncs it
  std::error_code ignored;
  fs::remove(draft, ignored);
  if (!written) return written.error();
  return {};
}

// The copy of the store that the running croft made for us, below its data folder; it goes with this.
class StoreCopy {
 public:
  static Result<StoreCopy> begin(const AwsApi& api) {
    auto begun = api.json("croft", "Croft_1.BeginBackup", {});
    if (!begun) return begun.error();
    StoreCopy copy(api);
    copy.id_ = json::string_or(*begun, "BackupId", "");
    copy.format_ = json::string_or(*begun, "StoreFormat", "");
    copy.folder_ = json::string_or(*begun, "DataFolder", "");
    copy.path_ = copy.folder_ + "/" + std::string(json::string_or(*begun, "Path", ""));
    return copy;
  }
  StoreCopy(StoreCopy&& other) noexcept = default;
  StoreCopy& operator=(StoreCopy&&) = delete;
  ~StoreCopy() {
    if (!id_.empty()) static_cast<void>(api_.json("croft", "Croft_1.EndBackup", {{"BackupId", id_}}));
  }

  const std::string& path() const { return path_; }
  const std::string& data_folder() const { return folder_; }
  const std::string& format() const { return format_; }

 private:
  explicit StoreCopy(const AwsApi& api) : api_(api) {}
  const AwsApi& api_;
  std::string id_, path_, folder_, format_;
};

// One line, whatever became of it.
void tell_strays(const FolderInTheMaking& folder, const std::string& kind) {
  std::string names;
  for (const std::string& path : folder.strays()) names += (names.empty() ? "" : ", ") + path;
  if (!names.empty()) print_line("Removed what a " + kind + " that was cut off left: " + names);
}

// A backup in the data folder would be part of the next one, and of itself.
bool is_below(const std::string& path, const std::string& folder) {
  std::error_code ignored;
  const fs::path relative = fs::weakly_canonical(path, ignored).lexically_relative(fs::weakly_canonical(folder, ignored));
  return !relative.empty() && *relative.begin() != "..";
}

Result<BackupManifest> make_backup(const AwsApi& api, const std::string& target) {
  auto folder = FolderInTheMaking::beside(target, "backup");
  if (!folder) return folder.error();
  tell_strays(*folder, "backup");
  auto store = StoreCopy::begin(api);
  if (!store) return store.error();
  if (!fs::exists(store->path() + "/db/CURRENT")) {
    return Error{"NotHere", "croft keeps its data in " + store->data_folder() +
                                ", which cannot be read from here: run `croft backup` on its machine, as a user who may"};
  }
  if (is_below(target, store->data_folder())) {
    return Error{"BackupRefused", target + " is in the data folder: name a folder outside of it"};
  }
  BackupManifest manifest{store->format(), Timestamp::now(), {}};
  auto copied = copy_all(store->path() + "/db", files_below(store->path() + "/db", false), "db/", false, *folder, manifest);
  if (copied) copied = copy_all(store->data_folder(), files_below(store->data_folder(), true), "", true, *folder, manifest);
  if (copied) copied = write_manifest(*folder, manifest);
  if (copied) copied = folder->become_target();
  if (!copied) return copied.error();
  return manifest;
}

std::string size_text(const BackupManifest& manifest) {
  std::uint64_t bytes = 0;
  for (const BackedUpFile& file : manifest.files) bytes += file.bytes;
  return std::to_string(manifest.files.size()) + " files, " + std::to_string((bytes + 1023) / 1024) + " KB";
}

Result<BackupManifest> manifest_of(const std::string& backup) {
  std::ifstream file(backup + "/" + manifest_name, std::ios::binary);
  if (!file) return Error{"InvalidBackup", backup + " is not a backup: it has no " + manifest_name};
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto manifest = read_manifest(text);
  if (!manifest) return manifest;
  if (manifest->store_format != store_format) {
    return Error{"NewerBackup", "the backup's store has format " + manifest->store_format + ", this croft reads " +
                                    std::string(store_format)};
  }
  return manifest;
}

// Whether a croft runs on that folder. A process that is gone may have left its endpoints.json.
bool is_in_use(const Place& place) {
  if (place.endpoints.pid <= 0) return false;
  const bool is_alive = ::kill(place.endpoints.pid, 0) == 0 || errno == EPERM;
  return is_alive && fs::exists(place.data_folder + "/endpoints.json");
}

Result<void> put_back(const std::string& backup, const BackupManifest& manifest, const std::string& target) {
  auto folder = FolderInTheMaking::beside(target, "restore");
  if (!folder) return folder.error();
  tell_strays(*folder, "restore");
  for (const BackedUpFile& file : manifest.files) {
    if (auto made = folder->make_folder(fs::path(file.path).parent_path().string()); !made) return made;
    auto copied = copy_file(backup + "/" + file.path, folder->path() + "/" + file.path, file.mode);
    if (!copied && !fs::exists(backup + "/" + file.path)) {
      return Error{"InvalidBackup", "the backup is damaged: " + file.path + " is missing"};
    }
    if (!copied) return copied.error();
    if (copied->bytes != file.bytes || copied->sha256 != file.sha256) {
      return Error{"InvalidBackup", "the backup is damaged: " + file.path + " is not as it was written"};
    }
  }
  return folder->become_target();
}

}  // namespace

int backup(const BackupOptions& options) {
  auto place = find_place(options.place);
  if (!place) return fail(place.error());
  const AwsApi api(*place);
  auto made = make_backup(api, options.folder);
  if (!made) return fail(made.error());
  print_line("Backed up " + place->data_folder + " to " + options.folder + ": " + size_text(*made));
  return 0;
}

int restore(const BackupOptions& options) {
  auto place = find_listeners(options.place);
  if (!place) return fail(place.error());
  auto manifest = manifest_of(options.folder);
  if (!manifest) return fail(manifest.error());
  if (is_in_use(*place)) {
    return fail({"InUse", "a croft runs on " + place->data_folder + ": stop it, and name a folder that is empty"});
  }
  if (auto done = put_back(options.folder, *manifest, place->data_folder); !done) return fail(done.error());
  print_line("Restored " + place->data_folder + " to " + text::iso8601(manifest->created) + ": " + size_text(*manifest) +
             "\nStart it with:\n  croft serve --data " + place->data_folder);
  return 0;
}

}  // namespace croft::cli
