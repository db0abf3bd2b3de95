// Deployment packages: reading the zip files that others made, and making croft's own.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "types/result.h"

namespace croft::lambda {

// Unpacks a deployment package into `folder`, which must not exist yet. All or nothing: on any refusal the folder is
// gone again. Refuses with AWS's "Could not unzip" what is no zip or fails its checksum, names that are absolute,
// leave the folder (`..`), pass through a symbolic link or appear twice, links that point out, devices and encrypted
// entries; and what unpacks to more than 250 MB. Files become 0644, or 0755 when the zip says executable.
//
// Threads: any. Blocks: call it on the Pool.
Result<void> unzip(std::string_view zip, const std::string& folder);

struct ArchiveFile {
  std::string path;  // relative, with forward slashes
  std::string bytes;
  bool executable = false;
};

// The same files always give the same bytes: names sorted, no times, no owners. Blocks.
Result<std::string> zip_files(std::vector<ArchiveFile> files);

// Everything below `folder`; symbolic links are followed to files. FolderUnreadable, ArchiveTooLarge for people.
Result<std::string> zip_folder(const std::string& folder);

// The package that AWS makes of a template's inline code: index.py or index.js, by the runtime.
Result<std::string> zip_inline_code(std::string_view runtime, std::string code);

}  // namespace croft::lambda
