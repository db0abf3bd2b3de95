#include "store/log_files.h"

#include <fcntl.h>
#include <rocksdb/file_system.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace croft {

namespace {

// How far the zeros reach before what is written: little in a log that has little, so that a quiet croft's folder stays small.
constexpr std::uint64_t room_min_bytes = 64 << 10;
constexpr std::uint64_t room_max_bytes = 1 << 20;

// Ends the process at a write that fails, before RocksDB knows: a sync by another thread that comes then meets an assertion of
// Debian's build, which says nothing of the disk and ends with another code.
class LogFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  LogFile(std::unique_ptr<rocksdb::FSWritableFile> file, const std::string& path)
      : FSWritableFileOwnerWrapper(std::move(file)), descriptor_(open(path.c_str(), O_WRONLY | O_CLOEXEC)) {}
  ~LogFile() override {
    if (descriptor_ >= 0) close(descriptor_);
  }

  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    make_room(data.size());
    return checked(FSWritableFileOwnerWrapper::Append(data, options, debug));
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& verification, rocksdb::IODebugContext* debug) override {
    make_room(data.size());
    return checked(FSWritableFileOwnerWrapper::Append(data, options, verification, debug));
  }

 private:
  static rocksdb::IOStatus checked(rocksdb::IOStatus status) {
    if (!status.ok()) stop_on(status, "writing");
    return status;
  }

  // A failure is no loss: the log then grows as it is written, and a full disk is told of by that write.
  void make_room(std::uint64_t bytes) {
    static const std::array<char, room_min_bytes> zeros{};
    written_ += bytes;
    if (written_ <= end_ || descriptor_ < 0) return;
    const std::uint64_t room = std::clamp(written_ / 4 / room_min_bytes * room_min_bytes, room_min_bytes, room_max_bytes);
    for (end_ = written_; end_ < written_ + room; end_ += zeros.size())
      if (pwrite(descriptor_, zeros.data(), zeros.size(), static_cast<off_t>(end_)) != static_cast<ssize_t>(zeros.size())) return;
  }

  int descriptor_;
  std::uint64_t written_ = 0, end_ = 0;  // bytes of records; where the zeros end
};

class Files final : public rocksdb::FileSystemWrapper {
 public:
  Files() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "croft"; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file, rocksdb::IODebugContext* debug) override {
    rocksdb::IOStatus made = FileSystemWrapper::NewWritableFile(path, options, file, debug);
    const std::filesystem::path name(path);
    const bool is_of_checkpoint = name.parent_path().extension() == ".tmp";  // may fail, and only the checkpoint with it
    if (made.ok() && name.extension() == ".log" && !is_of_checkpoint) *file = std::make_unique<LogFile>(std::move(*file), path);
    return made;
  }
};

}  // namespace

void stop_on(const rocksdb::Status& status, const char* doing) {
  std::fprintf(stderr, "croft: the data folder failed while %s: %s; stopping so that nothing wrong is acknowledged\n",
               doing, status.ToString().c_str());
  std::_Exit(70);  // EX_SOFTWARE; no destructors: they would write
}

rocksdb::Env* env_on_disk() {
  static const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(std::make_shared<Files>());
  return env.get();
}

}  // namespace croft
