// A backup of a data folder as files: `db/` and the rest, and backup.json, which names each with its length and digest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "text/json.h"
#include "types/result.h"
#include "types/timestamp.h"

namespace croft::cli {

struct BackedUpFile {
  std::string path;  // below the folder: "db/CURRENT"
  std::uint64_t bytes = 0;
  unsigned mode = 0600;
  std::string sha256;  // hex
};

struct BackupManifest {
  std::string store_format;
  Timestamp created;
  std::vector<BackedUpFile> files;
};

inline constexpr std::int64_t backup_format = 1;
inline constexpr const char* manifest_name = "backup.json";

// The text of backup.json and back. Errors: InvalidBackup (damaged, or not a backup), NewerBackup (made by a later croft).
std::string manifest_text(const BackupManifest& manifest);
Result<BackupManifest> read_manifest(const std::string& text);

// Copies a file, which gets mode `mode`, to a place where there is none, and syncs it. What it had, also when it grew
// meanwhile.
Result<BackedUpFile> copy_file(const std::string& from, const std::string& to, unsigned mode);

// Syncs a folder: the names in it.
Result<void> sync_folder(const std::string& path);

// A new folder beside `target`, on its file system, made to be renamed to it. It goes with its contents unless it became
// the target. It is locked (flock) while somebody makes it, so that what a process that was killed left can be told from it.
class FolderInTheMaking {
 public:
  // BackupRefused when `target` is there and not an empty folder. Removes folders of that kind for the same target that
  // nobody makes any more.
  static Result<FolderInTheMaking> beside(const std::string& target, const std::string& kind);
  FolderInTheMaking(FolderInTheMaking&& other) noexcept;
  FolderInTheMaking& operator=(FolderInTheMaking&&) = delete;
  ~FolderInTheMaking();

  const std::string& path() const { return path_; }
  // What was removed for it.
  const std::vector<std::string>& strays() const { return strays_; }
  // A folder in it and all above, if they are not there.
  Result<void> make_folder(const std::string& below);
  // Syncs all its folders and renames it.
  Result<void> become_target();

 private:
  FolderInTheMaking(std::string path, int lock, std::string target, std::vector<std::string> strays)
      : path_(std::move(path)), lock_(lock), target_(std::move(target)), strays_(std::move(strays)) {}
  std::string path_;  // "" once it became the target
  int lock_;          // its descriptor, -1 once moved away
  std::string target_;
  std::vector<std::string> strays_;
};

}  // namespace croft::cli
